"""Gaps: groups equal fairlearn's MetricFrame; planted gaps fail, random raters pass nothing."""

import audmetric
import numpy as np
import pytest
from fairlearn.metrics import MetricFrame
from ser_audit.benchmark import policy
from ser_audit.benchmark.estimand import contrast
from ser_audit.benchmark.metrics import CCC
from ser_audit.benchmark.resampling import Draws, intervals
from ser_audit.benchmark.scored import tables
from ser_audit.fairness import audit
from ser_audit.fairness.groups import strata

CLASSES = ("angry", "happy", "neutral", "sad")
POLICY = policy.load("default")


def guesses(frame):
    return np.array(CLASSES)[frame[[f"score.emotion.{c}" for c in CLASSES]].to_numpy().argmax(axis=1)]


def uar(truth, prediction):
    return audmetric.unweighted_average_recall(truth, prediction, labels=CLASSES)


def test_groups_and_gaps_equal_metric_frame(simulate, make_run, pick):
    frame = simulate(bias=lambda sex: 0.1 * (sex == "female"))
    found = audit.judge(make_run(frame), POLICY)
    for output, metric, truth, prediction in (
        (
            "arousal",
            audmetric.concordance_cc,
            frame["truth.arousal"].to_numpy(),
            frame["score.arousal"].to_numpy(),
        ),
        ("emotion", uar, frame["truth.emotion"].to_numpy(dtype=str), guesses(frame)),
    ):
        expected = MetricFrame(
            metrics=metric, y_true=truth, y_pred=prediction, sensitive_features=frame["group.sex"]
        )
        for sex in ("female", "male"):
            finding = pick(found, "SER402", output=output, group=f"sex: {sex}")
            assert finding.estimate.value == pytest.approx(expected.by_group[sex], abs=1e-12)
            assert (finding.estimate.n, finding.estimate.speakers) == (250, 10)
        gap = pick(found, "SER401", output=output, group="sex: female − male")
        assert gap.estimate.value == pytest.approx(
            expected.by_group["female"] - expected.by_group["male"], abs=1e-12
        )
        assert gap.details["value_first"] == pytest.approx(expected.by_group["female"], abs=1e-12)
        assert (gap.details["speakers_first"], gap.details["speakers_second"]) == (10, 10)


def test_a_planted_gap_fails_and_none_passes_with_enough_speakers(simulate, make_run, pick):
    planted = simulate(speakers=60, bias=lambda sex: 0.12 * (sex == "female"))
    gap = pick(audit.judge(make_run(planted), POLICY), "SER401", output="arousal", group="sex: female − male")
    assert gap.verdict == "fail"
    assert gap.estimate.high < -0.075
    assert "lower for female than for male" in gap.message
    none = simulate(speakers=60)
    gap = pick(audit.judge(make_run(none), POLICY), "SER401", output="arousal", group="sex: female − male")
    assert gap.verdict == "pass"
    assert gap.message.startswith("No evidence of a gap in CCC of arousal")


def test_a_random_rater_passes_nothing(simulate, make_run):
    """It treats everybody alike, and tells nothing of anybody."""
    for seed in range(5):
        frame = simulate(seed=seed, speakers=100, noise=5.0, errors=1.0)
        found = audit.judge(make_run(frame), POLICY)
        assert "pass" not in {f.verdict for f in found}
        assert any("no skill is shown" in f.message for f in found)


def test_the_family_is_outputs_by_pairs_of_one_metric(simulate, make_run, pick):
    frame = simulate()
    frame["truth.valence"], frame["score.valence"] = frame["truth.arousal"], 1 - frame["score.arousal"]
    found = audit.judge(make_run(frame), POLICY)
    gap = pick(found, "SER401", output="arousal", group="sex: female − male")
    assert gap.estimate.method == "studentised speaker bootstrap, simultaneous over 2"
    gap = pick(found, "SER401", output="emotion", group="sex: female − male")
    assert gap.estimate.method == "studentised speaker bootstrap"


def test_a_group_of_one_speaker_has_a_value_and_no_interval(simulate, make_run, pick):
    frame = simulate()
    frame["group.sex"] = np.where(frame["speaker"] == "one-00", "female", "male")
    found = audit.judge(make_run(frame), POLICY)
    lone = pick(found, "SER402", output="arousal", group="sex: female")
    assert lone.estimate.value is not None
    assert (lone.estimate.low, lone.estimate.high) == (None, None)
    gap = pick(found, "SER401", output="arousal", group="sex: female − male")
    assert gap.verdict == "inconclusive"
    assert "no interval from 1 speaker in a group" in gap.message


