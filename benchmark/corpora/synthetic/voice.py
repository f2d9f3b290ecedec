"""Source and filter: a glottal source, noise, and a vocal tract whose formants move.

Fant 1960, *Acoustic theory of speech production*; the pulse is the trigonometric one of Rosenberg 1971,
*Effect of glottal pulse shape on the quality of natural vowels*; the tract is a cascade of resonators
as in Klatt 1980, *Software for a cascade/parallel formant synthesizer*.
"""

from __future__ import annotations

import numpy as np

from .articulation import Tracks
from .prosody import HOP, Prosody

SAMPLING_RATE = 16_000  # Hz
HIGHER_FORMANTS = (3500.0, 4500.0)  # Hz, F4 and F5 for a tract of 17 cm
BANDWIDTHS = np.array([70.0, 90.0, 130.0, 200.0, 280.0])  # Hz, F1–F5
TILT_CORNER = 500.0  # Hz, above which the spectral tilt sets in
SHIMMER = 0.04  # sd of a pulse's amplitude
FFT = 1024  # samples: 64 ms, in which a window's narrowest resonance dies away by 80 dB
HOP_SAMPLES = int(HOP * SAMPLING_RATE)


def speak(voice: Prosody, tracks: Tracks, breath: float, rng: np.random.Generator) -> np.ndarray:
    """Synthesise an utterance.

    Args:
        voice: pitch, tilt, level.
        tracks: what the articulators do.
        breath: amplitude of aspiration relative to the glottal flow.
        rng: draws jitter, shimmer and noise.

    Returns:
        float64 (samples,) at 16 kHz, without noise floor, at ``voice.level`` dBFS.
    """
    samples = int(voice.seconds * SAMPLING_RATE)
    frames = np.arange(len(voice.f0)) * HOP_SAMPLES
    position = np.arange(samples)
    noise = rng.standard_normal(samples + 1)
    flow = glottal_flow(np.interp(position, frames, voice.f0), voice.open_quotient, voice.jitter, rng)
    # The lips radiate the derivative; a difference of the sampled flow is its mean over each sample.
    pulses = np.diff(flow, prepend=0.0) + breath * flow * noise[1:]
    voiced = np.interp(position, frames, tracks.voiced) * pulses
    frication = np.interp(position, frames, tracks.noise) * np.diff(noise)
    wave = vocal_tract(voiced + frication, tracks, voice.formant_scale, voice.tilt)
    return wave * 10.0 ** (voice.level / 20.0) / np.sqrt(np.mean(wave**2))


def glottal_flow(f0: np.ndarray, open_quotient: float, jitter: float, rng: np.random.Generator) -> np.ndarray:
    """Air through the glottis: a pulse per period, rising for two thirds of the open phase.

    Args:
        f0: float64 (samples,), Hz.
        open_quotient: share of a period in which the glottis is open, (0, 1].
        jitter: sd of the pulses' displacement relative to a period.
        rng: draws jitter and shimmer.

    Returns:
        float64 (samples,), about [0, 1].
    """
    phase = np.cumsum(f0) / SAMPLING_RATE
    position = np.arange(len(f0))
    borders = np.interp(np.arange(int(phase[-1]) + 2), phase, position)
    borders[-1] = max(borders[-1], borders[-2]) + SAMPLING_RATE / f0[-1]
    borders[1:-1] += np.clip(jitter * rng.standard_normal(len(borders) - 2), -0.2, 0.2) * np.diff(borders[1:])
    phase = np.interp(position, borders, np.arange(len(borders)))
    pulse = phase.astype(np.int64)
    part = (phase - pulse) / open_quotient
    rising = 0.5 * (1.0 - np.cos(1.5 * np.pi * part))
    falling = np.cos(1.5 * np.pi * (part - 2.0 / 3.0))
    flow = np.where(part < 2.0 / 3.0, rising, np.where(part < 1.0, falling, 0.0))
    return flow * (1.0 + SHIMMER * rng.standard_normal(len(borders)))[pulse]


def vocal_tract(source: np.ndarray, tracks: Tracks, formant_scale: float, tilt: float) -> np.ndarray:
    """Filter the source frame by frame: overlapping Hann windows, each through its own formants.

    Args:
        source: float64 (samples,) at 16 kHz.
        tracks: formants and damping per frame.
        formant_scale: multiplies all formants: the inverse of the tract's length.
        tilt: dB per octave above 500 Hz.

    Returns:
        float64 (samples,).
    """
    frames = len(tracks.formants)
    padded = np.zeros((frames + 1) * HOP_SAMPLES)
    padded[HOP_SAMPLES : HOP_SAMPLES + len(source)] = source[: frames * HOP_SAMPLES]
    window = np.sin(np.pi * np.arange(2 * HOP_SAMPLES) / (2 * HOP_SAMPLES)) ** 2  # sums to 1 at this hop
    pieces = np.lib.stride_tricks.sliding_window_view(padded, 2 * HOP_SAMPLES)[::HOP_SAMPLES] * window
    frequency = np.fft.rfftfreq(FFT, 1.0 / SAMPLING_RATE)
    slope = (1.0 + 1j * frequency / TILT_CORNER) ** (-tilt / 6.02)  # causal, a power of a one-pole low-pass
    denominator = np.fft.rfft(resonators(tracks, formant_scale), FFT, axis=1)
    gain = denominator[:, :1].real  # unit gain at 0 Hz, as Klatt's resonators
    filtered = np.fft.irfft(np.fft.rfft(pieces, FFT, axis=1) * (slope * gain / denominator), FFT, axis=1)
    wave = np.zeros((frames + FFT // HOP_SAMPLES + 1) * HOP_SAMPLES)
    hops = wave.reshape(-1, HOP_SAMPLES)
    for i in range(0, FFT, HOP_SAMPLES):
        part = filtered[:, i : i + HOP_SAMPLES]
        first = i // HOP_SAMPLES
        hops[first : first + frames, : part.shape[1]] += part
    return wave[HOP_SAMPLES : HOP_SAMPLES + len(source)]


def resonators(tracks: Tracks, formant_scale: float) -> np.ndarray:
    """Denominator of the tract's transfer function, five resonators in a row.

    Returns:
        float64 (frames, 11): coefficients of z^0, z^-1, … z^-10.
    """
    frames = len(tracks.formants)
    higher = np.broadcast_to(HIGHER_FORMANTS, (frames, 2))
    formants = formant_scale * np.concatenate([tracks.formants, higher], axis=1)
    widths = formant_scale * BANDWIDTHS * np.where(np.arange(5) < 3, tracks.damping[:, None], 1.0)
    radius = np.exp(-np.pi * widths / SAMPLING_RATE)
    middle = -2.0 * radius * np.cos(2.0 * np.pi * formants / SAMPLING_RATE)
    polynomial = np.zeros((frames, 11))
    polynomial[:, 0] = 1.0
    for k in range(5):
        shifted = polynomial.copy()
        shifted[:, 1:] += middle[:, k, None] * polynomial[:, :-1]
        shifted[:, 2:] += radius[:, k, None] ** 2 * polynomial[:, :-2]
        polynomial = shifted
    return polynomial
