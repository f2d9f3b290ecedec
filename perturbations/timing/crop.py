"""Utterances cut short, as by a voice activity detector that opens late or closes early."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..wave import checked
from .milliseconds import Milliseconds

SHORTEST = 10.0  # ms that must be left


def kept(condition: str, ms: float, samples: int, sampling_rate: int) -> int:
    """The samples that a crop of ``ms`` milliseconds leaves of ``samples``.

    Raises:
        ValueError: fewer than 10 ms would be left.
    """
    left = samples - round(ms / 1000 * sampling_rate)
    if left < SHORTEST / 1000 * sampling_rate:
        raise ValueError(
            f"{condition}: the utterance, {1000 * samples / sampling_rate:g} ms, is shorter than"
            f" {ms + SHORTEST:g} ms: fewer than {SHORTEST:g} ms would be left"
        )
    return left


@dataclass(frozen=True)
class CropStart(Milliseconds):
    """The first ``ms`` milliseconds cut off."""

    family = "crop.start"

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Cut float32 (samples,) short by ``ms``, to the nearest sample; what is left stays as it is.

        Raises:
            ValueError: fewer than 10 ms would be left, or the wave is not finite.
        """
        wave = checked(wave)
        return wave[len(wave) - kept(self.id, self.ms, len(wave), sampling_rate) :].copy()


@dataclass(frozen=True)
class CropEnd(Milliseconds):
    """The last ``ms`` milliseconds cut off."""

    family = "crop.end"

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Cut float32 (samples,) short by ``ms``, to the nearest sample; what is left stays as it is.

        Raises:
            ValueError: fewer than 10 ms would be left, or the wave is not finite.
        """
        wave = checked(wave)
        return wave[: kept(self.id, self.ms, len(wave), sampling_rate)].copy()
