"""A voice: glottal pulses through formants that move."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FRAME = 0.024  # seconds; formants move between frames that overlap by half
BANDWIDTHS = (80.0, 100.0, 150.0)  # Hz, of F1 to F3


def track(time: np.ndarray, knots: Sequence[tuple[float, float]]) -> np.ndarray:
    """Straight lines between knots (second, value), at ``time`` seconds, float64 (samples,)."""
    seconds, values = np.array(knots, dtype=float).T
    return np.interp(time, seconds, values)


def pulses(f0: np.ndarray, sampling_rate: int) -> np.ndarray:
    """A pulse train at ``f0`` Hz, float64 (samples,) each, RMS 1: Σ exp(−k f0 / corner) cos(kφ).

    The sum over harmonics k in closed form is Poisson's kernel, smooth in the phase φ: unlike pulses that are
    placed at samples it is free of jitter, and last-bit differences of the phase stay last-bit differences.
    The corner, 3 kHz at most, keeps what lies above half the sampling rate 26 dB down.
    """
    decay = np.exp(-f0 / min(3000.0, sampling_rate / 6))
    cosine = np.cos(2 * np.pi * np.cumsum(f0) / sampling_rate)
    train = (1 - decay**2) / (1 - 2 * decay * cosine + decay**2) - 1
    return train * np.sqrt((1 - decay**2) / 2) / decay


def vocal_tract(
    source: np.ndarray, times: np.ndarray, formants: np.ndarray, length: float, sampling_rate: int
) -> np.ndarray:
    """The source, float64 (samples,), through resonances in cascade, float64 (samples,).

    ``formants`` is float64 (knots, 3), F1 to F3 in Hz of a tract of 17.5 cm at ``times`` (knots,) seconds,
    linear between; those above lie 1 kHz apart from 3.5 kHz on, as in a uniform tube, and ``length`` (1 for
    17.5 cm) divides them all. Each frame is filtered by Π F² / (F² − f² + jfB) as of its middle, and the
    source falls by 6 dB per octave from 250 to 1500 Hz. Source: Fant 1960, Acoustic Theory of Speech
    Production; bandwidths: Klatt 1980 (J. Acoust. Soc. Am. 67, 971).
    """
    hop = round(FRAME / 2 * sampling_rate)
    count = len(source) // hop + 2
    padded = np.zeros((count + 1) * hop)
    padded[hop : hop + len(source)] = source
    window = np.sin(np.pi * (np.arange(2 * hop) + 0.5) / (2 * hop)) ** 2  # two that overlap by half sum to 1
    frames = np.lib.stride_tricks.sliding_window_view(padded, 2 * hop)[::hop] * window
    hz = np.fft.rfftfreq(4 * hop, 1 / sampling_rate)
    fixed = np.sqrt((1 + (hz / 1500) ** 2) / (1 + (hz / 250) ** 2)) + 0j
    for resonance in np.arange(3500, 0.6 * sampling_rate, 1000) / length:
        fixed *= resonance**2 / (resonance**2 - hz**2 + 0.08j * hz * resonance)
    spectra = np.fft.rfft(frames, 4 * hop) * fixed
    middles = np.arange(count) * hop / sampling_rate
    for formant, bandwidth in zip(formants.T, BANDWIDTHS, strict=True):
        squared = np.interp(middles, times, formant / length)[:, None] ** 2
        spectra *= squared / (squared - hz**2 + 1j * hz * bandwidth)
    blocks = np.fft.irfft(spectra).reshape(count, 4, hop)
    out = np.zeros((count + 3, hop))
    for part in range(4):
        out[part : part + count] += blocks[:, part]
    return out.ravel()[hop : hop + len(source)]
