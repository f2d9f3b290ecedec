"""Intervals by resampling speakers: the symmetric studentised bootstrap, pointwise and simultaneous.

Speakers are drawn, not utterances: utterances of one speaker share the speaker's bias. In simulation
with 10 to 60 speakers, equal and unequal sizes, this interval covered 94 to 97.5 % where 95 % was
asked, percentile 87 to 96, BCa 83 to 96 (Hall 1992, section 3.6, for the symmetric interval; the
linearised standard error is the delete-one jackknife's first-order form).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil
from statistics import NormalDist

import numpy as np

from .estimand import Estimand

DEGENERATE = 0.05  # share of draws without a standard error above which no quantile is trusted
COARSE = 1e-3  # standard errors in a family are at least this: no limit is finer
BLOCK = 50_000  # influences at a time, which fit a processor's cache
ZERO = 1e-10  # standard errors and differences below are rounding


@dataclass(frozen=True)
class Draws:
    """Speaker multiplicities, shared by every estimand of a table so that maxima are comparable."""

    weights: np.ndarray  # float64 (draws, speakers)
    strata: np.ndarray  # int64 (speakers,); speakers are drawn within their stratum

    @classmethod
    def of(cls, strata: np.ndarray, count: int, seed: int) -> Draws:
        """Draw ``count`` times as many speakers as each stratum has, with replacement.

        Args:
            strata: int64 (speakers,), stratum of each speaker.
            count: number of draws.
            seed: of the generator; the draws depend on it and on the strata alone.
        """
        rng = np.random.default_rng(seed)
        weights = np.zeros((count, len(strata)))
        for stratum in np.unique(strata):
            members = np.flatnonzero(strata == stratum)
            n = len(members)
            weights[:, members] = rng.multinomial(n, np.full(n, 1 / n), count)
        return cls(weights, strata)

    @classmethod
    def pooled(cls, speakers: int, count: int, seed: int) -> Draws:
        """Draw from one stratum of all ``speakers``."""
        return cls.of(np.zeros(speakers, dtype=np.int64), count, seed)

    @property
    def blocks(self) -> list[slice]:
        """The draws in blocks whose influences fit a processor's cache."""
        size = max(1, BLOCK // max(1, len(self.strata)))
        return [slice(i, i + size) for i in range(0, len(self.weights), size)]

    @cached_property
    def _members(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Who is in each stratum, bool as float64 (speakers, strata); its size; its n / (n − 1)."""
        members = (self.strata[:, None] == np.unique(self.strata)).astype(float)
        sizes = members.sum(axis=0)
        scale = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 0.0)
        return members, sizes, scale

    def errors(self, influences: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Linearised standard errors: the spread of speakers' influences within strata.

        sqrt(Σ_h n_h / (n_h − 1) Σ_s w_s (u_s − ū_h)²); a stratum of one speaker adds nothing.

        Args:
            influences: float64 (draws, speakers).
            weights: float64 (draws, speakers), how often each speaker counts.

        Returns:
            float64 (draws,).
        """
        members, sizes, scale = self._members
        weighted = weights * influences
        squares = (weighted * influences) @ members
        variance = np.maximum(squares - (weighted @ members) ** 2 / sizes, 0) @ scale
        return np.sqrt(variance)


@dataclass(frozen=True)
class Interval:
    """An interval, or the reason why there is none."""

    value: float | None
    low: float | None = None
    high: float | None = None
    method: str | None = None
    reason: str | None = None  # why the value or the interval is missing
    error: float | None = None  # standard error; None where the interval is no multiple of it
    critical: float | None = None  # that multiple
    least: float | None = None  # what it comes down to with very many speakers: the normal one, by Bonferroni


@dataclass(frozen=True)
class Studentised:
    """An estimand with its standard error, and of every draw how far it lies away and its error."""

    estimand: Estimand
    value: float
    error: float = 0.0
    away: np.ndarray = field(default_factory=lambda: np.zeros(0))  # float64 (draws,), |value of draw − value|
    errors: np.ndarray = field(default_factory=lambda: np.zeros(0))  # float64 (draws,), NaN where undefined
    reason: str | None = None  # why no interval can be had

    @cached_property
    def ratios(self) -> np.ndarray:
        """The |t| of every draw: float64 (draws,); infinite where a draw has no standard error."""
        return _ratios(self.away, self.errors)

    @cached_property
    def coarse(self) -> Studentised:
        """The same with no standard error below .001, as a member of a family.

        A change of a millionth, as of a level that the model normalises, has a |t| as wild as it is
        irrelevant; it would make all other intervals of its family several times as wide.
        """
        usable = self.errors > ZERO
        errors = np.where(usable, np.maximum(self.errors, COARSE), self.errors)
        error = max(self.error, COARSE) if self.error > ZERO else self.error
        return replace(self, error=error, errors=errors)

    @cached_property
    def infinite(self) -> float:
        """Share of draws that have no |t|."""
        return float(np.mean(np.isinf(self.ratios)))

    @cached_property
    def degenerate(self) -> bool:
        """Whether resampling cannot tell the interval's width.

        Shares without any spread between speakers (PUP = 1), and a value at an end of its range (CCC = 1),
        are luck as far as n speakers allow. Another number without spread (no arousal changed at all) is the
        limit of a small spread, and stays.
        """
        ends = self.estimand.range
        bounded = self.estimand.shares or (bool(np.isfinite(ends).all()) and self.value in ends)
        return (self.error <= ZERO and bounded) or self.infinite > DEGENERATE


def intervals(estimands: Sequence[Estimand], draws: Draws, confidence: float = 0.95) -> list[Interval]:
    """Intervals that all hold at once with probability ``confidence``; of one estimand, pointwise.

    Args:
        estimands: the family; all over the speakers of ``draws``.
        draws: the shared multiplicities.
        confidence: of the whole family, in (0, 1).
    """
    return bounds([studentise(estimand, draws) for estimand in estimands], confidence)


def bounds(family: Sequence[Studentised], confidence: float = 0.95) -> list[Interval]:
    """Bound a family in the same draws: value ± q · standard error, clipped to the estimand's range.

    q is the ``confidence`` quantile over the draws of the largest |t| in the family (single-step max-|t|),
    in which no standard error counts as less than .001.

    A draw whose standard error is 0 while its value differs counts as |t| = ∞. Where more than 5 % of
    draws do so, or where a share has no width (PUP = 1), the estimand gets an exact bound in place of the
    bootstrap (see :func:`_exact`). Where there are both, each kind has half of the error; exact bounds divide
    theirs equally (Bonferroni).
    No interval: an undefined value, or a stratum with fewer than two speakers.
    """
    if len(family) > 1:
        family = [one.coarse for one in family]
    open_ = [i for i, one in enumerate(family) if one.reason is None]
    regular = [i for i in open_ if not family[i].degenerate]
    error, size = 1 - confidence, len(open_)
    q = share = np.inf
    while regular:
        largest = np.max([family[i].ratios for i in regular], axis=0)
        share = error if len(regular) == size else error / 2
        q = _quantile(largest, 1 - share)
        if np.isfinite(q):
            break
        regular.remove(max(regular, key=lambda i: family[i].infinite))
    together = f", simultaneous over {size}" if size > 1 else ""
    found = []
    for i, one in enumerate(family):
        if one.reason is not None:
            value = one.value if np.isfinite(one.value) else None
            found.append(Interval(value, reason=one.reason))
        elif i in regular:
            low, high = one.estimand.range
            reach = q * one.error
            ends = max(one.value - reach, low), min(one.value + reach, high)
            method = f"studentised speaker bootstrap{together}"
            least = NormalDist().inv_cdf(1 - share / len(regular) / 2)
            found.append(Interval(one.value, *ends, method, None, one.error, q, least))
        else:
            rest = (error / 2 if regular else error) / (size - len(regular))
            found.append(_exact(one, rest, together))
    return found


def studentise(estimand: Estimand, draws: Draws) -> Studentised:
    """Value, linearised standard error and |t| of every draw, or the reason why there is none."""
    value = estimand.value
    if not np.isfinite(value):
        return Studentised(estimand, value, reason="undefined: constant, or too few rows")
    speakers = np.bincount(draws.strata, weights=estimand.present)
    fewest = int(min(speakers[speakers > 0]))
    if fewest < 2:
        group = " in a group" if np.count_nonzero(speakers) > 1 else ""
        plural = "" if fewest == 1 else "s"
        return Studentised(estimand, value, reason=f"no interval from {fewest} speaker{plural}{group}")
    with np.errstate(invalid="ignore"):
        error = draws.errors(*_drawn(estimand, np.ones((1, len(draws.strata)))))[0]
        away, errors = np.concatenate([_block(estimand, draws, value, b) for b in draws.blocks], axis=1)
    return Studentised(estimand, value, float(error), away, errors)


def _drawn(estimand: Estimand, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Influences under weights, and the weights."""
    return estimand.draw(weights)[1], weights


def _block(estimand: Estimand, draws: Draws, value: float, block: slice) -> np.ndarray:
    """How far some draws lie away, and their standard errors: float64 (2, draws)."""
    weights = draws.weights[block]
    values, influences = estimand.draw(weights)
    return np.stack([np.abs(values - value), draws.errors(influences, weights)])


def _ratios(away: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """The |t| of draws, (draws,): infinite where there is no error while the value differs."""
    defined = np.isfinite(away) & np.isfinite(errors)
    usable = defined & (errors > ZERO)
    ratios = np.where(defined & (away <= ZERO), 0.0, np.inf)
    ratios[usable] = away[usable] / errors[usable]
    return ratios


def _quantile(ratios: np.ndarray, level: float) -> float:
    """Find the smallest ratio that a share ``level`` of B + 1 lies at or below; ∞ where B is too few."""
    rank = ceil((len(ratios) + 1) * level - 1e-9)
    return float(np.sort(ratios)[rank - 1]) if rank <= len(ratios) else float("inf")


def _exact(one: Studentised, error: float, together: str) -> Interval:
    """Bound an estimand whose width resampling cannot tell: how many unlike speakers may there be?

    Of n speakers, x differ from the median speaker; the Clopper–Pearson bound b says how large the
    share of such speakers may be, and they may lie anywhere in the estimand's range. With PUP = 1 it
    is the exact binomial bound with n = speakers: [(error / 2)^(1/n), 1].
    """
    from scipy.special import betaincinv

    value, present = one.value, one.estimand.present
    own = one.estimand.own[present]
    low, high = one.estimand.range
    unlike = len(own)
    if np.isfinite(own).all() and np.isfinite([low, high]).all():
        unlike = int(np.sum(np.abs(own - np.median(own)) > ZERO))
    if unlike >= len(own) - 1:
        return Interval(value, reason=f"no interval: resampling {len(own)} speakers cannot tell its width")
    share = float(betaincinv(unlike + 1, len(own) - unlike, 1 - error / 2))
    centre = (1 - share) * float(np.median(own))
    method = f"exact bound over {len(own)} speakers{together}"
    return Interval(value, min(centre + share * low, value), max(centre + share * high, value), method)
