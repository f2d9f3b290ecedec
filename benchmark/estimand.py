"""What is estimated: a metric, or a weighted sum of metrics, as a function of sums per speaker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np

from .metrics import UNIT, Metric

STEP = 1e-30  # of the complex step: no difference is taken, so it cannot be too small


def per_speaker(statistics: np.ndarray, speakers: np.ndarray, count: int) -> np.ndarray:
    """Sum statistics over the rows of each speaker.

    Args:
        statistics: float64 (n, k), of each row.
        speakers: int64 (n,), index of each row's speaker in [0, ``count``).
        count: number of speakers, those without rows included.

    Returns:
        float64 (count, k); zeros for a speaker without rows.
    """
    columns = [np.bincount(speakers, weights=column, minlength=count) for column in statistics.T]
    return np.stack(columns, axis=-1)


def linearise(metric: Metric, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and exact gradients of a metric at ``sums``, by a complex step.

    The imaginary part of f(s + i h e_j), divided by h, is the derivative to machine precision, as no
    difference is taken (Squire & Trapp 1998).

    Args:
        metric: the metric.
        sums: float64 (…, k).

    Returns:
        float64 (…) and float64 (…, k); NaN where the metric is undefined.
    """
    stepped = sums[..., None, :] + 1j * STEP * np.eye(sums.shape[-1])
    return metric.finish(sums), metric.finish(stepped).imag / STEP


@dataclass(frozen=True)
class Counted:
    """How many rows an estimate rests on, and of how many speakers."""

    n: int
    speakers: int


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


@dataclass(frozen=True)
class Part:
    """One metric on its sums per speaker, with the weight it enters with."""

    metric: Metric
    sums: np.ndarray  # float64 (speakers, k)
    weight: Fraction = Fraction(1)  # exact, so that the weights of a mean sum to 1

    @property
    def value(self) -> float | None:
        """The metric itself, over all speakers; None where undefined."""
        value = float(self.metric.finish(self.sums.sum(axis=0)))
        return value if np.isfinite(value) else None


@dataclass(frozen=True)
class WeightedSum:
    """A weighted sum of metrics over the same speakers: one metric, the contrast of two, a mean of many."""

    parts: tuple[Part, ...]

    @property
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


def _times(weight: Fraction, end: float) -> Fraction | float:
    """Weigh an end of a range, without rounding where it is finite."""
    return weight * Fraction(end) if np.isfinite(end) else float(weight) * end


def single(metric: Metric, sums: np.ndarray) -> WeightedSum:
    """Estimate a metric on sums per speaker, float64 (speakers, k)."""
    return WeightedSum((Part(metric, sums),))


def contrast(first: tuple[Metric, np.ndarray], second: tuple[Metric, np.ndarray]) -> WeightedSum:
    """First minus second: perturbed − clean on the same speakers, or one group − another."""
    return WeightedSum((Part(*first), Part(*second, weight=Fraction(-1))))


def combined(*terms: tuple[Fraction | int, WeightedSum]) -> WeightedSum:
    """Weigh and add weighted sums; a part that stands in several of them is one part of the result.

    The same part is the same array of sums. Two conditions whose sums are merely equal stay apart: that
    they are is what an interval must doubt.
    """
    parts: dict[tuple[Metric, int], Part] = {}
    for factor, term in terms:
        for part in term.parts:
            key = part.metric, id(part.sums)
            before = parts[key].weight if key in parts else Fraction(0)
            parts[key] = Part(part.metric, part.sums, before + factor * part.weight)
    return WeightedSum(tuple(parts.values()))


def mean(terms: Sequence[WeightedSum]) -> WeightedSum:
    """The mean of weighted sums over the same speakers."""
    return combined(*((Fraction(1, len(terms)), term) for term in terms))


def strata(values: Sequence[str]) -> np.ndarray:
    """Number each speaker's group, in the order of the sorted names: int64 (speakers,)."""
    return np.unique(np.asarray(values, dtype=str), return_inverse=True)[1]
