"""Whether predictions put things into the right order: Spearman's rank correlation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .metric import counted, mean


@dataclass(frozen=True)
class Spearman:
    r"""Spearman's rank correlation, in [-1, 1]; equals ``scipy.stats.spearmanr``.

    Ranks are no sums over rows, so it enters as its Hoeffding projection (Hoeffding 1948, section 9): each
    row's statistic is :math:`\rho + \psi_i`, where :math:`\psi_i` is the influence of the row on the
    correlation of mid-ranks. The mean over all rows is exactly :math:`\rho`; a bootstrap draw follows
    its linear approximation, in which ranks are not taken anew. Unlike other metrics, ``rows`` must thus be
    given all rows at once: sums of shards do not add up. Undefined for fewer than two rows, and where truth
    or prediction is constant.
    """

    name: ClassVar[str] = "Spearman"
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    chance: ClassVar[float | None] = 0.0

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 2), a one and ρ + ψ."""
        y, x, n = _places(truth), _places(prediction), max(len(truth), 1)
        vy, vx = (y.centred**2).sum() / n, (x.centred**2).sum() / n
        if not vy * vx > 0:
            return counted(np.full(len(truth), np.nan))
        covariance = (y.centred * x.centred).sum() / n
        # covariance = E[F(x) G(y)] − 1/4 is a mean over triples of rows: a row is any of the three
        one = y.centred * x.centred + y.above(x.centred) + x.above(y.centred)
        psi = one - one.mean() - covariance / 2 * (y.variance / vy + x.variance / vx)
        return counted((covariance + psi) / np.sqrt(vy * vx))

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 2) -> (…)."""
        return mean(sums)


@dataclass(frozen=True)
class _Places:
    """The mid-distribution F of a column: share of rows below, and half of those that are equal."""

    level: np.ndarray  # int64 (n,), number of the row's distinct value
    counts: np.ndarray  # int64 (levels,), rows of each

    @property
    def centred(self) -> np.ndarray:
        """F − 1/2 of each row: float64 (n,), mean 0."""
        below = np.cumsum(self.counts) - self.counts
        return ((below + self.counts / 2) / len(self.level) - 0.5)[self.level]

    @property
    def variance(self) -> np.ndarray:
        """Influence of each row on the variance of F, (1 − Σ p³) / 12: float64 (n,), mean 0."""
        shares = self.counts / len(self.level)
        return ((shares**3).sum() - shares[self.level] ** 2) / 4

    def above(self, values: np.ndarray) -> np.ndarray:
        """Mean over all rows of ``values`` of those that lie above a row, and half of its equals: (n,)."""
        sums = np.bincount(self.level, weights=values)
        return ((sums.sum() - np.cumsum(sums) + sums / 2) / len(self.level))[self.level]


def _places(values: np.ndarray) -> _Places:
    _, level, counts = np.unique(np.asarray(values, dtype=float), return_inverse=True, return_counts=True)
    return _Places(level, counts)
