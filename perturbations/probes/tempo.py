"""Faster or slower speech."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..timing.stretch import stretched
from ..wave import checked


@dataclass(frozen=True)
class Tempo:
    """Speech ``factor`` times as fast, its pitch and its formants kept.

    Speaking rate is a cue of arousal, so this may change what a listener hears.
    """

    factor: float

    family: ClassVar[str] = "tempo"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = False

    def __post_init__(self) -> None:
        require_within(self.family, "factor", self.factor, 0.25, 4, "times as fast")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, factor=self.factor)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Float32 (samples,) as float32 (round(samples / factor),); the RMS stays, the peak may exceed ±1.

        Raises:
            ValueError: nothing is left of a wave this short, or it is not finite.
        """
        wave = checked(wave)
        if self.factor == 1:
            return wave.copy()
        try:
            return stretched(wave, sampling_rate, rng, factor=self.factor)
        except ValueError as error:
            raise ValueError(f"{self.id}: {error}") from error
