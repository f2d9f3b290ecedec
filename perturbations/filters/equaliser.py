"""A magnitude response on a wave, its phase and its level left alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..wave import rms

TAIL = 1.0  # seconds of zeros behind the wave: what still wraps around lies some 100 dB below it


def equalised(
    wave: np.ndarray, sampling_rate: int, gain_db: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Weight the spectrum of float32 (samples,), keep length, timing and RMS; returns float32 (samples,).

    The filter has zero phase: its impulse response is symmetric about 0, so nothing is delayed, and a smooth
    response rings for some milliseconds only to either side.

    Args:
        wave: checked, and not empty.
        sampling_rate: in Hz.
        gain_db: from Hz, float64 (bins,) from 0 to half the sampling rate, to dB, float64 (bins,).
    """
    from scipy.fft import irfft, next_fast_len, rfft

    size = next_fast_len(len(wave) + round(TAIL * sampling_rate), real=True)
    weights = 10 ** (gain_db(np.fft.rfftfreq(size, 1 / sampling_rate)) / 20)
    out = irfft(rfft(wave.astype(np.float64), size) * weights, size)[: len(wave)]
    level = rms(out)
    return (out * (rms(wave) / level if level > 0 else 1.0)).astype(np.float32)
