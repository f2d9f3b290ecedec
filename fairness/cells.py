"""Cells of truth: what groups are made comparable over, emotions or bins of a dimension's truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from ser_audit.benchmark.metrics import UNIT
from ser_audit.benchmark.metrics.metric import counted, mean
from ser_audit.benchmark.standardised import Cells

# Raters that are identical, at 20 speakers × 25 utterances per group with real effects, differ in CCC by .145
# where the truth's sd is .18 against .12. At equal truth over 8, 12, 16 and 20 bins .017, .007, .003 and .001
# are left (.008, .003, .001 and 0 of .075 for .16 against .13; 400 corpora each). No number of bins costs
# precision: where truths are alike the gap's sd is .051 to .052 with each, and .053 without any. 16 bins
# divide into ser-tests' four.
FINE = 16
COARSE = 4  # bins that recall, precision and share are taken of: 4 equal ones on [0, 1], the outer ones open


@dataclass(frozen=True, eq=False)
class Summed(Cells):
    """Cells of a group whose sums are known."""

    known: tuple[np.ndarray, np.ndarray]  # float64 (speakers, cells, k) and (speakers, cells)

    @cached_property
    def sums(self) -> np.ndarray:
        """Sums of the statistics per speaker and cell: float64 (speakers, cells, k)."""
        return self.known[0]

    @cached_property
    def counts(self) -> np.ndarray:
        """Rows per speaker and cell: float64 (speakers, cells)."""
        return self.known[1]


def summed(place: np.ndarray, shape: tuple[int, ...], weights: np.ndarray | None = None) -> np.ndarray:
    """Sum rows, or their weights, by place: float64 of a shape.

    Args:
        place: int64 (rows,), index into the raveled shape.
        shape: of the result.
        weights: float64 (rows,); None counts rows.
    """
    size = int(np.prod(shape))
    return np.bincount(place, weights=weights, minlength=size).astype(float).reshape(shape)


def binned(values: np.ndarray, bins: int) -> np.ndarray:
    """Number the equal bin on [0, 1] that each value lies in, the outer ones open: int64 (n,)."""
    return np.clip(np.nan_to_num(values) * bins, 0, bins - 1).astype(np.int64)


@dataclass(frozen=True)
class Share:
    """Share of rows that are predicted as ``label``, in [0, 1]; undefined without rows."""

    label: int
    name: ClassVar[str] = "share"
    range: ClassVar[tuple[float, float]] = UNIT
    chance: ClassVar[float | None] = None

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 2)."""
        return counted(np.asarray(prediction) == self.label)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 2) -> (…)."""
        return mean(sums)
