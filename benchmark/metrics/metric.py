"""What every metric is: additive statistics per row, and a function of their sums."""

from __future__ import annotations

from typing import ClassVar, Protocol

import numpy as np

UNIT = (0.0, 1.0)


class Metric(Protocol):
    """A metric as additive statistics per row and a function of their sums.

    ``finish`` takes complex input, which makes its gradient exact by a complex step (see ``estimand``), and
    keeps its value when all sums are doubled. A metric that is asked for often may have a method
    ``linear(sums) -> value (…), gradient (…, k)`` instead, which is faster. An undefined value is NaN here;
    it becomes null with a reason in a finding.
    """

    name: ClassVar[str]

    @property
    def range(self) -> tuple[float, float]:
        """The least and the greatest value it can take."""
        ...

    @property
    def chance(self) -> float | None:
        """Value of a rater that ignores the speech; None where it depends on the truth."""
        ...

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: (n,) and (n,), or (n, classes) for probabilities -> float64 (n, k)."""
        ...

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics: float64 or complex128 (…, k) -> (…); NaN where undefined."""
        ...


def ratio(numerator: np.ndarray, denominator: np.ndarray, defined: np.ndarray) -> np.ndarray:
    """``numerator / denominator`` where ``defined``, else NaN."""
    return np.where(defined, numerator / np.where(defined, denominator, 1), np.nan)


def mean(sums: np.ndarray) -> np.ndarray:
    """Mean from a count and a sum (…, 2) -> (…); NaN without rows."""
    return ratio(sums[..., 1], sums[..., 0], sums[..., 0].real > 0)


def counted(values: np.ndarray) -> np.ndarray:
    """Statistics of a mean of ``values`` (n,): a one and the value of each row, float64 (n, 2)."""
    values = np.asarray(values, dtype=float)
    return np.stack([np.ones_like(values), values], axis=-1)
