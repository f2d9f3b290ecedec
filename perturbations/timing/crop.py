"""Utterances cut short, as by a voice activity detector that opens late or closes early."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import checked

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
class CropStart:
    """The first ``ms`` milliseconds cut off."""

    ms: float

    family: ClassVar[str] = "crop.start"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "ms", self.ms, 0, 5000, "milliseconds")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, ms=self.ms)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Cut float32 (samples,) short by ``ms``, to the nearest sample; what is left stays as it is.

        Raises:
            ValueError: fewer than 10 ms would be left, or the wave is not finite.
        """
        wave = checked(wave)
        return wave[len(wave) - kept(self.id, self.ms, len(wave), sampling_rate) :].copy()


@dataclass(frozen=True)
class CropEnd:
    """The last ``ms`` milliseconds cut off."""

    ms: float

    family: ClassVar[str] = "crop.end"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "ms", self.ms, 0, 5000, "milliseconds")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, ms=self.ms)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Cut float32 (samples,) short by ``ms``, to the nearest sample; what is left stays as it is.

        Raises:
            ValueError: fewer than 10 ms would be left, or the wave is not finite.
        """
        wave = checked(wave)
        return wave[: kept(self.id, self.ms, len(wave), sampling_rate)].copy()
