"""Ratios of times in turn, and intervals over rounds."""

import numpy as np
import pytest
import scipy.stats
from ser_audit.benchmark.throughput.ratio import LEAST, MOST, in_turn, ratio
from ser_audit.benchmark.throughput.rounds import of_share


class Machine:
    """A clock whose speed drifts; ``work`` takes ``cost`` seconds of its first speed."""

    def __init__(self):
        self.seconds, self.log = 0.0, []

    def now(self):
        return self.seconds

    def work(self, name, cost):
        def call(item):
            self.log.append((name, item))
            self.seconds += cost * (1 + self.seconds)

        return call


def test_both_take_the_same_items_and_each_goes_first_in_turn():
    machine = Machine()
    in_turn(machine.work("a", 0.1), machine.work("b", 0.1), [(1, 10), (2, 20), (3, 30)], machine.now)
    first = machine.log[0::2]
    assert [name for name, _ in first[:6]] == ["a", "b"] * 3
    for one, other in zip(machine.log[0::2], machine.log[1::2], strict=True):
        by_name = dict([one, other])
        assert by_name["b"] == 10 * by_name["a"]
    assert sorted(item for name, item in machine.log[:6] if name == "a") == [1, 2, 3]


def test_a_machine_that_slows_down_does_not_move_the_ratio():
    machine = Machine()
    slow, fast = in_turn(machine.work("a", 0.005), machine.work("b", 0.005), [(0, 0)], machine.now)
    assert slow[-1] > 2 * slow[0]
    found = ratio(slow, fast, 0.95)
    assert found.value == pytest.approx(1, abs=0.006)
    assert found.low < 1 < found.high
    assert found.high < 1.01


def test_there_are_at_least_eight_pairs_and_at_most_a_hundred():
    for cost, pairs in ((100.0, LEAST), (1e-9, MOST)):
        machine = Machine()
        a, b = in_turn(machine.work("a", cost), machine.work("b", cost), [(0, 0)] * 3, machine.now)
        assert len(a) == len(b) == pairs


@pytest.mark.parametrize("n", [6, 8, 9, 40, 100])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_the_interval_is_that_of_the_median_by_scipy(n, confidence):
    ratios = np.random.default_rng(n).lognormal(0, 0.3, n)
    found = ratio(ratios, np.ones(n), confidence)
    expected = scipy.stats.quantile_test(ratios, p=0.5).confidence_interval(confidence)
    assert found.value == np.median(ratios)
    if np.isnan(expected.low):
        assert (found.low, found.high) == (None, None)
        assert "no interval" in found.reason
    else:
        assert (found.low, found.high) == (expected.low, expected.high)


def test_the_interval_covers_the_true_ratio_as_often_as_it_says():
    """Heavy tails: one measurement in ten is interrupted and takes five times as long."""
    rng, hits = np.random.default_rng(0), 0
    for _ in range(1000):
        interrupted = np.where(rng.random((2, 40)) < 0.1, 5, 1)
        a, b = rng.lognormal(0, 0.05, (2, 40)) * interrupted
        found = ratio(1.2 * a, b, 0.95)
        hits += found.low <= 1.2 <= found.high
    assert 940 <= hits <= 985


@pytest.mark.parametrize(("count", "n"), [(0, 12), (1, 12), (12, 12), (7, 64)])
def test_a_share_has_its_exact_interval(count, n):
    found = of_share(count, n, 0.95)
    expected = scipy.stats.binomtest(count, n).proportion_ci(0.95, method="exact")
    assert (found.value, found.low, found.high) == pytest.approx((count / n, *expected), abs=1e-12)
