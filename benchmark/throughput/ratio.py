"""A ratio of times measured in turn: what one takes, over what the other takes right before or after it.

The machine's own changes (clock rates, neighbours, caches) last longer than a pair, so they cancel; a ratio
of two runs at different times has them in full.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from time import perf_counter
from typing import TypeVar

import numpy as np

from ..resampling import Interval

Item = TypeVar("Item")
BUDGET = 8.0  # seconds; it is measured only where it is asked for
LEAST = 8  # pairs; from 6 on there is a 95 % interval
MOST = 100
Pairs = tuple[list[float], list[float]]  # seconds of the one and of the other, pair by pair


def in_turn(
    first: Callable[[Item], object],
    second: Callable[[Item], object],
    items: Sequence[tuple[Item, Item]],
    now: Callable[[], float] = perf_counter,
) -> Pairs:
    """Time two functions on the same items in turn; which goes first changes with every pair.

    Args:
        first: called with the first of an item.
        second: called with its second: the same utterances, at another sampling rate perhaps.
        items: gone through in random order, again and again.
        now: the clock, in seconds.

    Returns:
        Seconds of both, at least 8 pairs, until eight seconds are over.
    """
    times: Pairs = ([], [])
    begun = now()
    turns = (i for turn in count() for i in np.random.default_rng(turn).permutation(len(items)))
    for pairs, i in enumerate(turns, 1):
        for which in (0, 1) if pairs % 2 else (1, 0):
            call, item = (first, second)[which], items[i][which]
            start = now()
            call(item)
            times[which].append(now() - start)
        if pairs >= MOST or (pairs >= LEAST and now() - begun > BUDGET):
            break
    return times


def ratio(times: Sequence[float], reference: Sequence[float], confidence: float) -> Interval:
    """The median ratio of pairs, with the interval that order statistics give.

    [r₍ₖ₎, r₍ₙ₊₁₋ₖ₎] with the greatest k for which 2 P(X < k) ≤ 1 − confidence, X ~ Bin(n, ½): no distribution
    is assumed, and single interruptions do not move it (Conover 1999, section 3.2).

    Args:
        times: seconds of what is compared, by pair.
        reference: seconds of what it is compared with.
        confidence: in (0, 1).
    """
    from scipy.special import bdtr

    ratios = np.sort(np.divide(times, reference))
    n, value = len(ratios), float(np.median(ratios))
    k = sum(2 * bdtr(i, n, 0.5) <= 1 - confidence for i in range(n // 2))
    if k == 0:
        return Interval(value, reason=f"no interval from {n} pairs")
    return Interval(value, float(ratios[k - 1]), float(ratios[n - k]), "order statistics over pairs")
