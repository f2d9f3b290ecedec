"""MLPerf's scenarios: single stream, offline, server.

Reddi et al. 2020, "MLPerf Inference Benchmark", section 4.1. The arrivals are theirs; the durations are not:
a scenario takes seconds here and ten minutes there, so the far percentiles are rougher.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter, sleep
from typing import TypeVar

import numpy as np

Predict = Callable[[Sequence[np.ndarray]], np.ndarray]  # waves, float32 (samples,) each -> (waves, outputs)
Item = TypeVar("Item")

WARM = 2.0  # seconds of warm-up; what is warm by then is what is measured
BUDGET = 4.0  # seconds of measuring per scenario
LEAST = 3  # rounds or queries all the same
SINGLES = 200  # queries at most
ROUNDS = 10  # offline
QUERIES = 100  # of the server, within 5 seconds
FEWEST = 10  # of the server; with fewer no percentile says anything
SHARE = 0.5  # of what a single stream can do: the server's default load


def warmed(predict: Predict, waves: Sequence[np.ndarray], budget: float = WARM) -> list[int]:
    """Predict utterances one by one in random order until the time is over, at least three; which they were.

    Random, not by length: what a slow checkpoint is measured on is then a fair sample of the lengths.
    """
    order, start = _shuffled(len(waves), 0), perf_counter()
    done: list[int] = []
    for i in order:
        predict([waves[i]])
        done.append(int(i))
        if len(done) >= LEAST and perf_counter() - start > budget:
            break
    return done


def single_stream(predict: Predict, waves: Sequence[np.ndarray]) -> list[float]:
    """One utterance after the other, each sent when the one before is done.

    Args:
        predict: takes a batch.
        waves: float32 (samples,) each, predicted before, so that nothing is measured cold.

    Returns:
        Seconds of each query: whole passes over the utterances, each in another order, cut by the budget.
    """
    calls = ([waves[i]] for turn in range(SINGLES) for i in _shuffled(len(waves), turn))
    return _timed(predict, calls, SINGLES)


def offline(predict: Predict, batches: Sequence[Sequence[np.ndarray]]) -> list[float]:
    """All utterances at once, in batches: seconds of each pass over all of them."""

    def whole(batches: Sequence[Sequence[np.ndarray]]) -> None:
        for batch in batches:
            predict(batch)

    return _timed(whole, (batches for _ in range(ROUNDS)), ROUNDS)


def server(
    predict: Predict,
    waves: Sequence[np.ndarray],
    rate: float,
    queries: int,
    budget: float,
    now: Callable[[], float] = perf_counter,
    rest: Callable[[float], None] = sleep,
) -> list[float]:
    """Utterances that arrive as a Poisson process, served one at a time in the order of their arrival.

    A latency runs from the moment at which the utterance was to arrive to its scores, waiting included: a
    slow answer delays all behind it, and that shows (Tene's "coordinated omission" does not occur).

    Args:
        predict: takes a batch.
        waves: that may arrive, each as likely as the others.
        rate: utterances per second.
        queries: how many arrive.
        budget: seconds after which no further one is served.
        now: the clock, in seconds.
        rest: waits for so many seconds.

    Returns:
        Seconds of each query.
    """
    rng = np.random.default_rng(0)
    arrivals = np.cumsum(rng.exponential(1 / rate, queries))
    chosen = rng.integers(len(waves), size=queries)
    start, latencies = now(), []
    for arrival, i in zip(arrivals, chosen, strict=True):
        early = start + arrival - now()
        if early > 0:
            rest(early)
        predict([waves[i]])
        done = now() - start
        latencies.append(done - arrival)
        if done > budget and len(latencies) >= FEWEST:
            break
    return latencies


def _timed(call: Callable[[Item], object], items, most: int) -> list[float]:
    """Seconds of each call, until the budget or the items are spent."""
    seconds: list[float] = []
    begun = perf_counter()
    for item in items:
        start = perf_counter()
        call(item)
        end = perf_counter()
        seconds.append(end - start)
        if len(seconds) >= most or (end - begun > BUDGET and len(seconds) >= LEAST):
            break
    return seconds


def _shuffled(count: int, turn: int) -> np.ndarray:
    return np.random.default_rng(turn).permutation(count)
