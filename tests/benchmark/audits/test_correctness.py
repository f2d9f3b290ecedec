"""Correctness: numbers equal audmetric's on the same rows; training speakers and lack of skill are said."""

import audmetric
import numpy as np
import pytest
from ser_audit.benchmark import policy
from ser_audit.benchmark.audits import correctness

CLASSES = ("angry", "happy", "neutral", "sad")
POLICY = policy.load("default")


def guesses(frame, classes=CLASSES):
    return np.array(classes)[frame[[f"score.emotion.{c}" for c in classes]].to_numpy().argmax(axis=1)]


def test_values_equal_audmetric(simulate, make_run, pick):
    frame = simulate()
    found = correctness.judge(make_run(frame), POLICY)
    truth, score = frame["truth.arousal"].to_numpy(), frame["score.arousal"].to_numpy()
    label, guess = frame["truth.emotion"].to_numpy(dtype=str), guesses(frame)
    expected = {
        ("SER202", "arousal"): audmetric.concordance_cc(truth, score),
        ("SER203", "arousal"): audmetric.pearson_cc(truth, score),
        ("SER204", "arousal"): audmetric.mean_absolute_error(truth, score),
        ("SER205", "emotion"): audmetric.unweighted_average_recall(label, guess, labels=CLASSES),
        ("SER206", "emotion"): audmetric.unweighted_average_fscore(label, guess, labels=CLASSES),
        ("SER207", "emotion"): audmetric.unweighted_average_recall(label, guess, labels=CLASSES),
    }
    for (code, output), value in expected.items():
        finding = pick(found, code, output=output)
        assert finding.estimate.value == pytest.approx(value, abs=1e-12)
        assert (finding.estimate.n, finding.estimate.speakers) == (500, 20)
        assert finding.estimate.low < value < finding.estimate.high
    recalls = audmetric.recall_per_class(label, guess, labels=CLASSES)
    for name, value in recalls.items():
        finding = pick(found, "SER208", group=f"class: {name}")
        assert finding.estimate.value == pytest.approx(value, abs=1e-12)
        assert finding.estimate.n == (label == name).sum()


def test_good_predictions_pass_and_say_so(simulate, make_run, pick):
    found = correctness.judge(make_run(simulate()), POLICY)
    finding = pick(found, "SER202")
    assert finding.verdict == pick(found, "SER201", output="arousal").verdict == "pass"
    assert finding.limit.source.startswith("ser-tests")
    assert finding.message.startswith("CCC of arousal on all speakers of one is .9")
    assert finding.message.endswith("inside the limit (above .5).")


def test_unmapped_labels_are_left_out_and_predictions_of_no_scored_class_are_wrong(simulate, make_run, pick):
    frame = simulate()
    frame.loc[frame["label.emotion"] == "happy", "truth.emotion"] = None
    found = correctness.judge(make_run(frame), POLICY)
    keep = frame["truth.emotion"].notna()
    label, guess = frame.loc[keep, "truth.emotion"].to_numpy(dtype=str), guesses(frame[keep])
    assert (guess == "happy").any()

    scored = ("angry", "neutral", "sad")
    recalls = audmetric.recall_per_class(label, guess, labels=CLASSES, zero_division=np.nan)
    uar = pick(found, "SER205")
    assert uar.estimate.value == pytest.approx(np.mean([recalls[c] for c in scored]), abs=1e-12)
    assert (uar.details["classes"], uar.estimate.n) == (3, keep.sum())
    assert uar.details["chance"] == pytest.approx(1 / 3)
    restricted = audmetric.unweighted_average_recall(label, guesses(frame[keep], scored), labels=scored)
    assert pick(found, "SER207").estimate.value == pytest.approx(restricted, abs=1e-12)
    assert restricted > uar.estimate.value


def test_rows_without_truth_or_prediction_are_left_out_of_that_metric_alone(simulate, make_run, pick):
    frame = simulate()
    frame.loc[:29, "truth.arousal"] = np.nan
    scores = [c for c in frame if c.startswith("score.")]
    frame.loc[30:39, "status"] = "corrupt"
    frame.loc[30:39, scores] = np.nan
    found = correctness.judge(make_run(frame), POLICY)
    assert pick(found, "SER202").estimate.n == 460
    assert pick(found, "SER205").estimate.n == 490
    assert pick(found, "SER202").estimate.value == pytest.approx(
        audmetric.concordance_cc(
            frame["truth.arousal"][40:].to_numpy(), frame["score.arousal"][40:].to_numpy()
        ),
        abs=1e-12,
    )


