"""Fairness under perturbation: the change of a gap row by row, and who is judged for it."""

import audmetric
import numpy as np
import pytest
from ser_audit.benchmark import policy
from ser_audit.benchmark.metrics import CCC, UAR
from ser_audit.fairness import audit
from ser_audit.fairness.changes import CCCChange, UARChange

CLASSES = ("angry", "happy", "neutral", "sad")
POLICY = policy.load("default")
WHITE, GAIN = "noise.white@snr_db=20", "gain@db=2"
PAIR = "sex: female − male"


@pytest.fixture(scope="module")
def frame(simulate):
    """White noise hurts women only, the gain nobody."""
    frame = simulate(speakers=100, conditions={WHITE: (0.0, 0.0), GAIN: (0.0, 0.0)})
    rng = np.random.default_rng(0)
    hurt = ((frame["condition"] == WHITE) & (frame["group.sex"] == "female")).to_numpy()
    frame.loc[hurt, "score.arousal"] = np.clip(frame["score.arousal"] + rng.normal(0, 0.2, len(frame)), 0, 1)
    wrong = hurt & (rng.random(len(frame)) < 0.4)
    columns = [f"score.emotion.{c}" for c in CLASSES]
    frame.loc[wrong, columns] = np.roll(frame.loc[wrong, columns].to_numpy(), 1, axis=1)
    return frame


def rows(frame, condition, sex):
    return frame[(frame["condition"] == condition) & (frame["group.sex"] == sex)].sort_values("utterance")


def guesses(part):
    return np.array(CLASSES)[part[[f"score.emotion.{c}" for c in CLASSES]].to_numpy().argmax(axis=1)]


def test_noise_that_hurts_women_fails_and_gain_does_not(frame, make_run, pick):
    found = audit.judge(make_run(frame), POLICY)
    hurt = pick(found, "SER407", condition=WHITE, output="arousal", group=PAIR)
    assert (hurt.verdict, hurt.metric) == ("fail", "change of gap of CCC")
    assert hurt.message.startswith("White noise at 20 dB costs female speakers .")
    assert "more CCC of arousal than male" in hurt.message
    assert (hurt.limit.low, hurt.limit.high) == (-0.075, 0.075)
    labels = pick(found, "SER407", condition=WHITE, output="emotion", group=PAIR)
    recalls = {}
    for condition in ("clean", WHITE):
        for sex in ("female", "male"):
            part = rows(frame, condition, sex)
            truth = part["truth.emotion"].to_numpy(dtype=str)
            recalls[condition, sex] = audmetric.unweighted_average_recall(
                truth, guesses(part), labels=CLASSES
            )
    changes = [recalls[WHITE, sex] - recalls["clean", sex] for sex in ("female", "male")]
    assert labels.estimate.value == pytest.approx(changes[0] - changes[1], abs=1e-12)
    assert (labels.details["change_first"], labels.details["change_second"]) == pytest.approx(
        changes, abs=1e-12
    )
    assert labels.verdict == "fail"
    kept = pick(found, "SER407", condition=GAIN, output="arousal", group=PAIR)
    assert (kept.verdict, kept.estimate.value) == ("pass", pytest.approx(0, abs=1e-12))
    assert {f.estimate.confidence for f in (hurt, labels, kept)} == {0.99}
    assert len({f.family for f in (hurt, labels, kept)}) == 1
    assert hurt.family != pick(found, "SER401", output="arousal", group=PAIR).family


def test_labels_that_never_changed_are_bounded_by_the_speakers(frame, make_run, pick):
    """None of 100 speakers changed: at 99 % over the family's exact bounds, how many might?"""
    kept = pick(audit.judge(make_run(frame), POLICY), "SER407", condition=GAIN, output="emotion", group=PAIR)
    assert kept.estimate.value == 0
    assert kept.estimate.low < -0.05 < 0.05 < kept.estimate.high
    assert kept.estimate.method.startswith("exact bound over 100 speakers")
    # half of the error goes to the one exact bound, and half of that to each of its ends
    share = 1 - (0.01 / 2 / 2) ** (1 / 100)
    assert kept.estimate.high == pytest.approx(2 * share, abs=1e-12)


