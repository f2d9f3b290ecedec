"""Banks: a sound is made once per process at some length, and each utterance draws a stretch of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from ..rng import generator
from .coloured import coloured, unit

SECONDS = 20  # of one variant of a sound
SEAM = 0.05  # seconds of cross-fade from the end into the start
LOWEST = 20.0  # Hz; what lies below is not heard, and would only use up level
FLOOR_DB = -50.0  # of pink room tone below the sound, so that no pause is digital silence
VARIANTS = 3  # of each sound, with other parameters

Maker = Callable[[int, int, np.random.Generator], np.ndarray]


@cache
def bank(make: Maker, variant: int, sampling_rate: int) -> np.ndarray:
    """One variant of a sound as a loop without a seam, read-only float32 (samples,), RMS 1, at that rate.

    ``make(samples, sampling_rate, rng)`` returns float64 (samples,) of any level. Its generator follows
    from its name and the variant, so that a bank is the same in every process, whatever was made before.
    """
    rng = generator(variant, "generators", make.__name__)
    samples, seam = SECONDS * sampling_rate, round(SEAM * sampling_rate)
    long = make(samples + seam, sampling_rate, rng)
    loop, angle = long[:samples].copy(), np.linspace(0, np.pi / 2, seam)
    loop[:seam] = np.sin(angle) * loop[:seam] + np.cos(angle) * long[samples:]
    spectrum = np.fft.rfft(loop)
    spectrum[: round(LOWEST * SECONDS)] = 0
    loop = np.fft.irfft(spectrum, samples)
    loop /= np.sqrt(np.mean(np.square(loop)))
    sound = unit(loop + 10 ** (FLOOR_DB / 20) * coloured(samples, 1, sampling_rate, rng))
    sound.setflags(write=False)
    return sound


def stretch(
    sounds: Sequence[Maker],
    samples: int,
    sampling_rate: int,
    rng: np.random.Generator,
    variants: int = VARIANTS,
) -> np.ndarray:
    """A stretch of one of the sounds, float32 (samples,), RMS 1.

    ``rng`` draws the sound, its variant and where the stretch begins; behind the end of the bank it goes on
    from the bank's start.
    """
    make = sounds[int(rng.integers(len(sounds)))]
    sound = bank(make, int(rng.integers(variants)), sampling_rate)
    start = int(rng.integers(len(sound)))
    return unit(np.take(sound, np.arange(start, start + samples), mode="wrap"))
