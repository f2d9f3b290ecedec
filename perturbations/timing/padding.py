"""Digital silence before or behind an utterance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import checked


@dataclass(frozen=True)
class PadStart:
    """``ms`` milliseconds of zeros before the utterance."""

    ms: float

    family: ClassVar[str] = "padding.start"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "ms", self.ms, 0, 5000, "milliseconds")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, ms=self.ms)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Lengthen float32 (samples,) by ``ms``, to the nearest sample; the samples stay as they are.

        Raises:
            ValueError: the wave is not finite.
        """
        return np.pad(checked(wave), (round(self.ms / 1000 * sampling_rate), 0))


@dataclass(frozen=True)
class PadEnd:
    """``ms`` milliseconds of zeros behind the utterance."""

    ms: float

    family: ClassVar[str] = "padding.end"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "ms", self.ms, 0, 5000, "milliseconds")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, ms=self.ms)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Lengthen float32 (samples,) by ``ms``, to the nearest sample; the samples stay as they are.

        Raises:
            ValueError: the wave is not finite.
        """
        return np.pad(checked(wave), (0, round(self.ms / 1000 * sampling_rate)))
