"""All of a family together: 90 % intervals of each alone, and never against a fail."""

import pytest
from ser_audit.benchmark.finding import Estimate, Finding, Limit, Subject
from ser_audit.benchmark.together import together

GAP = Limit(low=-0.075, high=0.075, source="test")


def member(output, verdict, low, high, family="fairness · sex"):
    return Finding(
        code="SER401",
        audit="fairness",
        metric="gap of CCC",
        subject=Subject(
            checkpoint="model",
            corpus="one",
            cohort="all speakers",
            condition="clean",
            output=output,
            group="sex: female − male",
        ),
        estimate=Estimate(
            value=(low + high) / 2,
            low=-0.2,
            high=0.2,
            equivalence_low=low,
            equivalence_high=high,
            speakers=40,
        ),
        limit=GAP,
        verdict=verdict,
        family=family,
        message="A gap.",
    )


@pytest.mark.parametrize(
    ("members", "verdict"),
    [
        ([("inconclusive", -0.07, 0.07), ("pass", -0.02, 0.02)], "pass"),
        ([("inconclusive", -0.07, 0.07), ("inconclusive", -0.07, 0.08)], "inconclusive"),
        ([("pass", -0.02, 0.02), ("fail", 0.1, 0.2)], "fail"),
        ([("fail", -0.02, 0.02), ("pass", -0.02, 0.02)], "fail"),
    ],
)
def test_all_pass_where_each_alone_lies_inside_and_none_fails(members, verdict):
    found = [member(f"d{i}", *m) for i, m in enumerate(members)]
    (claim,) = together(found, "SER490", "fairness")
    assert (claim.code, claim.verdict) == ("SER490", verdict)
    assert claim.details["members"] == 2
    assert claim.subject.output is None
    assert claim.subject.group == "sex: female − male"
    assert claim.subject.corpus == "one"


def test_a_claim_is_made_of_each_family_and_of_none_that_stands_alone():
    found = [
        member("a", "pass", -0.02, 0.02),
        member("b", "pass", -0.02, 0.02),
        member("a", "pass", -0.02, 0.02, "fairness · age"),
        member("c", "pass", -0.02, 0.02, None),
    ]
    assert [c.verdict for c in together(found, "SER490", "fairness")] == ["pass"]


def test_what_was_withheld_makes_no_claim():
    """A random rater's gaps are all withheld: it does not pass all together either."""
    found = [member(o, "not_applicable", -0.01, 0.01) for o in "ab"]
    assert together(found, "SER490", "fairness") == []
