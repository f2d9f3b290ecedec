"""Skill: chance earns none, neither pooled nor within speakers, and speakers' means earn none either."""

import numpy as np
import pytest
from ser_audit.benchmark.policy import load
from ser_audit.benchmark.scored import tables
from ser_audit.benchmark.skill import lacking, skill

POLICY = load("default")
OUTPUTS = ("arousal", "emotion")


def judged(make_run, frame):
    ((scored, *_),) = tables(make_run(frame))
    draws = scored.draws(POLICY.draws, POLICY.seed)
    return skill(scored, POLICY, draws), lacking(scored, POLICY, draws)


def test_a_skilled_checkpoint_has_skill_pooled_and_within(simulate, make_run):
    found, reasons = judged(make_run, simulate())
    assert [(o, f.code, f.verdict) for o in OUTPUTS for f in found[o]] == [
        (output, code, "pass") for output in OUTPUTS for code in ("SER201", "SER209")
    ]
    assert reasons == dict.fromkeys(OUTPUTS)


def test_within_speakers_it_is_the_ccc_about_each_speakers_means(simulate, make_run):
    frame = simulate()
    value = judged(make_run, frame)[0]["arousal"][1].estimate.value
    centred = frame[["truth.arousal", "score.arousal"]] - frame.groupby("speaker")[
        ["truth.arousal", "score.arousal"]
    ].transform("mean")
    y, x = centred.to_numpy().T
    assert value == pytest.approx(2 * (y @ x) / (y @ y + x @ x), abs=1e-12)


def test_within_speakers_classes_are_held_against_what_each_speakers_shares_give(simulate, make_run):
    """Brute force: hits are compared with those of the same speaker's predictions, shuffled."""
    frame = simulate(each=10)
    value = judged(make_run, frame)[0]["emotion"][1].estimate.value
    classes = ("angry", "happy", "neutral", "sad")
    predicted = np.array(classes)[frame[[f"score.emotion.{c}" for c in classes]].to_numpy().argmax(axis=1)]
    truth = frame["truth.emotion"].to_numpy()
    rng = np.random.default_rng(0)
    shuffled = []
    for _ in range(400):
        by = frame["speaker"].to_numpy()
        order = np.lexsort((rng.random(len(by)), by))
        mixed = np.empty_like(predicted)
        mixed[np.argsort(by, kind="stable")] = predicted[order]
        shuffled.append(np.mean([np.mean(mixed[truth == c] == c) for c in classes]))
    uar = np.mean([np.mean(predicted[truth == c] == c) for c in classes])
    assert value == pytest.approx(uar - np.mean(shuffled) + 0.25, abs=0.004)


def test_a_rater_that_knows_speakers_only_has_none(simulate, make_run):
    """Speakers that differ much: their means alone follow the pooled truth."""
    frame = simulate(speakers=60)
    shift = np.random.default_rng(1).normal(0, 0.2, 60)[frame["speaker"].str[-2:].astype(int)]
    frame["truth.arousal"] = np.clip(frame["truth.arousal"] + shift, 0, 1)
    frame["score.arousal"] = frame.groupby("speaker")["truth.arousal"].transform("mean")
    found, reasons = judged(make_run, frame)
    assert [f.verdict for f in found["arousal"]] == ["not_applicable", "fail"]
    assert found["arousal"][0].estimate.low > found["arousal"][0].limit.low
    assert reasons["arousal"].startswith("no skill within speakers is shown on arousal")


def test_a_rater_that_gives_each_speaker_its_commonest_class_has_none(simulate, make_run):
    frame = simulate(speakers=60)
    rng = np.random.default_rng(2)
    favourite = rng.integers(0, 4, 60)[frame["speaker"].str[-2:].astype(int)]
    classes = np.array(("angry", "happy", "neutral", "sad"))
    keeps = rng.random(len(frame)) < 0.7
    frame["truth.emotion"] = np.where(keeps, classes[favourite], frame["truth.emotion"])
    for i, name in enumerate(classes):
        frame[f"score.emotion.{name}"] = (favourite == i).astype(float)
    found, reasons = judged(make_run, frame)
    assert [f.verdict for f in found["emotion"]] == ["not_applicable", "fail"]
    assert "within speakers" in reasons["emotion"]


@pytest.mark.parametrize("seed", range(8))
def test_chance_has_none(simulate, make_run, seed):
    frame = simulate(seed=seed)
    rng = np.random.default_rng(1000 + seed)
    for column in [c for c in frame if c.startswith("score.")]:
        frame[column] = rng.normal(0.5, 1 / 6, len(frame))
    found, reasons = judged(make_run, frame)
    assert all(reasons.values())
    assert {f.verdict for fs in found.values() for f in fs} <= {"fail", "inconclusive"}


def test_speakers_of_one_utterance_leave_the_pooled_skill_alone(simulate, make_run):
    found, reasons = judged(make_run, simulate(speakers=200, each=1))
    assert [f.code for f in found["arousal"]] == ["SER201"]
    assert reasons["arousal"] is None
