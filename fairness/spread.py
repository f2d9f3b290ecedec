"""How far speakers differ beyond sampling: the natural spread τ, and each speaker's value shrunken by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .sampling import Own


@dataclass(frozen=True, eq=False)
class Spread:
    """Speakers' values as draws from one distribution, each with its sampling error."""

    mean: float  # of the distribution
    tau: float  # its standard deviation
    low: float | None  # of tau
    high: float | None
    shrunken: np.ndarray  # float64 (speakers,); NaN where not known


def natural_spread(own: Own, confidence: float) -> Spread | None:
    r"""Estimate the spread between speakers that sampling does not explain.

    With variances :math:`v_s`, weights :math:`w_s = 1 / (v_s + \tau^2)` and the weighted mean :math:`\mu`,
    :math:`Q(\tau^2) = \sum_s w_s (x_s - \mu)^2` is about :math:`\chi^2` with one degree of freedom less than
    speakers. The estimate solves Q = S − 1 (Paule & Mandel 1982), the ends of the interval solve Q = its
    quantiles (Q-profile; Viechtbauer 2007). Each value is then drawn to the mean,
    :math:`\mu + \tau^2 / (\tau^2 + v_s) (x_s - \mu)` (empirical Bayes; Morris 1983).

    A speaker's own variance goes with its value (the CCC's is small where it happens to be near 1), which
    makes Q too large. So each is drawn half-way to what its number of rows has on average. Simulated for CCC
    and 10 to 50 speakers, a 95 % interval then covers 94 to 96 % from 25 rows per speaker on and 84 to 95 %
    at 6 to 15, where each speaker's own variance gives 77 to 96 % and 14 to 89 %.

    Args:
        own: of all speakers.
        confidence: of the interval.

    Returns:
        None for fewer than three speakers whose value and variance are known, or where no variance is
        above 0. No interval where values lie nearer to each other than sampling would have them.
    """
    known = np.isfinite(own.values) & np.isfinite(own.variances)
    n, x = own.n[known], own.values[known]
    scaled = own.variances[known] * n
    if len(x) < 3 or not scaled.any():
        return None
    v = (scaled + scaled.mean()) / (2 * n)
    mean, squares, low, high = q_profile(x, v, confidence)
    shrunken = np.full(len(own.values), np.nan)
    shrunken[known] = mean + squares / (squares + v) * (x - mean)
    first, last = (float(np.sqrt(low)), float(np.sqrt(high))) if high else (None, None)
    return Spread(mean, float(np.sqrt(squares)), first, last, shrunken)


def q_profile(
    values: np.ndarray, variances: np.ndarray, confidence: float
) -> tuple[float, float, float, float]:
    """Mean of the distribution, its variance τ², and the ends of the interval of τ².

    Args:
        values: float64 (S,).
        variances: float64 (S,), of sampling, above 0.
        confidence: of the interval.
    """
    from scipy.special import chdtri

    def mean(t: float) -> float:
        return float(np.average(values, weights=1 / (variances + t)))

    def excess(t: float) -> float:
        return float(np.sum((values - mean(t)) ** 2 / (variances + t)))

    freedom, miss = len(values) - 1, (1 - confidence) / 2
    squares, low, high = (
        _solve(excess, target)
        for target in (freedom, float(chdtri(freedom, miss)), float(chdtri(freedom, 1 - miss)))
    )
    return mean(squares), squares, low, high


def _solve(falling: Callable[[float], float], target: float) -> float:
    """Find where a function that falls with t ≥ 0 equals ``target``; 0 where it is below from the start."""
    from scipy.optimize import brentq

    if falling(0.0) <= target:
        return 0.0
    upper = 1e-3
    while falling(upper) > target:
        upper *= 4
    return float(brentq(lambda t: falling(t) - target, 0.0, upper, xtol=1e-14))
