"""Precision, distributions, speakers' means, consistency and calibration: equal to what others compute."""

import audmetric
import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import spearmanr
from ser_audit.benchmark import policy
from ser_audit.benchmark.audits import correctness
from ser_audit.benchmark.policy import Rule
from sklearn.metrics import brier_score_loss

CLASSES = ("angry", "happy", "neutral", "sad")
SCORES = [f"score.emotion.{c}" for c in CLASSES]
EXACT = {"rel": 0, "abs": 1e-12}
LIMITS = {
    "recall": {"above": 0.5},
    "precision": {"above": 0.5},
    "UAP": {"above": 0.5},
    "JSD": {"below": 0.2},
    "share difference": {"above": -0.15, "below": 0.15},
    "speaker mean MAE": {"below": 0.1},
    "speaker ranking": {"above": 0.7},
    "consistency": {"above": 0.75},
    "ECE": {"below": 0.1},
    "Brier": {"below": 0.6},
}
RULES = {name: Rule(source="test", **ends) for name, ends in LIMITS.items()}
POLICY = policy.load("default").model_copy(update={"correctness": RULES})
NEW = {f"SER{n}" for n in range(210, 219)}


def guesses(frame):
    return np.array(CLASSES)[frame[SCORES].to_numpy().argmax(axis=1)]


def with_probabilities(frame, sharpness=2.0):
    scores = np.exp(sharpness * frame[SCORES].to_numpy(dtype=float))
    frame[SCORES] = scores / scores.sum(axis=1, keepdims=True)
    return frame


def with_speakers_apart(frame, sd=0.1, seed=0):
    """Speakers whose arousal differs, in truth and in prediction."""
    names, who = np.unique(frame["speaker"], return_inverse=True)
    shift = np.random.default_rng(seed).normal(0, sd, len(names))[who]
    for column in ("truth.arousal", "score.arousal"):
        frame[column] = np.clip(frame[column] + shift, 0, 1)
    return frame


def test_precisions_equal_audmetric(simulate, make_run, pick):
    frame = simulate(errors=0.4)
    found = correctness.judge(make_run(frame), POLICY)
    label, guess = frame["truth.emotion"].to_numpy(dtype=str), guesses(frame)
    for name, value in audmetric.precision_per_class(label, guess, labels=CLASSES).items():
        finding = pick(found, "SER210", group=f"class: {name}")
        assert finding.estimate.value == pytest.approx(value, **EXACT)
        assert finding.estimate.n == (guess == name).sum()
    uap = pick(found, "SER211")
    expected = audmetric.unweighted_average_precision(label, guess, labels=CLASSES)
    assert uap.estimate.value == pytest.approx(expected, **EXACT)
    assert uap.message.startswith("UAP of emotion on all speakers of one is .")


def test_a_class_that_is_never_predicted_has_no_precision(simulate, make_run, pick):
    frame = simulate()
    frame["score.emotion.sad"] = -1.0
    finding = pick(correctness.judge(make_run(frame), POLICY), "SER210", group="class: sad")
    assert (finding.estimate.value, finding.verdict) == (None, "not_applicable")
    assert "(0 rows)" in finding.message


def test_distances_equal_scipy(simulate, make_run, pick):
    frame = simulate(noise=0.1)
    found = correctness.judge(make_run(frame), POLICY)
    sides = frame["truth.arousal"], frame["score.arousal"]
    expected = jensenshannon(*(np.histogram(v, 10, (0, 1))[0] for v in sides), base=2)
    assert pick(found, "SER212", output="arousal").estimate.value == pytest.approx(expected, **EXACT)
    sides = frame["truth.emotion"].to_numpy(dtype=str), guesses(frame)
    expected = jensenshannon(*([np.sum(v == c) for c in CLASSES] for v in sides), base=2)
    finding = pick(found, "SER212", output="emotion")
    assert finding.estimate.value == pytest.approx(expected, **EXACT)
    assert finding.details["bins"] == 4


