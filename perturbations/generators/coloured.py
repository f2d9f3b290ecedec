"""Noise of a power-law spectrum: white, pink, brown, blue."""

from __future__ import annotations

import numpy as np

from .shaped import shaped

LOWEST = 20.0  # Hz; the spectrum is flat below, or inaudible rumble would take all the level of brown noise


def unit(wave: np.ndarray) -> np.ndarray:
    """The wave (samples,) at an RMS of 1, float32; it must not be silent."""
    wave = np.asarray(wave, dtype=np.float64)
    return (wave / np.sqrt(np.mean(np.square(wave)))).astype(np.float32)


def coloured(samples: int, exponent: float, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise whose power density is proportional to 1 / Hz ** exponent, float32 (samples,), RMS 1.

    An exponent of 0 is white, 1 pink (−3 dB per octave), 2 brown (−6), −1 blue (+3), from 20 Hz to half of
    ``sampling_rate``. It is no stand-in: coloured noise is this.

    Source: Timmer & König 1995, Astron. Astrophys. 300, 707.
    """
    return unit(shaped(samples, lambda hz: np.maximum(hz, LOWEST) ** (-exponent / 2), sampling_rate, rng))
