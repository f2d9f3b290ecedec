"""Gaussian noise of a given spectrum: what hisses, rumbles and slow drifts are made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def shaped(
    samples: int, amplitude: Callable[[np.ndarray], np.ndarray], sampling_rate: int, rng: np.random.Generator
) -> np.ndarray:
    """Stationary Gaussian noise, float64 (samples,), of an expected RMS of 1 and no DC.

    ``amplitude`` gives the amplitude spectrum, in any unit, at float64 (bins,) Hz, all above 0. The real and
    the imaginary part of each bin are drawn, as in Timmer & König 1995 (Astron. Astrophys. 300, 707); the
    bins lie 2 Hz apart at most, so that a short stretch is a cut from longer noise.
    """
    from scipy.fft import next_fast_len

    size = next_fast_len(max(samples, sampling_rate // 2), real=True)
    gains = amplitude(np.fft.rfftfreq(size, 1 / sampling_rate)[1:])
    spectrum = np.zeros(size // 2 + 1, complex)
    spectrum[1:].real, spectrum[1:].imag = gains * rng.standard_normal((2, len(gains)))
    wave = np.fft.irfft(spectrum, size)[:samples]
    return wave * size / (2 * np.sqrt(np.sum(np.square(gains))))


def band(hz: np.ndarray, low: float, high: float, order: int = 2) -> np.ndarray:
    """The amplitude response of Butterworth slopes: −3 dB at ``low`` and ``high`` Hz, 6 × order dB/octave."""
    return 1 / np.sqrt((1 + (low / hz) ** (2 * order)) * (1 + (hz / high) ** (2 * order)))
