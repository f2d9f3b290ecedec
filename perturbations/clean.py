"""No perturbation: the condition that all others are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .condition import condition_id
from .wave import checked


@dataclass(frozen=True)
class Clean:
    """The wave as it was recorded."""

    family: ClassVar[str] = "clean"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """The same float32 (samples,).

        Raises:
            ValueError: the wave is not finite.
        """
        return checked(wave)
