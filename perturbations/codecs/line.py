"""What every codec needs around it: its sampling rate, its level, 16-bit samples, its known settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..condition import canonical
from ..wave import fitted, peak_gain

PEAK = -3.0  # dBFS at which codecs are given a wave: loud, with room for what resampling adds
STEPS = 32768  # of a 16-bit sample per full scale

Coder = Callable[[np.ndarray], np.ndarray]  # float32 (samples,) to float32 (samples,) at the same rate


def at_peak(wave: np.ndarray, dbfs: float, coder: Coder) -> np.ndarray:
    """Float32 (samples,) coded at a peak of ``dbfs`` dB of full scale; that gain is undone behind the coder.

    So the level of a recording does not change what a codec does to it. Silence is coded as it is.
    """
    gain = np.float32(peak_gain(wave, dbfs))
    return coder(wave * gain) / gain


def through(wave: np.ndarray, sampling_rate: int, rate: int, dbfs: float, coder: Coder) -> np.ndarray:
    """Float32 (samples,) through a coder that runs at ``rate`` Hz and is given a peak of ``dbfs`` dBFS.

    soxr resamples there and back; the length stays. Single precision is enough for a rounding to follow:
    soxr at this quality computes in it whatever it is given, to the same bits on every x86-64 CPU (it needs
    no more than SSE, which all have), and the gain is one rounded multiplication.
    """
    import soxr

    coded = at_peak(soxr.resample(wave, sampling_rate, rate), dbfs, coder)
    return fitted(soxr.resample(coded, rate, sampling_rate), len(wave))


def pcm(wave: np.ndarray) -> np.ndarray:
    """Float32 (samples,) as int16: rounded to the nearest step, and held within full scale."""
    return np.clip(np.rint(wave * STEPS), -STEPS, STEPS - 1).astype(np.int16)


def require_known(family: str, name: str, value: float, known: Sequence[float], what: str) -> None:
    """Refuse a parameter that is none of the settings that a codec has.

    Raises:
        ValueError: it is none; the message lists them.
    """
    if value not in known:
        raise ValueError(
            f"{family}: {name}={canonical(value) if value == value else value} is no {what};"
            f" it takes {', '.join(map(canonical, known))}"
        )
