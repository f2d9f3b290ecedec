"""Answers: families across metrics, their errors, and what an open finding lacks."""

import numpy as np
import pytest
from ser_audit.benchmark.estimand import Counted, contrast, single
from ser_audit.benchmark.finding import Limit, Subject
from ser_audit.benchmark.metrics import CCC, MAE
from ser_audit.benchmark.policy import load
from ser_audit.benchmark.question import Question, answer
from ser_audit.benchmark.resampling import Draws, intervals
from ser_audit.benchmark.scored import Rows
from ser_audit.benchmark.wording import states

POLICY = load("default")
SPEAKERS, EACH = 30, 40
LIMIT = Limit(low=0.5, source="test")


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    who = np.repeat(np.arange(SPEAKERS), EACH)
    truth = rng.normal(0.5, 0.15, len(who))
    prediction = truth + rng.normal(0, 0.08, SPEAKERS)[who] + rng.normal(0, 0.12, len(who))
    return Rows(truth, prediction, np.ones(len(who), bool), who, SPEAKERS)


def question(estimand, **changes):
    fields = {
        "code": "SER202",
        "audit": "correctness",
        "metric": "CCC",
        "subject": Subject(checkpoint="model", corpus="one", condition="clean", output="arousal"),
        "estimand": estimand,
        "words": states("CCC of arousal", SPEAKERS),
        "limit": LIMIT,
        "family": "correctness",
        "counted": Counted(SPEAKERS * EACH, SPEAKERS),
    }
    return Question(**{**fields, **changes})


def test_a_family_holds_all_its_metrics_together_at_its_error(rows):
    draws = Draws.pooled(SPEAKERS, 1000, 0)
    estimands = [single(CCC(0.5, 0.5), rows), single(MAE(), rows)]
    asked = [question(estimands[0]), question(estimands[1], code="SER204", metric="MAE")]
    found = answer(asked, POLICY, draws)
    expected = intervals(estimands, draws, 1 - POLICY.families.correctness.error)
    alone = [intervals([e], draws, POLICY.confidence)[0] for e in estimands]
    ninety = [intervals([e], draws, 0.9)[0] for e in estimands]
    for finding, both, one, two in zip(found, expected, alone, ninety, strict=True):
        assert finding.estimate.method.endswith("simultaneous over 2")
        assert (finding.estimate.low, finding.estimate.high) == (both.low, both.high)
        assert (finding.estimate.pointwise_low, finding.estimate.pointwise_high) == (one.low, one.high)
        assert (finding.estimate.equivalence_low, finding.estimate.equivalence_high) == (two.low, two.high)
    assert len({f.family for f in found}) == 1


def test_a_family_never_crosses_a_scope_or_a_part_that_does_not_vary(rows):
    draws = Draws.pooled(SPEAKERS, 1000, 0)
    estimand = single(CCC(0.5, 0.5), rows)
    other = Subject(checkpoint="model", corpus="two", condition="clean", output="arousal")
    asked = [question(estimand), question(estimand, scope="sex"), question(estimand, subject=other)]
    found = answer(asked, POLICY, draws)
    assert len({f.family for f in found}) == 3
    assert all("simultaneous" not in f.estimate.method for f in found)


def test_calls_that_share_an_error_get_wider_intervals(rows):
    draws = Draws.pooled(SPEAKERS, 2000, 0)
    asked = [question(single(CCC(0.5, 0.5), rows))]
    whole, half = (answer(asked, POLICY, draws, share)[0].estimate for share in (1, 0.5))
    assert (whole.confidence, half.confidence) == (pytest.approx(0.99), pytest.approx(0.995))
    assert half.high - half.low > whole.high - whole.low


def test_an_open_gap_says_what_would_decide_it(rows):
    """Speakers' biases are what the gap's spread is made of: more utterances of them do not help."""
    sides = [
        Rows(rows.truth, rows.prediction, rows.speakers % 2 == i, rows.speakers, SPEAKERS) for i in (0, 1)
    ]
    metric = CCC(0.5, 0.5)
    gap = question(
        contrast((metric, sides[0]), (metric, sides[1])),
        code="SER401",
        audit="fairness",
        metric="gap of CCC",
        family="fairness",
        scope="sex",
        null=0.0,
        limit=Limit(low=-0.075, high=0.075, source="test"),
    )
    draws = Draws.of(np.arange(SPEAKERS) % 2, 1000, 0)
    (finding,) = answer([gap], POLICY, draws)
    assert finding.verdict == "inconclusive"
    assert finding.details["speakers_to_decide_at_0"] > SPEAKERS
    assert finding.details["more_utterances_decide"] is False
    assert finding.details["detectable"] > 0.075
    assert "speakers would decide it" in finding.message
    assert "more utterances of the same speakers could not" in finding.message


def test_what_is_decided_asks_for_nothing_more(rows):
    draws = Draws.pooled(SPEAKERS, 1000, 0)
    low = Limit(low=0.2, source="test")
    (finding,) = answer([question(single(CCC(0.5, 0.5), rows), limit=low)], POLICY, draws)
    assert finding.verdict == "pass"
    assert "speakers_to_decide" not in finding.details
    assert "would decide" not in finding.message
