"""Errors relative to the first checkpoint equal plain arithmetic, on what both were judged on."""

import numpy as np
import pytest
from ser_audit.benchmark import policy
from ser_audit.benchmark.audits import robustness

POLICY = policy.load("default")
CONDITIONS = {
    "noise.white@snr_db=5": (0.05, 0.1),
    "noise.white@snr_db=0": (0.2, 0.4),
    "room@rt60=1": (0.1, 0.3),
}
FAMILIES = {"noise.white": tuple(CONDITIONS)[:2], "room": tuple(CONDITIONS)[2:]}


@pytest.fixture(scope="module")
def frames(simulate):
    """A checkpoint, and one that hears worse; of the same utterances."""
    first = simulate(conditions=CONDITIONS, seed=1)
    other = simulate(conditions=CONDITIONS, seed=1, noise=0.1, errors=0.4)
    return first, other.assign(checkpoint="other")


@pytest.mark.parametrize(("output", "metric"), [("emotion", "UAR"), ("arousal", "CCC")])
def test_they_equal_the_ratio_of_summed_errors(frames, make_run, pick, values, output, metric):
    found = robustness.judge(make_run(*frames), POLICY)
    first, other = map(values, frames)
    ratios = []
    for family, members in FAMILIES.items():
        errors = [sum(1 - value[c, output] for c in members) for value in (other, first)]
        ratios.append(errors[0] / errors[1])
        one = pick(found, "SER307", output=output, group=f"family: {family}")
        assert (one.metric, one.subject.checkpoint) == (f"CE of {metric}", "other")
        assert one.estimate.value == pytest.approx(ratios[-1], abs=1e-12)
    mean = pick(found, "SER307", output=output, group=None)
    assert mean.metric == f"mCE of {metric}"
    assert mean.estimate.value == pytest.approx(np.mean(ratios), abs=1e-12)
    assert 1 < mean.estimate.low < mean.estimate.value < mean.estimate.high
    assert mean.details["first"] == "model"
    assert (mean.limit, mean.verdict, mean.counted) == (None, "not_applicable", False)
    assert "where that of model is 1, is" in mean.message


def test_one_checkpoint_alone_has_none(frames, make_run, pick):
    assert not pick(robustness.judge(make_run(frames[0]), POLICY), "SER307", one=False)


def test_rows_that_either_lacks_are_left_out(frames, make_run, pick, values):
    first, other = (f.copy() for f in frames)
    for frame, ending in ((first, "0.wav"), (other, "5.wav")):
        lost = (frame["condition"] == "room@rt60=1") & frame["utterance"].str.endswith(ending)
        frame.loc[lost, "status"] = "too_short"
        frame.loc[lost, [c for c in frame if c.startswith("score.")]] = np.nan
    found = robustness.judge(make_run(first, other), POLICY)
    one = pick(found, "SER307", output="arousal", group="family: room")
    assert (one.estimate.n, one.details["left_out"]) == (400, 100)
    kept = np.arange(500) % 5 > 0
    room = [1 - values(f, kept)["room@rt60=1", "arousal"] for f in (frames[1], frames[0])]
    assert one.estimate.value == pytest.approx(room[0] / room[1], abs=1e-12)


def test_probes_take_no_part(frames, make_run, pick):
    probe = {"room@rt60=1": {"label_preserving": False}}
    found = robustness.judge(make_run(*frames, records=probe), POLICY)
    groups = {f.subject.group for f in pick(found, "SER307", one=False)}
    assert groups == {"family: noise.white", None}


def test_other_classes_are_no_common_measure_and_say_so(frames, make_run, pick):
    first, other = frames
    renamed = other.rename(columns={"score.emotion.sad": "score.emotion.sorrow"})
    renamed["truth.emotion"] = renamed["truth.emotion"].replace("sad", "sorrow")
    found = robustness.judge(make_run(first, renamed), POLICY)
    refused = pick(found, "SER307", output="emotion")
    assert (refused.estimate, refused.verdict) == (None, "not_applicable")
    assert refused.message.endswith("the labels map to other classes than for model.")
    assert pick(found, "SER307", output="arousal", group=None).estimate is not None


def test_a_first_checkpoint_without_errors_gives_no_ratio(simulate, make_run, pick):
    first = simulate(conditions={"room@rt60=1": (0, 0)}, errors=0, seed=1)
    other = simulate(conditions={"room@rt60=1": (0, 0.3)}, seed=1).assign(checkpoint="other")
    mean = pick(robustness.judge(make_run(first, other), POLICY), "SER307", output="emotion", group=None)
    assert mean.estimate.value is None
    assert "undefined" in mean.message
