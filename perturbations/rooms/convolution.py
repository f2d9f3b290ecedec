"""A wave in a room: convolution with an impulse response."""

from __future__ import annotations

import numpy as np

from ..wave import rms


def reverberated(wave: np.ndarray, taps: np.ndarray, direct: int) -> np.ndarray:
    """Float32 (samples,) convolved with float64 (taps,); the length stays, the tail behind it is cut.

    The direct path, at index ``direct`` of the response, stays where it was, to the nearest sample. The RMS
    is restored, so that reverberation is not a change of level as well; the peak may exceed ±1.
    """
    from scipy.signal import fftconvolve

    wet = fftconvolve(wave, taps)[direct : direct + len(wave)]
    level = rms(wet)
    return (wet * (rms(wave) / level if level > 0 else 1.0)).astype(np.float32)
