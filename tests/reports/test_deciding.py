"""What would decide an open finding, over one and over many."""

import pytest
from ser_audit.benchmark.finding import Estimate, Finding, Limit, Subject
from ser_audit.reports import deciding
from ser_audit.reports.tables import listing

GAP = Limit(low=-0.075, high=0.075, source="ser-tests")


def finding(
    seen=None, zero=None, more=None, *, metric="gap of CCC", output="arousal", speakers=24, **details
):
    plan = {"speakers_to_decide": seen, "speakers_to_decide_at_0": zero, "more_utterances_decide": more}
    return Finding(
        code="SER401",
        audit="fairness",
        metric=metric,
        subject=Subject(checkpoint="c", corpus="pod", output=output, group="sex: female − male"),
        estimate=Estimate(value=-0.12, low=-0.34, high=0.1, n=240, speakers=speakers),
        limit=GAP,
        verdict="inconclusive",
        message="So it is.",
        details={**plan, **details},
    )


@pytest.mark.parametrize(
    ("count", "text"),
    [(2, "2"), (99, "99"), (100, "100"), (101, "110"), (810, "810"), (7301, "7,400"), (540_000, "540,000")],
)
def test_a_number_of_speakers_has_two_digits_and_is_never_too_low(count, text):
    assert deciding.rough(count) == text


def test_one_open_finding_says_both_numbers_and_that_utterances_do_not_help():
    assert deciding.sentence([finding(810, 350, False)]) == (
        "What would decide it: about 810 speakers (gap of CCC, arousal, sex: female − male, pod; 24 now) if "
        "what is seen is true; about 350 speakers if there is no gap; more utterances of the same speakers "
        "could not."
    )


def test_many_open_findings_are_told_from_the_fewest_to_the_most():
    many = [
        finding(2900, 680, True, output="valence"),
        finding(95, 1600, False, output="dominance"),
        finding(None, 350, None),
        finding(180, 26, False, metric="change of CCC"),
    ]
    assert deciding.sentence(many) == (
        "What would decide them: about 95 (gap of CCC, dominance, sex: female − male, pod; 24 now) to 2,900 "
        "speakers if what is seen is true; about 26 to 1,600 speakers if there is no gap or change; no "
        "number for 1 of them, too near the limit; more utterances of the same speakers could decide 1 of "
        "them."
    )


def test_a_finding_too_near_its_limit_says_so():
    assert deciding.sentence([finding(None)]) == "What would decide it: it is too near the limit to say."
    assert deciding.speakers(finding(None)).text == "too near"


def test_findings_without_a_plan_say_nothing():
    bare = finding().model_copy(update={"details": {}})
    assert deciding.sentence([bare]) == ""
    assert deciding.speakers(bare).text == deciding.detectable(bare).text == ""


def test_tables_hold_speakers_to_decide_and_the_least_gap_that_could_be_seen():
    table = listing("t", [finding(810, 350, False, detectable=0.336), finding(95, detectable=None)])
    heads = [column.label for column in table.columns]
    first, second = table.rows
    cell = first[heads.index("Speakers to decide")]
    assert (cell.text, cell.below) == ("810", ("350 if it is 0", "not more utterances"))
    assert first[heads.index("Detectable")].text == ".34"
    assert second[heads.index("Detectable")].text == "none"