def test_recall_gaps_compare_the_classes_that_both_groups_show(simulate, make_run, pick):
    frame = simulate()
    frame = frame[~((frame["group.sex"] == "female") & (frame["truth.emotion"] == "sad"))]
    gap = pick(audit.judge(make_run(frame), POLICY), "SER401", output="emotion", group="sex: female − male")
    assert gap.details["classes"] == 3
    male = frame[(frame["group.sex"] == "male") & (frame["truth.emotion"] != "sad")]
    recalls = audmetric.recall_per_class(
        male["truth.emotion"].to_numpy(dtype=str), guesses(male), labels=CLASSES
    )
    assert gap.details["value_second"] == pytest.approx(np.mean([recalls[c] for c in CLASSES[:3]]), abs=1e-12)


def test_bilingual_speakers_are_compared_with_themselves(simulate, make_run, pick):
    """A speaker in both groups is drawn once for both: what is the speaker's cancels."""
    frame = simulate()
    frame["group.language"] = np.where(np.arange(len(frame)) % 2, "en", "pl")
    gap = pick(audit.judge(make_run(frame), POLICY), "SER401", output="arousal", group="language: en − pl")
    assert gap.details["speakers_first"] == gap.details["speakers_second"] == gap.estimate.speakers == 20
    assert gap.estimate.low < gap.estimate.value < gap.estimate.high


def test_speakers_are_drawn_within_their_group_unless_one_speaker_is_in_two(simulate, make_run):
    frame = simulate(speakers=4)
    ((scored,),) = tables(make_run(frame))
    np.testing.assert_array_equal(strata(scored, "sex"), [1, 1, 2, 2])
    frame.loc[0, "group.sex"] = "male"
    ((scored,),) = tables(make_run(frame))
    np.testing.assert_array_equal(strata(scored, "sex"), [0, 0, 0, 0])


def test_a_column_that_tells_nobody_apart_says_so(simulate, make_run, pick):
    found = audit.judge(make_run(simulate().drop(columns="group.sex")), POLICY)
    assert pick(found, "SER401", group="sex").message == (
        "Not judged by sex: all speakers of one are of unknown sex."
    )
    assert pick(found, "SER401", group="language").message == (
        "Not judged by language: all speakers of one are of one language (en)."
    )


def test_corpora_of_two_languages_are_compared_and_never_judged(simulate, make_run, pick):
    one, two = simulate("one"), simulate("two", seed=1, noise=0.2, speakers=12, language="pl")
    gap = pick(audit.judge(make_run(one, two), POLICY), "SER405", output="arousal")
    values = [
        audmetric.concordance_cc(f["truth.arousal"].to_numpy(), f["score.arousal"].to_numpy())
        for f in (one, two)
    ]
    assert gap.estimate.value == pytest.approx(values[0] - values[1], abs=1e-12)
    assert gap.subject.group == "language: en − pl"
    assert gap.subject.corpus is None
    assert (gap.estimate.n, gap.estimate.speakers) == (800, 32)
    assert (gap.details["first"], gap.details["second"]) == ("one", "two")
    assert (gap.verdict, gap.limit) == ("not_applicable", None)
    sides = []
    for frame, rest, last in ((one, 12, False), (two, 20, True)):
        metric = CCC(0.5, 0.5)
        rows = metric.rows(frame["truth.arousal"].to_numpy(), frame["score.arousal"].to_numpy())
        sums = [rows[frame["speaker"] == name].sum(axis=0) for name in sorted(set(frame["speaker"]))]
        blank = np.zeros((rest, 6))
        sides.append((metric, np.vstack([blank, sums] if last else [sums, blank])))
    draws = Draws.of(np.repeat([0, 1], [20, 12]), POLICY.draws, POLICY.seed)
    (expected,) = intervals([contrast(*sides)], draws)
    assert (gap.estimate.low, gap.estimate.high) == (
        pytest.approx(expected.low, abs=1e-9),
        pytest.approx(expected.high, abs=1e-9),
    )
    assert gap.estimate.low > 0
    assert "differ in more than their language" in gap.message


def test_training_speakers_take_no_part(simulate, make_run, training):
    found = audit.judge(make_run(simulate(), trained_on=(training("one"),)), POLICY)
    assert [(f.code, f.verdict) for f in found] == [("SER401", "not_applicable")]


def test_every_finding_has_a_code_that_is_listed_and_no_word_too_much(simulate, make_run):
    found = audit.judge(make_run(simulate("one"), simulate("two", language="pl")), POLICY)
    assert {f.code for f in found} == set(audit.CODES)
    for finding in found:
        assert not {"fair", "unbiased", "unfair", "broken"} & set(finding.message.lower().split())
