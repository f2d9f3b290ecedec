"""Throughput: the real-time factor, its interval over rounds, and its limit."""

import numpy as np
import pytest
import scipy.stats
from ser_audit.benchmark import policy
from ser_audit.benchmark.audits import throughput
from ser_audit.benchmark.policy import Rule

DEFAULT = policy.load("default")


def limited(below: float | None):
    rules = {} if below is None else {"real-time factor": Rule(below=below, source="a test")}
    return DEFAULT.model_copy(update={"throughput": rules})


def factor(rounds, below: float | None):
    """SER603 where ten seconds of audio took ``rounds`` seconds."""
    offline = {"extra_info": {"audio_seconds": 10.0}, "stats": {"data": list(rounds)}}
    return throughput._factor("model", "on cpu with 1 threads", offline, limited(below))


def test_the_interval_is_students_over_the_rounds():
    rounds = np.random.default_rng(0).gamma(20, 0.05, 8)
    found = throughput.of_rounds(list(rounds), 0.95)
    low, high = scipy.stats.t.interval(0.95, 7, rounds.mean(), scipy.stats.sem(rounds))
    assert (found.value, found.low, found.high) == pytest.approx((rounds.mean(), low, high), abs=1e-12)


def test_the_factor_is_all_seconds_over_all_audio():
    assert factor([10, 12, 20], None).estimate.value == pytest.approx(42 / 30, abs=1e-12)


@pytest.mark.parametrize(
    ("rounds", "verdict"),
    [
        ([13, 13.1, 12.9], "fail"),
        ([1, 1.1, 0.9], "pass"),
        ([5, 10, 16], "inconclusive"),
        ([13], "inconclusive"),  # one round tells no interval
    ],
)
def test_the_interval_is_held_against_the_limit(rounds, verdict):
    assert factor(rounds, 1.0).verdict == verdict


def test_without_a_limit_it_is_a_measurement():
    found = factor([13, 13.1, 12.9], None)
    assert found.verdict == "not_applicable"
    assert not found.counted


def test_the_message_says_by_how_much_and_over_how_many_rounds():
    message = factor([13, 13.1, 12.9], 1.0).message
    assert message == (
        "model takes 1.30 s (1.28 to 1.32; 3 rounds) for a second of audio in batches on cpu with 1 threads: "
        "outside the limit (below 1)."
    )
    assert ".0150 s" in factor([0.15, 0.151, 0.149], 1.0).message
