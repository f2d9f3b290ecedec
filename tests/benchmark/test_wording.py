"""Messages read as plain English, with numbers as the field writes them."""

import pytest
from ser_audit.benchmark.finding import Limit
from ser_audit.benchmark.resampling import Interval
from ser_audit.benchmark.wording import changes, decimals, gap, keeps, number, states


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.214, 2, ".21"),
        (-0.05, None, "−.05"),
        (0.075, None, ".075"),
        (1.0, 2, "1.00"),
        (1.0, None, "1"),
        (0.0, None, "0"),
        (-0.001, 2, ".00"),
        (12.5, None, "12.5"),
        (10.0, None, "10"),
    ],
)
def test_numbers(value, digits, text):
    assert number(value, digits) == text


def test_a_change_is_said_only_where_the_interval_shows_one():
    words = changes("White noise at 30 dB", "UAR of emotion", 8)
    assert words(Interval(-0.21, -0.31, -0.1), 2) == (
        "White noise at 30 dB lowers UAR of emotion by .21 (.10 to .31; 8 speakers)"
    )
    assert words(Interval(0.2, 0.1, 0.3), 2) == (
        "White noise at 30 dB raises UAR of emotion by .20 (.10 to .30; 8 speakers)"
    )
    assert words(Interval(-0.02, -0.07, 0.03), 2) == (
        "White noise at 30 dB: no evidence of a change of UAR of emotion, −.02 (−.07 to .03; 8 speakers)"
    )


def test_a_gap_is_said_only_where_the_interval_shows_one():
    words = gap("CCC of arousal", "female", "male", "all speakers of x", 20)
    assert words(Interval(-0.3, -0.4, -0.2), 2) == (
        "CCC of arousal on all speakers of x is .30 (.20 to .40; 20 speakers) lower for female than for male"
    )
    assert words(Interval(0.01, -0.1, 0.12), 2) == (
        "No evidence of a gap in CCC of arousal on all speakers of x: "
        "female − male is .01 (−.10 to .12; 20 speakers)"
    )


def test_a_missing_interval_says_why():
    missing = Interval(0.4, reason="no interval from 1 speaker")
    assert states("CCC", 1)(missing, 2) == "CCC is .40 (no interval from 1 speaker)"
    assert keeps("Gain at 2 dB", "arousal", 1)(missing, 2) == (
        "Gain at 2 dB leaves .40 (no interval from 1 speaker) of the predictions of arousal unchanged"
    )


def test_an_end_near_its_limit_gets_a_third_decimal():
    limit = Limit(low=0.5, source="reason")
    assert decimals(Interval(0.6, 0.52, 0.7), limit) == 2
    assert decimals(Interval(0.6, 0.504, 0.7), limit) == 3
    assert decimals(Interval(0.01, -0.02, 0.05)) == 3
