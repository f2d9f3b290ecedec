"""Which speakers lie too far below the median speaker: simultaneous bounds over all speakers and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import acos, ceil, sqrt
from typing import Protocol

import numpy as np
from ser_audit.benchmark.planning import MOST, NEAR, NORMAL, POWER

NORMAL_MAD = 1.4826  # standard deviations of a normal distribution per median absolute deviation


class Standing(Protocol):
    """Each speaker's metric, standardised to the truth of all speakers; arrays are (speakers,)."""

    @property
    def range(self) -> tuple[float, float]:
        """The least and the greatest value it can take."""
        ...

    @property
    def n(self) -> np.ndarray:
        """Rows of each speaker: int64."""
        ...

    @property
    def values(self) -> np.ndarray:
        """The standardised metric: float64; NaN where a speaker's rows cannot tell it."""
        ...

    @property
    def errors(self) -> np.ndarray:
        """Standard errors from rows within the speaker: float64, NaN with the values."""
        ...

    def bounds(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """One-sided lower and upper bounds, each missed with probability ``level``: float64."""
        ...

    def enough(self, limit: float, level: float) -> int | None:
        """Rows from which a speaker whose predictions are unrelated to truth is found below ``limit``.

        Found is: its upper bound at ``level`` lies below, with 80 % power. None where no number of rows is
        enough, as such a speaker does not lie below.
        """
        ...


@dataclass(frozen=True, eq=False)
class Deficits:
    """One output: each speaker's standardised metric beside the limit, arrays (speakers,)."""

    standing: Standing
    median: float  # of the speakers' values
    error: float  # its standard error
    limit: float  # median − δ
    low: (
        np.ndarray
    )  # float64, lower bounds that hold for all speakers and outputs at once; NaN where not measured
    high: np.ndarray  # float64, upper bounds, by Holm
    named: np.ndarray  # bool

    @property
    def measured(self) -> np.ndarray:
        """Speakers that have a value: bool."""
        return np.isfinite(self.standing.values)

    def rows_to_decide(self) -> int | None:
        """Rows per speaker that decide it with 80 % power if the true values are those seen.

        Those of the speaker below the limit who is easiest to name; where nobody is below, those of the
        speaker who is hardest to clear. None where such a speaker lies within .01 of the limit.
        """
        values = self.standing.values[self.measured]
        below = values < self.limit
        facing = np.where(below, self.high[self.measured], self.low[self.measured])
        distance = np.abs(values - self.limit)
        reach = np.abs(facing - values) + NORMAL.inv_cdf(POWER) * np.hypot(
            self.standing.errors[self.measured], self.error
        )
        with np.errstate(divide="ignore"):
            rows = np.where(distance < NEAR, np.inf, self.standing.n[self.measured] * (reach / distance) ** 2)
        needed = rows[below].min() if below.any() else rows.max()
        return ceil(needed) if needed <= MOST else None


def deficits(
    standings: Mapping[str, Standing], deficit: float, error: float
) -> tuple[dict[str, Deficits], int]:
    """Name speakers that lie more than ``deficit`` below the median speaker.

    A speaker is named where its upper bound lies below the limit. Bounds are taken at ``error`` / (m − named)
    until nobody new is named, m being all measured speakers × outputs: Holm's (1979) step-down rule, which
    names anybody whose true deficit is smaller with probability ``error`` at most. Lower bounds are taken at
    ``error`` / m (Bonferroni).

    The limit hangs on the median of these speakers, not of a population. The error that rows within speakers
    leave it is added to each bound as a square (MOVER; Zou & Donner 2008): see :func:`median_error`.

    Args:
        standings: by output; all of the same speakers.
        deficit: δ, in units of the metric.
        error: probability of naming anybody wrongly.

    Returns:
        By output, where at least three speakers are measured; and m.
    """
    measured = {name: np.isfinite(s.values) for name, s in standings.items()}
    size = sum(int(m.sum()) for m in measured.values())
    found: dict[str, Deficits] = {}
    for name, standing in standings.items():
        if np.count_nonzero(measured[name]) > 2:
            values = standing.values[measured[name]]
            median = float(np.median(values))
            uncertain = median_error(values, standing.errors[measured[name]])
            low, high = _bounds(standing, uncertain, error / size)
            nobody = np.zeros(len(low), dtype=bool)
            found[name] = Deficits(standing, median, uncertain, median - deficit, low, high, nobody)
    before, count = -1, 0
    while before < count < size:
        found = {name: _step(one, error / (size - count)) for name, one in found.items()}
        before, count = count, sum(int(one.named.sum()) for one in found.values())
    return found, size


def _step(one: Deficits, level: float) -> Deficits:
    """Take the bounds of those not yet named at the next level."""
    high = np.where(one.named, one.high, _bounds(one.standing, one.error, level)[1])
    named = one.named | (high < one.limit)
    return Deficits(one.standing, one.median, one.error, one.limit, one.low, high, named)


def _bounds(standing: Standing, uncertain: float, level: float) -> tuple[np.ndarray, np.ndarray]:
    """One-sided bounds of values, widened by what is uncertain of the median they are compared with."""
    low, high = standing.bounds(level)
    more = NORMAL.inv_cdf(1 - level) * uncertain
    values, (least, greatest) = standing.values, standing.range
    low = np.maximum(values - np.hypot(values - low, more), least)
    return low, np.minimum(values + np.hypot(high - values, more), greatest)


def median_error(values: np.ndarray, errors: np.ndarray) -> float:
    r"""Find the standard error that rows within speakers leave to the median of S speakers.

    Of the variance :math:`s^2` of the speakers' values a share :math:`\rho` is true, the rest noise. For
    normal values the number of speakers whom noise leaves below the true median has the variance
    :math:`S \arccos(\rho) / (2 \pi)`, and speakers lie there at :math:`S / \sqrt{2 \pi s^2}` per unit, so
    the variance of the median is

    .. math:: \frac{s^2}{S} \arccos \rho

    which is :math:`(\pi / 2) s^2 / S` where all is noise. s is the median absolute deviation times 1.4826, so
    that broken speakers do not widen it; the noise is that of the median speaker, at most :math:`s^2`.

    Args:
        values: float64 (S,).
        errors: float64 (S,), standard errors.
    """
    noise = float(np.median(errors)) ** 2
    variance = max((NORMAL_MAD * float(np.median(np.abs(values - np.median(values))))) ** 2, noise)
    if not variance:
        return 0.0
    return sqrt(variance / len(values) * acos(1 - noise / variance))


def rounded(rows: int) -> str:
    """Write a number of rows, rounded up to the two digits that it is worth: "2 100"."""
    step = 10 ** max(len(str(rows)) - 2, 0)
    return f"{ceil(rows / step) * step:,}".replace(",", " ")
