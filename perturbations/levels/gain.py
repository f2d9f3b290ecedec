"""A change of level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..seeding import apply
from ..wave import checked


@dataclass(frozen=True)
class Gain:
    """The whole utterance louder or softer by ``db`` dB."""

    db: float

    family: ClassVar[str] = "gain"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "db", self.db, -40, 40, "dB")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, db=self.db)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Multiply float32 (samples,) by 10^(db/20); the peak may exceed ±1 and is not clipped.

        Raises:
            ValueError: the wave is not finite.
        """
        import audiomentations

        transform = audiomentations.Gain(min_gain_db=self.db, max_gain_db=self.db, p=1.0)
        return apply(transform, checked(wave), sampling_rate, rng)