def test_the_change_of_ccc_is_that_of_rows_weighted_to_the_same_truth(frame, make_run, pick):
    table = frame[~((frame["group.sex"] == "female") & ((frame["truth.arousal"] - 0.5).abs() > 0.25))]
    found = audit.judge(make_run(table), POLICY)
    truths = {sex: rows(table, "clean", sex)["truth.arousal"].to_numpy() for sex in ("female", "male")}
    cells = {sex: np.minimum((truth * 16).astype(int), 15) for sex, truth in truths.items()}
    counts = {sex: np.bincount(cell, minlength=16) for sex, cell in cells.items()}
    changes = []
    for sex, other in (("female", "male"), ("male", "female")):
        weights = (counts[other] / np.maximum(counts["female"] + counts["male"], 1))[cells[sex]]
        values = []
        for condition in (WHITE, "clean"):
            score = rows(table, condition, sex)["score.arousal"].to_numpy()
            c = np.cov(truths[sex], score, aweights=weights, ddof=0)
            apart = np.average(truths[sex], weights=weights) - np.average(score, weights=weights)
            values.append(2 * c[0, 1] / (c[0, 0] + c[1, 1] + apart**2))
        changes.append(values[0] - values[1])
    gap = pick(found, "SER407", condition=WHITE, output="arousal", group=PAIR)
    assert gap.estimate.value == pytest.approx(changes[0] - changes[1], abs=1e-10)
    assert (gap.details["change_first"], gap.details["change_second"]) == pytest.approx(changes, abs=1e-10)


def test_rows_that_failed_in_a_condition_are_left_out_of_both_sides(frame, make_run, pick):
    table = frame.copy()
    failed = (table["condition"] == WHITE) & (table["utterance"].str.endswith("7.wav"))
    table.loc[failed, "status"] = "unreadable"
    table.loc[failed, [c for c in table if c.startswith("score.")]] = np.nan
    paired = table[~table["utterance"].isin(table.loc[failed, "utterance"])]
    one, other = (
        pick(audit.judge(make_run(t), POLICY), "SER407", condition=WHITE, output="arousal", group=PAIR)
        for t in (table, paired)
    )
    assert one.estimate.value == pytest.approx(other.estimate.value, abs=1e-12)
    assert one.estimate.n == other.estimate.n == 2250


def test_a_condition_that_may_change_the_label_is_measured_only(frame, make_run, pick):
    found = audit.judge(make_run(frame, preserving=False), POLICY)
    for finding in pick(found, "SER407", one=False):
        assert (finding.limit, finding.verdict) == (None, "not_applicable")
        assert finding.details["label_preserving"] is False


def test_only_columns_with_a_limit_are_asked(frame, make_run, pick):
    table = frame.assign(**{"group.accent": np.where(np.arange(len(frame)) // 25 % 2, "x", "y")})
    found = audit.judge(make_run(table), POLICY)
    assert {f.subject.group for f in pick(found, "SER407", one=False)} == {PAIR}


def test_bilingual_speakers_are_summed_by_rows(frame, make_run, pick):
    """A judged column that varies within speakers: each speaker's rows are divided between the groups."""
    table = frame.assign(
        **{"group.sex": np.where(frame["utterance"].str[-5].astype(int) % 2, "female", "male")}
    )
    found = audit.judge(make_run(table), POLICY)
    gap = pick(found, "SER407", condition=WHITE, output="emotion", group=PAIR)
    changes = []
    for sex in ("female", "male"):
        values = []
        for condition in (WHITE, "clean"):
            part = rows(table, condition, sex)
            truth = part["truth.emotion"].to_numpy(dtype=str)
            values.append(audmetric.unweighted_average_recall(truth, guesses(part), labels=CLASSES))
        changes.append(values[0] - values[1])
    assert gap.estimate.value == pytest.approx(changes[0] - changes[1], abs=1e-12)
    assert gap.details["speakers_first"] == gap.details["speakers_second"] == gap.estimate.speakers == 100


def test_changes_are_differences_of_the_metrics():
    rng = np.random.default_rng(0)
    truth, before, after = rng.uniform(size=(3, 50))
    metric = CCCChange(CCC(0.5, 0.4), CCC(0.5, 0.6))
    value = metric.finish(metric.rows(truth, np.stack([before, after], axis=-1)).sum(axis=0))
    expected = audmetric.concordance_cc(truth, after) - audmetric.concordance_cc(truth, before)
    assert value == pytest.approx(expected, abs=1e-12)
    truth, before, after = rng.integers(0, 3, (3, 50))
    metric = UARChange((0, 1, 2))
    value = metric.finish(metric.rows(truth, np.stack([before, after], axis=-1)).sum(axis=0))
    levels = [UAR((0, 1, 2)).finish(UAR((0, 1, 2)).rows(truth, p).sum(axis=0)) for p in (before, after)]
    assert value == pytest.approx(levels[1] - levels[0], abs=1e-12)
