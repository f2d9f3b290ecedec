"""The spectral envelope of speech, exchanged frame by frame.

Linear prediction splits a frame into a source and a vocal tract 1 / A (Markel and Gray, Linear Prediction of
Speech, 1976). A frame's spectrum times A / B has the tract 1 / B, and still its source: its F0, its harmonics
and its timing. A tract whose frequencies are multiplied by a factor is B at the frequencies divided by it.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..timing.stretch import MAKE_UP
from ..wave import SILENCE, rms

FRAME = 0.032  # seconds
OVERLAP = 4  # frames over each sample; their squared Hann windows sum to 1.5
AT_ONCE = 32  # frames: as many as the processor's cache holds
FLOOR = 1e-4  # of a frame's power as white noise beneath it: no envelope spans more than 40 dB
LARGEST = 10**1.5  # 30 dB: the gain of a frequency over that of the frame; what was empty is not filled
PREEMPHASIS = 0.97  # takes the tilt of the voice out of the prediction


def exchanged(wave: np.ndarray, reference: np.ndarray, sampling_rate: int, factor: float = 1.0) -> np.ndarray:
    """The wave with the envelope of the reference, its frequencies multiplied by ``factor``.

    Args:
        wave: float (samples,).
        reference: float (samples,), of the same length, aligned in time.
        sampling_rate: Hz.
        factor: of the formants' frequencies. What lies beyond the band stays away; what comes into it
            from beyond is the envelope at its edge, held.

    Returns:
        float64 (samples,), with the energy of the reference in each frame and over all; where the wave has
        less by more than 12 dB, 12 dB are made up for.
    """
    level = rms(reference)
    if level < SILENCE:
        return np.zeros(len(wave))
    hop = round(FRAME * sampling_rate / OVERLAP)
    size = OVERLAP * hop
    window = np.hanning(size + 1)[:-1]
    bins = 1 << (2 * size - 1).bit_length()
    radians = 2 * np.pi * np.arange(bins // 2 + 1) / bins
    delays = np.arange(3 + sampling_rate // 1000)  # two per kHz of the band for a tract of 17 cm, and two
    here, there = (np.exp(-1j * np.outer(delays, r)) for r in (radians, np.minimum(radians / factor, np.pi)))
    emphasis = np.abs(1 - PREEMPHASIS * np.exp(-1j * radians)) ** 2
    sources, targets = (
        sliding_window_view(np.pad(w / level, (size, 2 * size)).astype(np.float64), size)[::hop]
        for w in (wave, reference)
    )
    out = np.zeros((len(sources) + OVERLAP, hop))
    for first in range(0, len(sources), AT_ONCE):
        spectra = wanted = np.fft.rfft(targets[first : first + AT_ONCE] * window, bins)
        source = tract = _predicted(wanted, emphasis, len(delays) - 1)
        if wave is not reference:
            spectra = np.fft.rfft(sources[first : first + AT_ONCE] * window, bins)
            source = _predicted(spectra, emphasis, len(delays) - 1)
        gain = (source @ here) / (tract @ there)
        gain *= np.minimum(1, LARGEST * _ratio(spectra * gain, spectra) / np.abs(gain))
        gain *= np.minimum(_ratio(wanted, spectra), MAKE_UP) * _ratio(spectra, spectra * gain)
        frames = np.fft.irfft(spectra * gain, bins)[:, :size] * window
        for part in range(OVERLAP):
            out[first + part : first + part + len(frames)] += frames[:, part * hop : (part + 1) * hop]
    result = out.ravel()[size : size + len(wave)]
    return result * (level * min(1 / max(rms(result), SILENCE), MAKE_UP))


def _predicted(spectra: np.ndarray, emphasis: np.ndarray, order: int) -> np.ndarray:
    """The prediction error filters A, float64 (frames, order + 1), by the autocorrelation method."""
    lags = np.fft.irfft(np.abs(spectra) ** 2 * emphasis)[:, : order + 1]
    lags[:, 0] = lags[:, 0] * (1 + FLOOR) + 1e-20  # of silence: A is 1
    across = np.abs(np.subtract.outer(np.arange(order), np.arange(order)))
    found = np.linalg.solve(lags[:, across], lags[:, 1:, None])[..., 0]
    return np.concatenate([np.ones((len(found), 1)), -found], axis=1)


def _ratio(spectra: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How many times the RMS of the frames is that of others, (frames, 1)."""
    energy, other = (np.sum(np.square(np.abs(s)), axis=1, keepdims=True) for s in (spectra, others))
    return np.sqrt(energy / np.maximum(other, SILENCE**2))
