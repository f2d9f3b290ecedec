"""A checkpoint against its baseline, and its variants against itself: measured, then judged."""

from types import SimpleNamespace

import numpy as np
import pytest
from ser_audit.benchmark import policy
from ser_audit.benchmark.audits import throughput
from ser_audit.benchmark.checkpoint import CheckpointInfo, Output
from ser_audit.benchmark.errors import InputError
from ser_audit.benchmark.policy import Rule
from ser_audit.benchmark.throughput.compare import changes, reason

DEFAULT = policy.load("default")
DIMENSIONS = CheckpointInfo((Output("arousal", "dimension"), Output("valence", "dimension")), 16000)


def judged(measured, limits=DEFAULT):
    """Findings of the throughput audit on one checkpoint, "new"."""
    record = SimpleNamespace(name="new", padding="one by one")
    run = SimpleNamespace(manifest=SimpleNamespace(checkpoints=[record]), throughput=lambda name: measured)
    return throughput.judge(run, limits)


def of(findings, code):
    return [f for f in findings if f.code == code]


class Rounded:
    """Scores in two decimals, as a coarse arithmetic would give them."""

    how = "two decimals"

    def __init__(self, checkpoint):
        self.predict = checkpoint.predict

    def __call__(self, waves):
        return np.round(self.predict(waves), 2)


def test_a_checkpoint_four_times_as_slow_fails_against_its_baseline(fake, waves, timed):
    measured = timed(fake("new", each=0.020), waves, baseline=fake("old", each=0.005))
    single, offline = of(judged(measured), "SER607")
    for found in (single, offline):
        assert found.verdict == "fail"
        assert 2.5 < found.estimate.value < 5  # sleep oversleeps
        assert 1.1 < found.estimate.low <= found.estimate.value <= found.estimate.high
        assert found.limit.high == 1.1
    assert single.subject.group == "single stream: new / old"
    assert "times as long as old for a single utterance" in single.message
    assert "times as long as old in batches" in offline.message


def test_the_other_way_round_it_passes(fake, waves, timed):
    measured = timed(fake("new", each=0.005), waves, baseline=fake("old", each=0.020))
    assert {f.verdict for f in of(judged(measured), "SER607")} == {"pass"}


def test_the_baseline_hears_the_same_utterances_at_its_own_rate(fake, waves, timed):
    old = fake("old")
    timed(fake("new"), waves, baseline=old, baseline_waves=[w[::2] for w in waves])
    halves = {len(w[::2]) for w in waves}
    assert {n for call in old.calls for n in call} == halves


def test_a_baseline_that_breaks_is_an_error_that_no_gate_passes(fake, waves, timed):
    old = fake("old")
    old.predict = lambda waves: 1 / 0
    (found,) = of(judged(timed(fake("new"), waves, baseline=old)), "SER607")
    assert found.verdict == "error"
    assert found.message == (
        "new could not be timed against its baseline: ZeroDivisionError: division by zero."
    )


def test_a_variants_changes_are_those_of_an_independent_computation(fake, waves, timed):
    new = fake("new", variants={"bfloat16": Rounded})
    drift, labels = of(judged(timed(new, waves, variants=["bfloat16"])), "SER611")
    own = np.stack([new.predict([w])[0] for w in waves]).astype(float)
    other = np.round(own.astype(np.float32), 2).astype(float)
    assert drift.estimate.value == pytest.approx(np.abs(other - own).mean(), rel=1e-6)
    assert drift.details["largest_difference"] == pytest.approx(np.abs(other - own).max(), rel=1e-6)
    l2 = np.linalg.norm(other - own) / np.linalg.norm(own)
    assert drift.details["relative_l2"] == pytest.approx(l2, rel=1e-6)
    assert labels.estimate.value == np.mean(own.argmax(1) != other.argmax(1)) == 0
    assert labels.estimate.high == pytest.approx(1 - 0.025 ** (1 / 12))  # Clopper–Pearson of 0 of 12
    assert {drift.verdict, labels.verdict} == {"not_applicable"}
    assert drift.estimate.n == labels.estimate.n == 12


def test_changed_labels_are_counted_and_may_be_limited(fake, waves, timed):
    def turned(checkpoint):
        variant = Rounded(checkpoint)
        variant.predict = lambda waves: checkpoint.predict(waves)[:, ::-1]
        return variant

    new = fake("new", variants={"int8": turned})
    measured = timed(new, waves, variants=["int8"])
    rules = {
        "changed labels": Rule(below=0.1, source="a test"),
        "drift": Rule(below=1.0, source="a test"),
    }
    drift, labels = of(judged(measured, DEFAULT.model_copy(update={"throughput": rules})), "SER611")
    assert labels.estimate.value == 1
    assert (labels.verdict, drift.verdict) == ("fail", "pass")
    assert "12 of 12 utterances" in labels.message


def test_a_variants_gain_is_a_ratio_in_both_scenarios(fake, waves, timed):
    def slow(checkpoint):
        variant = Rounded(fake(each=0.008))
        variant.how = "sleep"
        return variant

    new = fake("new", each=0.004, variants={"int8": slow})
    single, offline = of(judged(timed(new, waves, variants=["int8"])), "SER610")
    for found in (single, offline):
        assert 1.3 < found.estimate.value < 2.5  # sleep oversleeps
        assert found.verdict == "not_applicable"
        assert "(sleep; made and warm in 0 s)" in found.message


def test_variants_that_fail_are_reported_and_leave_the_others(fake, waves, timed):
    def missing(checkpoint):
        raise RuntimeError("No working C++ compiler found at /usr/local/bin/g++\nsee the log")

    def infinite(checkpoint):
        variant = Rounded(checkpoint)
        variant.predict = lambda waves: checkpoint.predict(waves) / 0
        return variant

    new = fake("new", variants={"compiled": missing, "int8": infinite, "bfloat16": Rounded})
    with np.errstate(all="ignore"):
        findings = judged(timed(new, waves, variants=["compiled", "int8", "bfloat16", "none"]))
    assert [f.message for f in of(findings, "SER610") if f.estimate is None] == [
        "new as compiled could not be made: RuntimeError: No working C++ compiler found at g++.",
        "new as int8 could not be made: its scores are not finite for 12 of 12 utterances.",
        "new as none could not be made: checkpoints of the format fake have no such variant,"
        " only compiled, int8, bfloat16.",
    ]
    assert {f.subject.group for f in of(findings, "SER611")} == {"bfloat16"}


def test_dimensions_have_a_drift_and_no_labels():
    own = np.array([[0.2, 0.4], [0.6, 0.8]], dtype=np.float32)
    found = changes(own, own + np.float32([0.1, -0.3]), DIMENSIONS)
    assert found["moved"] == pytest.approx([0.2, 0.2])
    assert found["largest_difference"] == pytest.approx(0.3)
    assert found["relative_l2"] == pytest.approx(np.sqrt(0.2 / 1.2), rel=1e-6)
    assert found["changed_labels"] is None
    assert changes(own * 0, own * 0, DIMENSIONS)["relative_l2"] is None


def test_what_was_not_asked_for_has_no_finding(fake, waves, timed):
    codes = {f.code for f in judged(timed(fake("new"), waves))}
    assert codes == {"SER601", "SER602", "SER603", "SER604", "SER605", "SER606", "SER608"}


def test_a_reason_is_one_line_without_a_path():
    assert reason(InputError("the model has no linear layer.")) == "the model has no linear layer"
    assert reason(KeyError("a")) == "KeyError: 'a'"
    assert reason(ValueError()) == "ValueError"