def test_share_differences_are_signed_and_say_what_is_predicted_too_often(simulate, make_run, pick):
    frame = simulate(speakers=60, errors=0.1)
    happy = frame["label.emotion"] == "happy"
    frame.loc[happy & (frame.index % 20 > 0), "score.emotion.sad"] = 2.0  # nearly all happy ones become sad
    found = correctness.judge(make_run(frame), POLICY)
    label, guess = frame["truth.emotion"].to_numpy(dtype=str), guesses(frame)
    for name in CLASSES:
        finding = pick(found, "SER213", group=f"class: {name}")
        difference = (guess == name).mean() - (label == name).mean()
        assert finding.estimate.value == pytest.approx(difference, **EXACT)
        assert finding.details["share_true"] == pytest.approx((label == name).mean())
    sad, happy = (pick(found, "SER213", group=f"class: {name}") for name in ("sad", "happy"))
    assert sad.message.startswith("sad is predicted for .")
    assert "more of all utterances of all speakers of one than it is true for" in sad.message
    assert happy.message.startswith("happy is predicted for .")
    assert "fewer of all utterances" in happy.message
    assert {sad.verdict, happy.verdict} == {"fail"}
    assert pick(found, "SER213", group="class: angry").message.startswith("No evidence of a difference")


def test_errors_and_ranks_of_speakers_means_equal_pandas_and_scipy(simulate, make_run, pick):
    frame = with_speakers_apart(simulate(speakers=42, noise=0.1))
    short = frame["speaker"].isin(["one-03", "one-11"]) & (frame.groupby("speaker").cumcount() >= 9)
    frame = frame[~short]
    found = correctness.judge(make_run(frame), POLICY)
    many = frame[~frame["speaker"].isin(["one-03", "one-11"])]
    means = many.groupby("speaker")[["truth.arousal", "score.arousal"]].mean()
    error = pick(found, "SER214", output="arousal")
    difference = (means["score.arousal"] - means["truth.arousal"]).abs().mean()
    assert error.estimate.value == pytest.approx(difference, **EXACT)
    assert (error.estimate.speakers, error.estimate.n) == (40, len(many))
    ranks = pick(found, "SER215")
    expected = spearmanr(means["truth.arousal"], means["score.arousal"]).statistic
    assert ranks.estimate.value == pytest.approx(expected, **EXACT)
    assert ranks.verdict == "pass"
    sad = many.assign(truth=many["truth.emotion"] == "sad", guess=guesses(many) == "sad")
    shares = sad.groupby("speaker")[["truth", "guess"]].mean()
    finding = pick(found, "SER214", group="class: sad")
    assert finding.estimate.value == pytest.approx((shares["guess"] - shares["truth"]).abs().mean(), **EXACT)


def test_an_inverted_ranking_does_not_pass(simulate, make_run, pick):
    frame = with_speakers_apart(simulate())
    mean = frame.groupby("speaker")["score.arousal"].transform("mean")
    frame["score.arousal"] = np.clip(frame["score.arousal"] - 2 * (mean - mean.mean()), 0, 1)
    ranks = pick(correctness.judge(make_run(frame), POLICY), "SER215")
    assert ranks.estimate.value < -0.8
    assert ranks.verdict == "fail"


def test_too_few_speakers_are_not_ranked_and_short_ones_have_no_means(simulate, make_run, pick):
    found = correctness.judge(make_run(simulate(speakers=6)), POLICY)
    ranks = pick(found, "SER215")
    assert ranks.verdict == "not_applicable"
    assert ranks.message == (
        "Speakers are not ranked on all speakers of one: 6 have at least 10 utterances with truth for "
        "arousal, and 8 are needed."
    )
    found = correctness.judge(make_run(simulate(each=9)), POLICY)
    error = pick(found, "SER214", output="arousal")
    assert error.verdict == "not_applicable"
    assert error.message.startswith("No speaker means of all speakers of one: 0 have at least 10 utterances")


def test_consistency_counts_who_lies_in_the_range_of_the_label(simulate, make_run, pick):
    frame = simulate()
    frame["label.emotion"] = frame["label.emotion"].replace({"angry": "anger", "neutral": "calm"})
    found = correctness.judge(make_run(frame), POLICY)
    groups = {f.subject.group for f in pick(found, "SER216", one=False)}
    assert groups == {"label: anger", "label: sad"}  # happy has no place in arousal, calm is on no map
    arousal = frame["score.arousal"].to_numpy()
    anger = pick(found, "SER216", group="label: anger")
    rows = (frame["label.emotion"] == "anger").to_numpy()
    assert anger.estimate.value == pytest.approx((arousal[rows] >= 0.55).mean(), **EXACT)
    assert (anger.details["expected"], anger.estimate.n) == ("high", rows.sum())
    sad = pick(found, "SER216", group="label: sad")
    rows = (frame["label.emotion"] == "sad").to_numpy()
    assert sad.estimate.value == pytest.approx((arousal[rows] <= 0.45).mean(), **EXACT)
    assert sad.message.startswith("Share of utterances labelled sad whose arousal is low (0 to .45) on all")


