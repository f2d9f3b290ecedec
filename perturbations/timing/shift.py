"""An utterance that begins later in its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import canonical, condition_id, require_within
from ..wave import checked


@dataclass(frozen=True)
class Shift:
    """The utterance ``ms`` milliseconds later, in a file of the same length."""

    ms: float

    family: ClassVar[str] = "shift"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "ms", self.ms, 0, 5000, "milliseconds")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, ms=self.ms)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Shift float32 (samples,) by ``ms``, to the nearest sample; the length stays.

        Zeros stand before, and what is moved beyond the end is cut.

        Raises:
            ValueError: nothing of the wave would be left, or it is not finite.
        """
        wave = checked(wave)
        samples = round(self.ms / 1000 * sampling_rate)
        if samples >= len(wave):
            raise ValueError(
                f"{self.id}: the utterance, {1000 * len(wave) / sampling_rate:g} ms, is no longer than"
                f" {canonical(self.ms)} ms: nothing of it would be left"
            )
        return np.pad(wave[: len(wave) - samples], (samples, 0))
