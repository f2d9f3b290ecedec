"""What is estimated: a metric, or a weighted sum of metrics, as a function of sums per speaker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, Protocol, cast

import numpy as np

from .metrics import UNIT, Metric

STEP = 1e-30  # of the complex step: no difference is taken, so it cannot be too small


class Reduction(Protocol):
    """A function of summed statistics: all of a metric but the statistics of a row."""

    name: ClassVar[str]

    @property
    def range(self) -> tuple[float, float]:
        """The least and the greatest value it can take."""
        ...

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics: float64 or complex128 (…, k) -> (…); NaN where undefined."""
        ...


def per_speaker(statistics: np.ndarray, speakers: np.ndarray, count: int) -> np.ndarray:
    """Sum statistics over the rows of each speaker.

    Args:
        statistics: float64 (n, k), of each row.
        speakers: int64 (n,), index of each row's speaker in [0, ``count``).
        count: number of speakers, those without rows included.

    Returns:
        float64 (count, k); zeros for a speaker without rows.
    """
    from scipy.sparse import csc_array

    n = len(speakers)
    belongs = csc_array((np.ones(n), speakers, np.arange(n + 1)), shape=(count, n))
    return belongs @ statistics  # nine times as fast as a bincount of each column


def linearise(metric: Reduction, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and exact gradients of a metric at ``sums``: its own ``linear``, else by a complex step.

    The imaginary part of f(s + i h e_j), divided by h, is the derivative to machine precision, as no
    difference is taken (Squire & Trapp 1998).

    Args:
        metric: the metric.
        sums: float64 (…, k).

    Returns:
        float64 (…) and float64 (…, k); NaN where the metric is undefined.
    """
    own = getattr(metric, "linear", None)
    if own is not None:
        return own(sums)
    stepped = sums[..., None, :] + 1j * STEP * np.eye(sums.shape[-1])
    return metric.finish(sums), metric.finish(stepped).imag / STEP


@dataclass(frozen=True)
class Counted:
    """How many rows an estimate rests on, and of how many speakers."""

    n: int
    speakers: int


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows that a metric is taken over: aligned arrays, and which of them count.

    Kept beside the sums, so that an undecided question can ask how much of its spread lies within speakers.
    """

    truth: np.ndarray  # (utterances,)
    prediction: np.ndarray  # (utterances, …)
    chosen: np.ndarray  # bool (utterances,)
    speakers: np.ndarray  # int64 (utterances,), index of each row's speaker
    count: int  # speakers

    def statistics(self, metric: Metric) -> np.ndarray:
        """Statistics of the chosen rows: float64 (chosen, k)."""
        return metric.rows(self.truth[self.chosen], self.prediction[self.chosen])

    def sums(self, metric: Metric) -> np.ndarray:
        """Sums per speaker: float64 (count, k)."""
        return per_speaker(self.statistics(metric), self.speakers[self.chosen], self.count)


class Estimand(Protocol):
    """What an interval can be had of: a function of sums per speaker."""

    @property
    def range(self) -> tuple[float, float]:
        """The least and the greatest value it can take."""
        ...

    @property
    def shares(self) -> bool:
        """Whether it is made of shares of rows: recalls, unchanged predictions."""
        ...

    @property
    def present(self) -> np.ndarray:
        """Speakers that have rows: bool (speakers,)."""
        ...

    @property
    def value(self) -> float:
        """The point estimate; NaN where undefined."""
        ...

    @property
    def own(self) -> np.ndarray:
        """Value of each speaker's rows alone: float64 (speakers,); NaN where undefined."""
        ...

    def draw(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values and influences of speakers under weights.

        Args:
            weights: float64 (draws, speakers), how often each speaker counts.

        Returns:
            Values float64 (draws,), and influences float64 (draws, speakers): the derivative of the
            value along each speaker's sums. They sum to 0 under the weights, since every metric keeps
            its value when all sums are doubled.
        """
        ...

    def within(self) -> float | None:
        """Variance of the estimate from the sampling of rows within speakers alone; None where unknown.

        More utterances of the same speakers shrink this part of the variance, and no other.
        """
        ...


@dataclass(frozen=True)
class Part:
    """One metric on its sums per speaker, with the weight it enters with."""

    metric: Reduction
    sums: np.ndarray  # float64 (speakers, k)
    weight: Fraction = Fraction(1)  # exact, so that the weights of a mean sum to 1
    rows: Rows | None = None  # what the sums were taken over

    @classmethod
    def of(cls, metric: Reduction, over: Rows | np.ndarray, weight: int = 1) -> Part:
        """Take a metric over rows, or over sums per speaker, float64 (speakers, k)."""
        if isinstance(over, Rows):
            return cls(metric, over.sums(cast(Metric, metric)), Fraction(weight), over)
        return cls(metric, over, Fraction(weight))

    @property
    def value(self) -> float | None:
        """The metric itself, over all speakers; None where undefined."""
        value = float(self.metric.finish(self.sums.sum(axis=0)))
        return value if np.isfinite(value) else None


@dataclass(frozen=True)
class WeightedSum:
    """A weighted sum of metrics over the same speakers: one metric, the contrast of two, a mean of many."""

    parts: tuple[Part, ...]

    @cached_property
    def range(self) -> tuple[float, float]:
        """The least and the greatest value it can take."""
        ends = [sorted(_times(part.weight, end) for end in part.metric.range) for part in self.parts]
        return float(sum(low for low, _ in ends)), float(sum(high for _, high in ends))

    @property
    def shares(self) -> bool:
        """Whether it is made of shares of rows: recalls, unchanged predictions."""
        return all(part.metric.range == UNIT for part in self.parts)

    @property
    def present(self) -> np.ndarray:
        """Speakers that have rows: bool (speakers,)."""
        return np.any([np.any(part.sums != 0, axis=1) for part in self.parts], axis=0)

    @property
    def value(self) -> float:
        """The point estimate; NaN where undefined."""
        return float(sum(float(p.weight) * p.metric.finish(p.sums.sum(axis=0)) for p in self.parts))

    @property
    def own(self) -> np.ndarray:
        """Value of each speaker's rows alone: float64 (speakers,); NaN where undefined."""
        return np.asarray(sum(float(part.weight) * part.metric.finish(part.sums) for part in self.parts))

    def draw(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values and influences of speakers under weights; see :class:`Estimand`."""
        values = np.zeros(len(weights))
        influences = np.zeros(weights.shape)
        for part in self.parts:
            value, gradient = linearise(part.metric, weights @ part.sums)
            values += float(part.weight) * value
            influences += float(part.weight) * gradient @ part.sums.T
        return values, influences

    def within(self) -> float | None:
        """Variance from the sampling of rows within speakers; None where the rows are not known."""
        total: np.ndarray | None = None
        for part in self.parts:
            if part.rows is None:
                return None
            gradient = linearise(part.metric, part.sums.sum(axis=0))[1]
            own = np.zeros(len(part.rows.chosen))
            statistics = part.rows.statistics(cast(Metric, part.metric))
            own[part.rows.chosen] = float(part.weight) * statistics @ gradient
            total = own if total is None else total + own
        rows = [part.rows for part in self.parts if part.rows is not None]
        if total is None or any(len(r.chosen) != len(total) for r in rows):
            return None
        counted = np.any([r.chosen for r in rows], axis=0)
        return spread_within(total[counted], rows[0].speakers[counted], rows[0].count)


def spread_within(influences: np.ndarray, speakers: np.ndarray, count: int) -> float:
    """Sum over speakers of n / (n − 1) Σ (u − ū)²: the variance of a sum of independent rows.

    Args:
        influences: float64 (n,), of each row.
        speakers: int64 (n,), index of each row's speaker in [0, ``count``).
        count: number of speakers; one with a single row tells nothing and adds nothing.
    """
    n = np.bincount(speakers, minlength=count)
    sums = np.bincount(speakers, weights=influences, minlength=count)
    squares = np.bincount(speakers, weights=influences**2, minlength=count)
    several = n > 1
    n, sums, squares = n[several], sums[several], squares[several]
    return float(np.sum(n / (n - 1) * np.maximum(squares - sums**2 / n, 0)))


def _times(weight: Fraction, end: float) -> Fraction | float:
    """Weigh an end of a range, without rounding where it is finite."""
    return weight * Fraction(end) if np.isfinite(end) else float(weight) * end


def single(metric: Reduction, over: Rows | np.ndarray) -> WeightedSum:
    """Estimate a metric over rows, or on sums per speaker, float64 (speakers, k)."""
    return WeightedSum((Part.of(metric, over),))


def contrast(
    first: tuple[Reduction, Rows | np.ndarray], second: tuple[Reduction, Rows | np.ndarray]
) -> WeightedSum:
    """First minus second: perturbed − clean on the same speakers, or one group − another."""
    return WeightedSum((Part.of(*first), Part.of(*second, weight=-1)))


def combined(*terms: tuple[Fraction | int, WeightedSum]) -> WeightedSum:
    """Weigh and add weighted sums; a part that stands in several of them is one part of the result.

    The same part is the same array of sums. Two conditions whose sums are merely equal stay apart: that
    they are is what an interval must doubt.
    """
    parts: dict[tuple[Reduction, int], Part] = {}
    for factor, term in terms:
        for part in term.parts:
            key = part.metric, id(part.sums)
            before = parts[key].weight if key in parts else Fraction(0)
            parts[key] = replace(part, weight=before + factor * part.weight)
    return WeightedSum(tuple(parts.values()))


def mean(terms: Sequence[WeightedSum]) -> WeightedSum:
    """The mean of weighted sums over the same speakers."""
    return combined(*((Fraction(1, len(terms)), term) for term in terms))


def strata(values: Sequence[str]) -> np.ndarray:
    """Number each speaker's group, in the order of the sorted names: int64 (speakers,)."""
    return np.unique(np.asarray(values, dtype=str), return_inverse=True)[1]
