"""Individual speakers: values, their sampling spread against a bootstrap of rows, and no names for it."""

import audmetric
import numpy as np
import pytest
from ser_audit.benchmark import policy
from ser_audit.benchmark.metrics import CCC, UAR
from ser_audit.fairness import audit
from ser_audit.fairness.speakers import sampling_sd

POLICY = policy.load("default")


def test_every_speaker_has_its_own_value(simulate, make_run, pick):
    frame = simulate()
    found = audit.judge(make_run(frame), POLICY)
    values = []
    for name, rows in frame.groupby("speaker"):
        expected = audmetric.concordance_cc(
            rows["truth.arousal"].to_numpy(), rows["score.arousal"].to_numpy()
        )
        values.append(expected)
        finding = pick(found, "SER403", output="arousal", group=f"speaker: {name}")
        assert finding.estimate.value == pytest.approx(expected, abs=1e-12)
        assert (finding.estimate.low, finding.estimate.n) == (None, 25)
    spread = pick(found, "SER404", output="arousal")
    assert spread.estimate.value == pytest.approx(np.std(values, ddof=1), abs=1e-12)
    assert spread.details["lowest"] == pytest.approx(min(values), abs=1e-12)
    assert spread.details["median"] == pytest.approx(np.median(values), abs=1e-12)
    assert not any(name in spread.message for name in frame["speaker"])


@pytest.mark.parametrize("metric", [CCC(0.5, 0.5), UAR((0, 1))], ids=lambda m: m.name)
def test_the_sampling_sd_is_that_of_redrawn_rows(metric):
    rng = np.random.default_rng(0)
    n = 200
    if isinstance(metric, UAR):
        truth = rng.integers(0, 2, n)
        prediction = np.where(rng.random(n) < 0.7, truth, 1 - truth)
    else:
        truth = rng.uniform(size=n)
        prediction = truth + rng.normal(0, 0.25, n)
    rows = metric.rows(truth, prediction)
    redrawn = [float(metric.finish(rows[rng.integers(0, n, n)].sum(axis=0))) for _ in range(2000)]
    assert sampling_sd(metric, rows) == pytest.approx(np.std(redrawn), rel=0.08)


def test_the_sampling_sd_matches_the_simulated_one():
    """At a true CCC of .6 the sd over draws of 100 utterances was .063 (measured for the margins)."""
    rng = np.random.default_rng(1)
    sds = []
    for _ in range(40):
        truth = rng.normal(0.5, 0.15, 100)
        prediction = 0.5 + 0.6 * (truth - 0.5) + rng.normal(0, 0.15 * 0.8, 100)
        metric = CCC(0.5, 0.5)
        sds.append(sampling_sd(metric, metric.rows(truth, prediction)))
    assert np.mean(sds) == pytest.approx(0.063, abs=0.004)


def test_a_speaker_whose_truth_and_prediction_are_constant_is_null_with_a_reason(simulate, make_run, pick):
    frame = simulate()
    own = frame["speaker"] == "one-03"
    frame.loc[own, ["truth.arousal", "score.arousal"]] = 0.5
    finding = pick(audit.judge(make_run(frame), POLICY), "SER403", output="arousal", group="speaker: one-03")
    assert (finding.estimate.value, finding.details["sampling_sd"]) == (None, None)
    assert "undefined: constant" in finding.message
