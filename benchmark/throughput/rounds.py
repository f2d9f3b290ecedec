"""Intervals over rounds and over utterances."""

from __future__ import annotations

from collections.abc import Sequence

from ..resampling import Interval


def of_rounds(rounds: Sequence[float], confidence: float, over: str = "rounds") -> Interval:
    """The mean over rounds with Student's interval, which ends at 0; none from a single round.

    The mean, not the median, since the time that a corpus takes is a sum.

    Args:
        rounds: not negative.
        confidence: in (0, 1).
        over: what they are, in words.
    """
    from statistics import fmean, stdev

    from scipy.special import stdtrit

    n, value = len(rounds), fmean(rounds)
    if n < 2:
        return Interval(value, reason=f"no interval from one {over.removesuffix('s')}")
    reach = float(stdtrit(n - 1, (1 + confidence) / 2)) * stdev(rounds) / n**0.5
    return Interval(value, max(0.0, value - reach), value + reach, f"Student's t over {over}")


def of_share(count: int, n: int, confidence: float) -> Interval:
    """A share with its exact binomial interval (Clopper and Pearson 1934).

    Args:
        count: how many of them.
        n: of how many, at least one.
        confidence: in (0, 1).
    """
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    low = float(betaincinv(count, n - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, n - count, 1 - tail)) if count < n else 1.0
    return Interval(count / n, low, high, "Clopper–Pearson over utterances")
