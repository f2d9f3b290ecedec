"""Verdicts: wholly inside passes, wholly outside fails, all else is inconclusive."""

import pytest
from ser_audit.benchmark.finding import Finding, Limit, Subject
from ser_audit.benchmark.resampling import Interval
from ser_audit.benchmark.verdict import clause, verdict, withhold

ABOVE = Limit(low=0.5, source="reason")
BELOW = Limit(high=0.1, source="reason")
BETWEEN = Limit(low=-0.075, high=0.075, source="reason")


@pytest.mark.parametrize(
    ("low", "high", "limit", "expected"),
    [
        (0.51, 0.9, ABOVE, "pass"),
        (0.2, 0.49, ABOVE, "fail"),
        (0.2, 0.5, ABOVE, "fail"),
        (0.5, 0.9, ABOVE, "inconclusive"),
        (0.49, 0.51, ABOVE, "inconclusive"),
        (0.02, 0.09, BELOW, "pass"),
        (0.1, 0.2, BELOW, "fail"),
        (0.02, 0.1, BELOW, "inconclusive"),
        (-0.07, 0.07, BETWEEN, "pass"),
        (-0.3, -0.08, BETWEEN, "fail"),
        (0.08, 0.3, BETWEEN, "fail"),
        (-0.08, 0.07, BETWEEN, "inconclusive"),
        (-0.2, 0.2, BETWEEN, "inconclusive"),
    ],
)
def test_the_whole_interval_decides(low, high, limit, expected):
    assert verdict(Interval((low + high) / 2, low, high), limit) == expected


def test_what_has_no_interval_no_value_or_no_limit_is_never_a_pass_or_fail():
    assert verdict(Interval(0.9), ABOVE) == "inconclusive"
    assert verdict(Interval(None), ABOVE) == "not_applicable"
    assert verdict(Interval(0.9, 0.8, 1.0), None) == "not_applicable"


def test_messages_end_with_the_verdict_and_the_limit():
    assert clause("pass", ABOVE, "CCC") == ": inside the limit (above .5)"
    assert clause("fail", BELOW, "MAE") == ": outside the limit (below .1)"
    assert clause("inconclusive", BETWEEN, "gap of CCC") == (
        ": undecided against the limit (a gap between −.075 and .075)"
    )
    assert clause("not_applicable", ABOVE, "CCC") == clause("pass", None, "CCC") == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("pass", "not_applicable"),
        ("inconclusive", "not_applicable"),
        ("fail", "fail"),
        ("not_applicable", "not_applicable"),
    ],
)
def test_without_skill_only_a_fail_stands(before, after):
    finding = Finding(
        code="SER301",
        audit="robustness",
        subject=Subject(checkpoint="c"),
        verdict=before,
        message="It is so.",
    )
    withheld = withhold(finding, "no skill is shown")
    assert withheld.verdict == after
    changed = before in ("pass", "inconclusive")
    assert withheld.message == ("It is so; no verdict, as no skill is shown." if changed else "It is so.")
