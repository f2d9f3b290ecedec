"""What would decide it: against simulated estimates, and closed forms."""

import numpy as np
import pytest
from ser_audit.benchmark.finding import Limit
from ser_audit.benchmark.planning import detectable, plan, power, sentence, speakers_needed
from ser_audit.benchmark.resampling import Interval

GAP = Limit(low=-0.075, high=0.075, source="test")
FLOOR = Limit(low=-0.05, source="test")


def interval(value, error=0.04, critical=2.4):
    reach = critical * error
    return Interval(value, value - reach, value + reach, "test", error=error, critical=critical)


def share(value, error, critical, limit, verdict):
    """How often estimates about a true value get a verdict."""
    estimates = np.random.default_rng(0).normal(value, error, 400_000)
    low, high = estimates - critical * error, estimates + critical * error
    above = limit.low if limit.low is not None else -np.inf
    below = limit.high if limit.high is not None else np.inf
    if verdict == "pass":
        return np.mean((low > above) & (high < below))
    return np.mean((high <= above) | (low >= below))


@pytest.mark.parametrize(
    ("value", "error", "limit", "verdict"),
    [
        (0.0, 0.02, GAP, "pass"),
        (0.03, 0.012, GAP, "pass"),
        (0.2, 0.04, GAP, "fail"),
        (-0.2, 0.05, GAP, "fail"),
        (0.0, 0.015, FLOOR, "pass"),
        (-0.12, 0.02, FLOOR, "fail"),
    ],
)
def test_the_power_is_the_share_of_simulated_estimates_with_the_right_verdict(value, error, limit, verdict):
    assert power(value, error, 2.4, limit) == pytest.approx(
        share(value, error, 2.4, limit, verdict), abs=0.005
    )


@pytest.mark.parametrize(
    ("value", "verdict"), [(0.0, "pass"), (0.04, "pass"), (0.15, "fail"), (-0.15, "fail")]
)
def test_the_speakers_asked_for_decide_it_in_four_of_five(value, verdict):
    present = 40
    needed = speakers_needed(value, interval(value), present, GAP)
    error = 0.04 * np.sqrt(present / needed)
    assert share(value, error, 2.4, GAP, verdict) == pytest.approx(0.8, abs=0.02)


def test_near_the_limit_no_number_is_given():
    for value in (0.066, 0.075, 0.084, -0.08):
        assert speakers_needed(value, interval(value), 40, GAP) is None
    assert speakers_needed(0.064, interval(0.064), 40, GAP) is not None
    told = plan(interval(0.07), GAP, 0.0, 40, lambda: 1e-4)
    assert told["speakers_to_decide"] is None
    assert told["speakers_to_decide_at_0"] > 40
    assert "too near the limit" in sentence(told, "gap")


@pytest.mark.parametrize(("within", "could"), [(0.0, False), (0.04**2, True), (0.5 * 0.04**2, False)])
def test_more_utterances_decide_only_what_lies_within_speakers(within, could):
    """At a gap of 0 the error must come down to .02; half of the variance within leaves .028."""
    told = plan(interval(0.0), GAP, 0.0, 40, lambda: within)
    assert told["more_utterances_decide"] is could
    assert ("of the same speakers could not" in sentence(told, "gap")) is not could


def test_rows_that_are_not_known_leave_the_question_of_utterances_open():
    told = plan(interval(0.0), GAP, 0.0, 40, lambda: None)
    assert "more_utterances_decide" not in told
    assert "utterances" not in sentence(told, "gap")


def test_the_detectable_gap_fails_in_four_of_five():
    least = detectable(interval(0.0), GAP, 2.0)
    assert share(least, 0.04, 2.4, GAP, "fail") == pytest.approx(0.8, abs=0.005)
    assert detectable(interval(0.0, error=0.9), GAP, 2.0) is None


def test_an_exact_bound_plans_nothing():
    assert plan(Interval(1.0, 0.8, 1.0, "exact"), FLOOR, None, 10, lambda: 0.0) == {}
