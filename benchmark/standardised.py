"""A gap between two groups at equal truth: post-stratified over cells, with weights redrawn in every draw.

Two groups whose truths are spread differently get another CCC from the very same rater (.15 where the truth's
standard deviation is .18 against .12). So rows are weighted until both groups have the same shares of cells,
which are bins of truth, or emotions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .estimand import Rows, linearise, spread_within
from .metrics import UNIT, Metric


@dataclass(frozen=True, eq=False)
class Cells:
    """One group's rows, each in a cell."""

    metric: Metric
    rows: Rows
    cells: np.ndarray  # int64 (utterances,), cell of each row in [0, count)
    count: int

    @cached_property
    def sums(self) -> np.ndarray:
        """Sums of the statistics per speaker and cell: float64 (speakers, cells, k)."""
        statistics = self.rows.statistics(self.metric)
        place = self._place
        size = self.rows.count * self.count
        columns = [np.bincount(place, weights=column, minlength=size) for column in statistics.T]
        return np.stack(columns, axis=-1).reshape(self.rows.count, self.count, -1)

    @cached_property
    def counts(self) -> np.ndarray:
        """Rows per speaker and cell: float64 (speakers, cells)."""
        size = self.rows.count * self.count
        return np.bincount(self._place, minlength=size).reshape(self.rows.count, self.count).astype(float)

    @cached_property
    def flat(self) -> tuple[np.ndarray, np.ndarray]:
        """Speakers that have rows, int64 (n,), and their sums and counts, float64 (n, cells × (k + 1))."""
        members = np.flatnonzero(self.counts.any(axis=1))
        both = np.concatenate([self.sums[members], self.counts[members, :, None]], axis=-1)
        return members, both.reshape(len(members), -1)

    @property
    def _place(self) -> np.ndarray:
        chosen = self.rows.chosen
        return self.rows.speakers[chosen] * self.count + self.cells[chosen]


@dataclass(frozen=True, eq=False)
class Standardised:
    r"""The metric of the first group less that of the second, after both have the same shares of cells.

    A row of the first group in cell :math:`c` weighs :math:`2 n_{2c} / (n_{1c} + n_{2c})`, one of the second
    :math:`2 n_{1c} / (n_{1c} + n_{2c})`, so that each cell weighs the harmonic mean of its counts in both:
    the overlap weights of Li, Morgan & Zaslavsky (2018, section 3), which of all weights that balance the
    cells give the least variance. A cell that one group lacks weighs nothing.
    """

    first: Cells
    second: Cells

    @property
    def range(self) -> tuple[float, float]:
        """The least and the greatest value it can take."""
        low, high = self.first.metric.range
        return low - high, high - low

    @property
    def shares(self) -> bool:
        """Whether it is made of shares of rows."""
        return self.first.metric.range == UNIT

    @property
    def present(self) -> np.ndarray:
        """Speakers that have rows: bool (speakers,)."""
        return (self.first.counts + self.second.counts).sum(axis=1) > 0

    @property
    def sides(self) -> tuple[float, float]:
        """Both groups' metric at equal truth; NaN where undefined."""
        (a, b), (n, m) = self._totals(np.ones((1, len(self.present))))
        one, two = _balance(a, b, n, m)
        return float(self.first.metric.finish(one)[0]), float(self.second.metric.finish(two)[0])

    @property
    def value(self) -> float:
        """The point estimate; NaN where undefined."""
        first, second = self.sides
        return first - second

    @property
    def own(self) -> np.ndarray:
        """A speaker alone has no gap, unless the groups divide its rows: float64 (speakers,), NaN."""
        return np.full(len(self.present), np.nan)

    @property
    def dropped(self) -> tuple[int, int]:
        """Rows of the first and of the second group in cells that the other group lacks."""
        n, m = self.first.counts.sum(axis=0), self.second.counts.sum(axis=0)
        return int(n[m == 0].sum()), int(m[n == 0].sum())

    def draw(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values and influences of speakers under weights; see :class:`~.estimand.Estimand`."""
        values, gradients = self._gradients(weights)
        influences = np.zeros(weights.shape)
        for cells, by in zip((self.first, self.second), gradients, strict=True):
            members, flat = cells.flat
            influences[:, members] += np.concatenate(by, axis=-1).reshape(len(weights), -1) @ flat.T
        return values, influences

    def within(self) -> float | None:
        """Variance of the estimate from the sampling of rows within speakers alone."""
        rows = self.first.rows
        total = np.zeros(len(rows.chosen))
        _, gradients = self._gradients(np.ones((1, rows.count)))
        for cells, (of_sums, of_counts) in zip((self.first, self.second), gradients, strict=True):
            chosen = cells.rows.chosen
            cell = cells.cells[chosen]
            statistics = cells.rows.statistics(cells.metric)
            total[chosen] += np.einsum("nk,nk->n", statistics, of_sums[0][cell]) + of_counts[0, cell, 0]
        counted = rows.chosen | self.second.rows.chosen
        return spread_within(total[counted], rows.speakers[counted], rows.count)

    def _totals(self, weights: np.ndarray):
        """Sums (draws, cells, k) and counts (draws, cells) of both groups under weights."""
        sides = []
        for cells in (self.first, self.second):
            members, flat = cells.flat
            total = (weights[:, members] @ flat).reshape(len(weights), cells.count, -1)
            sides.append((total[..., :-1], total[..., -1]))
        (a, n), (b, m) = sides
        return (a, b), (n, m)

    def _gradients(self, weights: np.ndarray):
        """Values (draws,), and per group the derivatives by its sums (draws, cells, k) and counts."""
        (a, b), (n, m) = self._totals(weights)
        one, two = _balance(a, b, n, m)
        first, g = linearise(self.first.metric, one)
        second, h = linearise(self.second.metric, two)
        both = _both(n, m)
        # a weighs 2 m / (n + m): its derivative by n is −2 m / (n + m)², by m 2 n / (n + m)²; b's the reverse
        along = (a @ g[:, :, None] + b @ h[:, :, None])[..., 0]
        by_first = g[:, None, :] * (2 * m / both)[:, :, None]
        by_second = -h[:, None, :] * (2 * n / both)[:, :, None]
        return first - second, (
            (by_first, (-2 * m / both**2 * along)[..., None]),
            (by_second, (2 * n / both**2 * along)[..., None]),
        )


def _balance(a: np.ndarray, b: np.ndarray, n: np.ndarray, m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weigh the cells of both groups, (draws, cells, k) each, and add them: (draws, k) each."""
    both = _both(n, m)
    return ((2 * m / both)[:, None] @ a)[:, 0], ((2 * n / both)[:, None] @ b)[:, 0]


def _both(n: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Rows of a cell in both groups; ∞ where it is empty, so that it weighs nothing."""
    return np.where(n + m > 0, n + m, np.inf)
