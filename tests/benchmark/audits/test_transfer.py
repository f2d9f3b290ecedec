"""Transfer: one cell per corpus and output, and whether the checkpoint was trained there."""

import audmetric
import pytest
from ser_audit.benchmark import policy
from ser_audit.benchmark.audits import transfer

POLICY = policy.load("default")


def test_every_cell_is_measured_on_speakers_that_may_be_judged(simulate, make_run, pick, training):
    home, away = simulate("home"), simulate("away", seed=1, noise=0.3, language="pl")
    names = [f"home-{i:02d}" for i in range(10)]
    found = transfer.judge(make_run(home, away, trained_on=(training("home", *names),)), POLICY)
    assert len(found) == 4
    inside = pick(found, "SER501", corpus="home", output="arousal")
    unseen = home[250:]
    expected = audmetric.concordance_cc(
        unseen["truth.arousal"].to_numpy(), unseen["score.arousal"].to_numpy()
    )
    assert inside.estimate.value == pytest.approx(expected, abs=1e-12)
    assert inside.subject.cohort == "unseen speakers"
    assert inside.details["in_domain"] is True
    outside = pick(found, "SER501", corpus="away", output="arousal")
    assert outside.details["in_domain"] is False
    assert outside.details["language"] == "pl"
    assert outside.estimate.high < inside.estimate.low
    assert {(f.verdict, f.limit) for f in found} == {("not_applicable", None)}


def test_what_it_was_trained_on_may_be_unknown(simulate, make_run):
    found = transfer.judge(make_run(simulate(), trained_on=None), POLICY)
    assert {f.details["in_domain"] for f in found} == {None}
    assert all("training data are unknown" in f.message for f in found)


def test_training_speakers_alone_are_no_cell(simulate, make_run, training):
    (finding,) = transfer.judge(make_run(simulate(), trained_on=(training("one"),)), POLICY)
    assert (finding.estimate, finding.verdict) == (None, "not_applicable")