def test_consistency_passes_nobody_without_truth_to_show_skill_by(simulate, make_run, pick):
    frame = simulate()
    frame["score.arousal"] = frame["label.emotion"].map(
        {"angry": 0.9, "happy": 0.5, "neutral": 0.5, "sad": 0.1}
    )
    frame["truth.arousal"] = np.nan
    found = pick(correctness.judge(make_run(frame), POLICY), "SER216", one=False)
    assert {f.estimate.value for f in found} == {1.0}
    assert {f.verdict for f in found} == {"not_applicable"}
    assert all("have no truth for arousal to show skill by" in f.message for f in found)


def test_calibration_of_probabilities_equals_scikit_learn(simulate, make_run, pick):
    frame = with_probabilities(simulate())
    found = correctness.judge(make_run(frame), POLICY)
    truth, scores = frame["truth.emotion"].to_numpy(dtype=str), frame[SCORES].to_numpy()
    brier = pick(found, "SER218")
    expected = brier_score_loss(truth, scores, labels=CLASSES, scale_by_half=False)
    assert brier.estimate.value == pytest.approx(expected, **EXACT)
    shares = np.array([(truth == c).mean() for c in CLASSES])
    constant = brier_score_loss(truth, np.tile(shares, (len(truth), 1)), labels=CLASSES, scale_by_half=False)
    assert brier.details["chance"] == pytest.approx(constant, **EXACT)
    ece = pick(found, "SER217")
    confidence, hit = scores.max(axis=1), guesses(frame) == truth
    gaps = [
        abs((hit[rows].astype(float) - confidence[rows]).sum())
        for low in range(15)
        if (rows := (confidence > low / 15) & (confidence <= (low + 1) / 15)).any()
    ]
    assert ece.estimate.value == pytest.approx(sum(gaps) / len(truth), **EXACT)
    assert 0 < ece.details["sampling_floor"] < 0.1


@pytest.mark.parametrize(
    ("change", "words"),
    [(lambda s: s + 0.1, "sum to 1.4 at least and 1.4 at most, not to 1"), (lambda s: s - 0.5, "one is −")],
)
def test_scores_that_are_no_probabilities_are_not_held_to_be_calibrated(
    simulate, make_run, pick, change, words
):
    frame = with_probabilities(simulate())
    frame[SCORES] = change(frame[SCORES])
    found = correctness.judge(make_run(frame), POLICY)
    for code in ("SER217", "SER218"):
        finding = pick(found, code)
        assert (finding.verdict, finding.estimate) == ("not_applicable", None)
        assert words in finding.message


@pytest.mark.parametrize("rater", ["random", "constant", "group mean"])
def test_raters_that_do_not_listen_pass_none_of_it(rater, simulate, make_run):
    for seed in range(4):
        rng = np.random.default_rng(1000 + seed)  # not the seed of the truth
        frame = with_probabilities(with_speakers_apart(simulate(seed=seed, errors=1.0), seed=seed))
        truth = frame.groupby("speaker")["truth.arousal"].transform("mean")
        frame["score.arousal"] = {
            "random": np.clip(rng.normal(0.5, 1 / 6, len(frame)), 0, 1),
            "constant": 0.5,
            "group mean": truth,
        }[rater]
        if rater != "random":
            frame[SCORES] = [0.1, 0.2, 0.6, 0.1]
        found = correctness.judge(make_run(frame), POLICY)
        judged = [f for f in found if f.code in NEW and f.limit]
        assert {f.code for f in judged} == NEW
        assert "pass" not in {f.verdict for f in judged}
        assert "inconclusive" not in {f.verdict for f in judged}


def test_a_good_rater_passes_what_it_is_good_at_and_training_speakers_are_never_judged(
    simulate, make_run, pick, training
):
    frame = with_probabilities(with_speakers_apart(simulate(speakers=60, errors=0.05)), sharpness=4)
    found = correctness.judge(make_run(frame), POLICY)
    good = ("SER210", "SER211", "SER212", "SER213", "SER214", "SER215", "SER218")
    assert {f.verdict for code in good for f in pick(found, code, one=False)} == {"pass"}
    assert {f.code for f in found if f.verdict == "fail"} == {"SER216", "SER290"}  # labels tell no arousal
    run = make_run(frame, trained_on=(training("one", *[f"one-{i:02d}" for i in range(20)]),))
    trained = [f for f in correctness.judge(run, POLICY) if f.subject.cohort == "training speakers"]
    assert {f.code for f in trained} >= NEW
    assert {(f.verdict, f.limit) for f in trained} == {("not_applicable", None)}
