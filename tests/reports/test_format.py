"""Numbers, limits, names and hover texts are written as the field writes them."""

import pytest
from ser_audit.benchmark.finding import Estimate, Finding, Limit, Subject
from ser_audit.reports import format as fmt


def finding(value, low=None, high=None, limit=None, metric="UAR"):
    estimate = Estimate(
        value=value, low=low, high=high, confidence=0.95, method="bootstrap", n=240, speakers=8
    )
    return Finding(
        code="SER205", audit="correctness", metric=metric, subject=Subject(checkpoint="c"), estimate=estimate,
        limit=limit, verdict="inconclusive" if limit else "not_applicable", message="m",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (None, 2, "–"),
        (0.5, None, ".5"),
        (-0.05, None, "−.05"),
        (0.0, 2, ".00"),
        (1.0, 2, "1.00"),
        (-0.0002, 2, ".00"),
        (1.2e-7, None, "1.2×10⁻⁷"),
        (1e-6, None, "1×10⁻⁶"),
        (0.00079, None, ".00079"),
        (2.5017, None, "2.5"),
        (56.94, None, "56.9"),
        (30, None, "30"),
        (1687368.0, None, "1,687,368"),
    ],
)
def test_numbers(value, digits, expected):
    assert fmt.figure(value, digits) == expected


def test_an_interval_that_ends_at_its_limit_gets_a_third_decimal_as_in_its_message():
    limit = Limit(low=0.5, source="ser-tests")
    assert fmt.interval(finding(0.6, 0.4961, 0.7, limit)) == ".496 to .700"
    assert fmt.interval(finding(0.6, 0.4, 0.8, limit)) == ".40 to .80"
    assert fmt.interval(finding(0.6)) == "–"


def test_ratios_have_two_decimals_and_counts_have_none():
    assert fmt.value(finding(1.0)) == "1.00"
    assert fmt.value(finding(3.0, metric="failed rows")) == "3"
    assert fmt.value(finding(0.0153, metric="real-time factor")) == ".015"


def test_limits():
    assert fmt.limit(Limit(low=0.5, source="s")) == "above .5"
    assert fmt.limit(Limit(high=1e-6, source="s")) == "below 1×10⁻⁶"
    assert fmt.limit(Limit(low=-0.075, high=0.075, source="s")) == "−.075 to .075"
    assert fmt.limit(None) == "–"


def test_a_trace_names_code_interval_rows_speakers_method_and_limit():
    trace = fmt.trace(finding(0.6, 0.4, 0.8, Limit(low=0.5, source="ser-tests")))
    assert trace == (
        "SER205 UAR .60 · 95 % interval .40 to .80 · n = 240 · 8 speakers · bootstrap · "
        "limit above .5 (ser-tests) · inconclusive"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb\x00c", "a\\nb\\x00c"),
        ("evil\u202egnp.exe", "evil\\u202egnp.exe"),
        ("a\ufffeb\u2028", "a\\ufffeb\\u2028"),
        ("שלום \u200f Ünïcode 語", "שלום \u200f Ünïcode 語"),
    ],
)
def test_what_cannot_be_seen_is_written_as_its_escape(text, expected):
    assert fmt.visible(text) == expected


def test_long_names_lose_their_middle():
    name = "a" * 150 + "z" * 150
    assert fmt.short(name, 40) == "a" * 26 + "…" + "z" * 13
    assert fmt.short("short") == "short"


def test_durations_and_revisions():
    assert [fmt.duration(s) for s in (48, 2656.7, 8280)] == ["48 s", "44 min", "2.3 h"]
    assert fmt.revision("sha256:7bb90f9cbfc0e1be") == "sha256:7bb90f9cbfc0…"
    assert fmt.revision("v1") == "v1"
