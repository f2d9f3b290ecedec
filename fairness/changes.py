"""Metrics of a change: a condition's statistics beside those of its reference, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from ser_audit.benchmark.metrics import CCC, UAR


@dataclass(frozen=True)
class CCCChange:
    """CCC of the perturbed less CCC of the clean predictions of the same rows, in [-2, 2]."""

    before: CCC
    after: CCC  # about the same offset of truth
    name: ClassVar[str] = "change of CCC"
    range: ClassVar[tuple[float, float]] = (-2.0, 2.0)
    chance: ClassVar[float | None] = None

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: clean and perturbed predictions (n, 2) -> float64 (n, 9)."""
        y = np.asarray(truth, dtype=float) - self.before.truth_offset
        x = np.asarray(prediction[:, 0], dtype=float) - self.before.prediction_offset
        z = np.asarray(prediction[:, 1], dtype=float) - self.after.prediction_offset
        return np.stack([np.ones_like(y), y, y * y, x, x * x, y * x, z, z * z, y * z], axis=-1)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 9) -> (…)."""
        return self.after.finish(sums[..., [0, 1, 6, 2, 7, 8]]) - self.before.finish(
            sums[..., [0, 1, 3, 2, 4, 5]]
        )


@dataclass(frozen=True)
class UARChange:
    """UAR of the perturbed less UAR of the clean predictions of the same rows, in [-1, 1].

    Recalls are linear in hits, so it is the mean over labels of gained hits / truths.
    """

    labels: tuple[int, ...]
    name: ClassVar[str] = "change of UAR"
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    chance: ClassVar[float | None] = None

    @cached_property
    def _uar(self) -> UAR:
        return UAR(self.labels)

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: clean and perturbed classes (n, 2) -> float64 (n, 2 K)."""
        before, after = (self._uar.rows(truth, prediction[:, side]) for side in (0, 1))
        k = len(self.labels)
        return np.concatenate([after[:, :k], after[:, k:] - before[:, k:]], axis=-1)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 2 K) -> (…)."""
        return self._uar.finish(sums)
