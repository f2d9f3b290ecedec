"""How many predictions a perturbation leaves as they were: PUP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .metric import UNIT, counted, mean


@dataclass(frozen=True)
class PUP:
    """Share of unchanged predictions, in [0, 1]: clean against perturbed (ser-tests).

    For dimensions a prediction is unchanged where the two differ by less than ``tolerance``;
    for classes (``tolerance`` None) where both are the same label. Undefined without rows.
    """

    tolerance: float | None = 0.05
    name: ClassVar[str] = "PUP"
    range: ClassVar[tuple[float, float]] = UNIT
    chance: ClassVar[float | None] = None

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row, ``truth`` being the clean predictions: float64 (n, 2)."""
        if self.tolerance is None:
            return counted(np.asarray(truth) == np.asarray(prediction))
        change = np.asarray(prediction, dtype=float) - np.asarray(truth, dtype=float)
        return counted(np.abs(change) < self.tolerance)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 2) -> (…)."""
        return mean(sums)
