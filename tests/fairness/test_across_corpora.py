"""Across corpora: the difference of two gaps over other speakers."""

import numpy as np
import pytest
from ser_audit.benchmark import policy
from ser_audit.benchmark.estimand import single
from ser_audit.benchmark.metrics import CCC
from ser_audit.benchmark.resampling import Draws, intervals
from ser_audit.fairness import audit
from ser_audit.fairness.across_corpora import Apart

POLICY = policy.load("default")
PAIR = "sex: female − male"


def test_a_gap_of_one_corpus_only_is_larger_there(simulate, make_run, pick):
    one = simulate("one", speakers=40, bias=lambda sex: 0.15 * (sex == "female"))
    two = simulate("two", speakers=30, seed=1, language="pl")
    found = audit.judge(make_run(one, two), POLICY)
    finding = pick(found, "SER412", output="arousal", group=PAIR)
    gaps = [
        pick(found, "SER401", corpus=c, output="arousal", group=PAIR).estimate.value for c in ("one", "two")
    ]
    assert finding.estimate.value == pytest.approx(gaps[0] - gaps[1], abs=1e-12)
    assert (finding.details["value_first"], finding.details["value_second"]) == pytest.approx(gaps)
    assert (finding.details["first"], finding.details["second"]) == ("one", "two")
    assert finding.estimate.high < 0
    assert "The gap female − male in CCC of arousal is ." in finding.message
    assert "lower on one (" in finding.message
    assert (finding.verdict, finding.limit, finding.subject.corpus) == ("not_applicable", None, None)
    assert (finding.estimate.n, finding.estimate.speakers) == (1750, 70)
    same = pick(found, "SER412", output="emotion", group=PAIR)
    assert same.estimate.low < 0 < same.estimate.high
    assert same.message.startswith("No evidence that the gap female − male in UAR of emotion differs")


def test_estimands_apart_have_independent_errors():
    """The variance of a difference over other speakers is the sum of both."""
    rng = np.random.default_rng(0)
    metric, sides = CCC(0.5, 0.5), []
    for speakers in (30, 20):
        truth = rng.uniform(size=(speakers, 20))
        score = truth + rng.normal(0, 0.2, (speakers, 20)) + rng.normal(0, 0.1, (speakers, 1))
        sides.append(
            single(
                metric, np.stack([metric.rows(t, s).sum(axis=0) for t, s in zip(truth, score, strict=True)])
            )
        )
    apart = Apart(*sides)
    draws = Draws.of(np.repeat([0, 1], [30, 20]), 300, 0)
    errors = [
        intervals([side], Draws.pooled(n, 300, 0))[0].error for side, n in zip(sides, (30, 20), strict=True)
    ]
    (interval,) = intervals([apart], draws)
    assert interval.value == sides[0].value - sides[1].value
    assert interval.error == pytest.approx(np.hypot(*errors), rel=1e-12)
    assert apart.range == (-2.0, 2.0)
    assert apart.within() is None