def test_training_speakers_are_measured_apart_and_never_judged(simulate, make_run, pick, training):
    frame = simulate()
    run = make_run(frame, trained_on=(training("one", *[f"one-{i:02d}" for i in range(10)]),))
    found = correctness.judge(run, POLICY)
    for cohort, half in (("training speakers", frame[:250]), ("unseen speakers", frame[250:])):
        finding = pick(found, "SER202", cohort=cohort)
        assert finding.estimate.value == pytest.approx(
            audmetric.concordance_cc(half["truth.arousal"].to_numpy(), half["score.arousal"].to_numpy()),
            abs=1e-12,
        )
        assert finding.estimate.speakers == 10
    trained = [f for f in found if f.subject.cohort == "training speakers"]
    assert {f.verdict for f in trained} == {"not_applicable"}
    assert {f.limit for f in trained} == {None}
    assert all("trained on these speakers" in f.message for f in trained)
    assert pick(found, "SER201", output="arousal").subject.cohort == "unseen speakers"


def test_where_all_were_training_speakers_nothing_is_judged(simulate, make_run, pick, training):
    found = correctness.judge(make_run(simulate(), trained_on=(training("one"),)), POLICY)
    assert {f.verdict for f in found} == {"not_applicable"}
    assert pick(found, "SER201").message == (
        "Not judged: all 20 scored speakers of one were training speakers of model."
    )
    assert pick(found, "SER202").estimate.value > 0.5


def test_unknown_training_data_are_said(simulate, make_run, pick):
    found = correctness.judge(make_run(simulate(), trained_on=None), POLICY)
    skill = pick(found, "SER201", output="arousal")
    assert skill.subject.cohort == "all speakers"
    assert skill.details["training_data"] == "unknown"
    assert "training data are unknown" in skill.message


def test_a_random_rater_passes_nothing(simulate, make_run):
    for seed in range(5):
        found = correctness.judge(make_run(simulate(seed=seed, noise=5.0, errors=1.0)), POLICY)
        assert "pass" not in {f.verdict for f in found}


def test_a_constant_rater_has_a_small_error_and_passes_nothing(simulate, make_run, pick):
    frame = simulate()
    frame["truth.arousal"] = 0.5 + 0.2 * (frame["truth.arousal"] - 0.5)
    frame["score.arousal"] = 0.5
    found = correctness.judge(make_run(frame), POLICY)
    mae = pick(found, "SER204")
    assert mae.estimate.high < mae.limit.high
    assert mae.verdict == "not_applicable"
    assert "no skill is shown on arousal" in mae.message
    assert mae.details["chance"] == pytest.approx(mae.estimate.value, abs=0.01)
    pcc = pick(found, "SER203")
    assert (pcc.estimate.value, pcc.verdict) == (None, "not_applicable")
    assert "constant" in pcc.message


def test_skill_needs_chance_plus_a_margin(simulate, make_run, pick):
    found = correctness.judge(make_run(simulate()), POLICY)
    assert pick(found, "SER201", output="arousal").limit.low == pytest.approx(0.1)
    assert pick(found, "SER201", output="emotion").limit.low == pytest.approx(0.25 + 0.1 * 0.75)


def test_outputs_without_truth_say_why_they_are_not_scored(simulate, make_run, pick):
    frame = simulate()
    frame["truth.arousal"] = np.nan
    frame["truth.emotion"] = None
    found = correctness.judge(make_run(frame), POLICY)
    assert [f.message for f in found if f.code == "SER201"] == [
        "Not scored: all speakers of one have no truth for arousal.",
        "Not scored: no emotion label of all speakers of one maps to a class of the checkpoint.",
    ]
    frame["truth.emotion"] = "sad"
    found = correctness.judge(make_run(frame), POLICY)
    assert "one class only" in pick(found, "SER201", output="emotion").message


def test_findings_do_not_depend_on_the_order_of_rows(simulate, make_run):
    frame = simulate(speakers=8)
    shuffled = frame.sample(frac=1, random_state=0)
    first, second = (correctness.judge(make_run(f), POLICY) for f in (frame, shuffled))
    assert first == second


def test_every_finding_has_a_code_that_is_listed(simulate, make_run):
    found = correctness.judge(make_run(simulate()), POLICY)
    assert {f.code for f in found} == set(correctness.CODES)
    assert not correctness.plan().conditions


def test_where_no_row_was_predicted_nothing_is_judged(simulate, make_run):
    frame = simulate(speakers=4)
    frame["status"] = "corrupt"
    frame[[c for c in frame if c.startswith("score.")]] = np.nan
    found = correctness.judge(make_run(frame), POLICY)
    assert {f.verdict for f in found} == {"not_applicable"}
    assert {f.estimate.value for f in found if f.estimate} == {None}
