"""What every perturbation asks of a wave, and levels."""

from __future__ import annotations

import numpy as np

SILENCE = 1e-9  # full scale 1; −180 dBFS, below one step of 24-bit audio by 40 dB
LOUDEST = 1e12  # full scale 1; 32-bit samples that nobody scaled reach 2e9, squares overflow beyond 1e19


def checked(wave: np.ndarray) -> np.ndarray:
    """The wave as contiguous float32 (samples,), the same array where it is so already.

    Raises:
        ValueError: it is not one channel, has no samples, or holds a NaN, an infinity, or a number so large
            (above 1e12) that it is no sound, and that its square or its gain would be infinite.
    """
    if wave.ndim != 1 or len(wave) == 0:
        raise ValueError(f"a wave has the shape (samples,) with at least one sample, not {wave.shape}")
    wave = np.ascontiguousarray(wave, dtype=np.float32)
    if not np.isfinite(wave).all():
        raise ValueError(
            f"the wave holds {np.count_nonzero(~np.isfinite(wave))} samples that are NaN or infinite"
        )
    if (peak := np.abs(wave).max()) > LOUDEST:
        raise ValueError(f"the wave is no sound: a sample is {peak:.2g}, where full scale is 1")
    return wave


def rms(wave: np.ndarray) -> float:
    """Root mean square over all samples, in float64; full scale is 1."""
    return float(np.sqrt(np.mean(np.square(wave, dtype=np.float64))))


def peak_gain(wave: np.ndarray, dbfs: float) -> float:
    """The factor that brings the peak to ``dbfs`` dB of full scale; 1 for silence (peak below −180 dBFS)."""
    peak = float(np.abs(wave).max(initial=0))
    return 1.0 if peak < SILENCE else 10 ** (dbfs / 20) / peak


def fitted(wave: np.ndarray, samples: int) -> np.ndarray:
    """The wave cut or padded with zeros behind to ``samples``: resampling there and back rounds lengths."""
    return np.pad(wave[:samples], (0, max(0, samples - len(wave))))
