"""Intervals by resampling speakers: the symmetric studentised bootstrap, pointwise and simultaneous.

Speakers are drawn, not utterances: utterances of one speaker share the speaker's bias. In simulation
with 10 to 60 speakers, equal and unequal sizes, this interval covered 94 to 97.5 % where 95 % was
asked, percentile 87 to 96, BCa 83 to 96 (Hall 1992, section 3.6, for the symmetric interval; the
linearised standard error is the delete-one jackknife's first-order form).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from .estimand import Estimand

DEGENERATE = 0.05  # share of draws without a standard error above which no quantile is trusted
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


@dataclass(frozen=True)
class Interval:
    """An interval, or the reason why there is none."""

    value: float | None
    low: float | None = None
    high: float | None = None
    method: str | None = None
    reason: str | None = None  # why the value or the interval is missing


@dataclass(frozen=True)
class _Studentised:
    """An estimand with its standard error and the |t| of every draw."""

    estimand: Estimand
    value: float
    error: float
    ratios: np.ndarray  # float64 (draws,); infinite where a draw has no standard error

    @property
    def infinite(self) -> float:
        """Share of draws that have no |t|."""
        return float(np.mean(np.isinf(self.ratios)))

    @property
    def degenerate(self) -> bool:
        """Whether resampling cannot tell the interval's width.

        Shares without any spread between speakers (PUP = 1) are luck as far as n speakers allow. A real
        number without spread (no arousal changed at all) is the limit of a small spread, and stays.
        """
        return (self.error <= ZERO and self.estimand.shares) or self.infinite > DEGENERATE


def intervals(estimands: Sequence[Estimand], draws: Draws, confidence: float = 0.95) -> list[Interval]:
    """Intervals that all hold at once with probability ``confidence``; of one estimand, pointwise.

    Value ± q · standard error, clipped to the estimand's range, where q is the ``confidence`` quantile
    over the draws of the largest |t| in the family (single-step max-|t|).

    A draw whose standard error is 0 while its value differs counts as |t| = ∞. Where more than 5 % of
    draws do so, or where a share has no width (PUP = 1), the estimand gets an exact bound in place of the
    bootstrap (see :func:`_exact`) at its Bonferroni share of the error, and the others share the rest.
    No interval: an undefined value, or a stratum with fewer than two speakers.

    Args:
        estimands: the family; all over the speakers of ``draws``.
        draws: the shared multiplicities.
        confidence: of the whole family, in (0, 1).
    """
    found: list[Interval | None] = [_impossible(e, draws) for e in estimands]
    open_ = [i for i, interval in enumerate(found) if interval is None]
    family = {i: _studentise(estimands[i], draws) for i in open_}
    regular = [i for i in open_ if not family[i].degenerate]
    error, size = 1 - confidence, len(open_)
    q = np.inf
    while regular:
        largest = np.max([family[i].ratios for i in regular], axis=0)
        q = _quantile(largest, 1 - error * len(regular) / size)
        if np.isfinite(q):
            break
        regular.remove(max(regular, key=lambda i: family[i].infinite))
    together = f", simultaneous over {size}" if size > 1 else ""
    for i in open_:
        one = family[i]
        if i in regular:
            low, high = one.estimand.range
            reach = q * one.error
            method = f"studentised speaker bootstrap{together}"
            found[i] = Interval(one.value, max(one.value - reach, low), min(one.value + reach, high), method)
        else:
            found[i] = _exact(one, draws, error / size, together)
    return [interval for interval in found if interval is not None]


def _impossible(estimand: Estimand, draws: Draws) -> Interval | None:
    """Return an interval that holds a reason where none can be had, else None."""
    value = estimand.value
    if not np.isfinite(value):
        return Interval(None, reason="undefined: constant, or too few rows")
    speakers = np.bincount(draws.strata, weights=estimand.present)
    fewest = int(min(speakers[speakers > 0]))
    if fewest < 2:
        group = " in a group" if np.count_nonzero(speakers) > 1 else ""
        return Interval(value, reason=f"no interval from {fewest} speaker{group}")
    return None


def _studentise(estimand: Estimand, draws: Draws) -> _Studentised:
    """Value, linearised standard error and |t| of every draw."""
    value = estimand.value
    ones = np.ones((1, len(draws.strata)))
    with np.errstate(invalid="ignore"):
        error = _errors(estimand.draw(ones)[1], ones, draws.strata)[0]
        values, influences = estimand.draw(draws.weights)
        errors = _errors(influences, draws.weights, draws.strata)
        away = np.abs(values - value)
    defined = np.isfinite(away) & np.isfinite(errors)
    usable = defined & (errors > ZERO)
    ratios = np.where(defined & (away <= ZERO), 0.0, np.inf)
    ratios[usable] = away[usable] / errors[usable]
    return _Studentised(estimand, value, float(error), ratios)


def _errors(influences: np.ndarray, weights: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Linearised standard errors: the spread of speakers' influences within strata.

    sqrt(Σ_h n_h / (n_h − 1) Σ_s w_s (u_s − ū_h)²), float64 (draws,).
    """
    variance = np.zeros(len(weights))
    for stratum in np.unique(strata):
        w, u = weights[:, strata == stratum], influences[:, strata == stratum]
        n = w.shape[1]
        if n > 1:
            mean = np.einsum("bs,bs->b", w, u) / n
            variance += n / (n - 1) * np.maximum(np.einsum("bs,bs,bs->b", w, u, u) - n * mean**2, 0)
    return np.sqrt(variance)


def _quantile(ratios: np.ndarray, level: float) -> float:
    """Find the smallest ratio that a share ``level`` of B + 1 lies at or below; ∞ where B is too few."""
    rank = ceil((len(ratios) + 1) * level - 1e-9)
    return float(np.sort(ratios)[rank - 1]) if rank <= len(ratios) else float("inf")


def _exact(one: _Studentised, draws: Draws, error: float, together: str) -> Interval:
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
