"""A constant offset, as of a sound card whose converter is not balanced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import checked


@dataclass(frozen=True)
class Offset:
    """A constant of ``percent`` % of the utterance's peak added to every sample."""

    percent: float

    family: ClassVar[str] = "dc"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "percent", self.percent, -100, 100, "% of the peak")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, percent=self.percent)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Offset float32 (samples,); the length stays, the peak may exceed ±1. Silence stays silence.

        Raises:
            ValueError: the wave is not finite.
        """
        wave = checked(wave)
        return (wave + self.percent / 100 * np.abs(wave).max().astype(np.float64)).astype(np.float32)
