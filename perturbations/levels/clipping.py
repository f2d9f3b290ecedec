"""Hard clipping, as by an overdriven microphone input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import checked


@dataclass(frozen=True)
class Clipping:
    """The loudest ``percent`` % of the samples cut to one symmetric limit.

    The limit is a quantile of the magnitudes, so it follows the level of the utterance. Samples that equal
    the limit already (audio of few steps, a constant) are not changed, so the share may be smaller there.
    audiomentations' ClippingDistortion is not used: it takes each side's quantile apart, so that the two
    limits differ, and cuts an odd or a fractional percentage down to an even one.
    """

    percent: float

    family: ClassVar[str] = "clipping"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "percent", self.percent, 0, 50, "% of the samples")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, percent=self.percent)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Clip float32 (samples,); the length stays, and no level is made up for.

        Raises:
            ValueError: the wave is not finite.
        """
        wave = checked(wave)
        limit = np.float32(np.quantile(np.abs(wave), 1 - self.percent / 100))
        return np.clip(wave, -limit, limit)
