"""Another vocal tract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import checked
from .envelope import exchanged


@dataclass(frozen=True)
class Formants:
    """The formants at ``factor`` times their frequencies; F0 and duration stay.

    A factor above 1 is a shorter vocal tract, as of a woman or a child, so this may change what a listener
    hears.
    """

    factor: float

    family: ClassVar[str] = "formants"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = False

    def __post_init__(self) -> None:
        require_within(self.family, "factor", self.factor, 0.7, 1.4, "times the frequency")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, factor=self.factor)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Move the formants of float32 (samples,); length and RMS stay, the peak may exceed ±1.

        The RMS is made up for by 12 dB at most: of what is moved out of the band, next to nothing is left.

        Raises:
            ValueError: the wave is not finite.
        """
        wave = checked(wave)
        if self.factor == 1:
            return wave.copy()
        return exchanged(wave, wave, sampling_rate, self.factor).astype(np.float32)
