"""Means of families equal what audmetric and plain arithmetic give; families weigh alike."""

import numpy as np
import pytest
from ser_audit.benchmark import policy
from ser_audit.benchmark.audits import robustness

POLICY = policy.load("default")
NOISE = {f"noise.white@snr_db={db}": (0.3 / (db + 1), 0.5 / (db + 1)) for db in (5, 1, 0)}
ROOM = {"room@rt60=0.2": (0.02, 0.05), "room@rt60=1": (0.1, 0.3)}
PROBE = {"pitch@semitones=4": (0.2, 0.6)}
FAR = {"distance@m=0.5": (0.02, 0.02), "distance@m=3": (0.2, 0.3)}
RECORDS = {
    "pitch@semitones=4": {"label_preserving": False},
    "distance@m=3": {"reference": "distance@m=0.5"},
    "recording.mobile": {"family": "recording"},
    **{c: {"family": "noise.white"} for c in NOISE},
}
CONDITIONS = {**NOISE, **ROOM, **PROBE, **FAR, "recording.mobile": (0.3, 0.5)}
MEMBERS = {"noise.white": tuple(NOISE), "room": tuple(ROOM), "distance": ("distance@m=0.5",)}


@pytest.fixture(scope="module")
def frame(simulate):
    return simulate(conditions=CONDITIONS)


@pytest.fixture
def found(frame, make_run):
    return robustness.judge(make_run(frame, records=RECORDS), POLICY)


@pytest.mark.parametrize(("output", "metric"), [("emotion", "UAR"), ("arousal", "CCC")])
def test_means_of_families_and_over_families_equal_plain_means(frame, found, pick, values, output, metric):
    value = values(frame)
    means = {}
    for family, members in MEMBERS.items():
        means[family] = np.mean([value[c, output] for c in members])
        one = pick(found, "SER305", output=output, group=f"family: {family}", metric=f"mean {metric}")
        assert one.estimate.value == pytest.approx(means[family], abs=1e-12)
        assert one.estimate.low < one.estimate.value < one.estimate.high
        worst = min(members, key=lambda c: value[c, output])
        assert (one.details["worst"], one.details["conditions"]) == (worst, len(members))
        assert one.details["value_worst"] == pytest.approx(value[worst, output], abs=1e-12)
        change = pick(
            found, "SER305", output=output, group=f"family: {family}", metric=f"change of mean {metric}"
        )
        assert change.estimate.value == pytest.approx(means[family] - value["clean", output], abs=1e-12)
    overall = pick(found, "SER306", output=output, metric=f"mPC of {metric}")
    expected = np.mean(list(means.values()))  # of three families, though noise has three conditions
    assert overall.estimate.value == pytest.approx(expected, abs=1e-12)
    assert overall.details["rPC"] == pytest.approx(expected / value["clean", output], abs=1e-12)
    assert (overall.details["families"], overall.details["conditions"]) == (3, 6)
    change = pick(found, "SER306", output=output, metric=f"change of mPC of {metric}")
    assert change.estimate.value == pytest.approx(expected - value["clean", output], abs=1e-12)


def test_probes_are_marked_and_recordings_and_other_references_do_not_enter(found, pick):
    groups = {f.subject.group for f in found if f.code == "SER305"}
    assert groups == {*(f"family: {name}" for name in MEMBERS), "probe: pitch"}
    probe = pick(found, "SER305", output="emotion", group="probe: pitch", metric="mean UAR")
    assert probe.details["label_preserving"] is False
    assert probe.message.startswith("Pitch shift by 4 semitones (probe): UAR of emotion")


def test_they_are_measured_and_never_judged(found):
    own = [f for f in found if f.code in ("SER305", "SER306")]
    assert {(f.verdict, f.limit, f.counted) for f in own} == {("not_applicable", None, False)}


def test_a_severity_that_may_change_the_emotion_is_no_part_of_its_familys_mean(frame, make_run, pick):
    hard = {"noise.white@snr_db=0": {"family": "noise.white", "label_preserving": False}}
    found = robustness.judge(make_run(frame, records=RECORDS | hard), POLICY)
    one = pick(found, "SER305", output="emotion", group="family: noise.white", metric="mean UAR")
    assert one.details["conditions"] == 2
    one = pick(found, "SER305", output="emotion", group="probe: noise.white", metric="mean UAR")
    assert one.details["conditions"] == 1


def test_utterances_that_lack_one_severity_are_left_out_of_its_family_and_counted(
    frame, make_run, pick, values
):
    cut = frame.copy()
    lost = (cut["condition"] == "room@rt60=1") & cut["utterance"].str.endswith(("0.wav", "5.wav"))
    cut.loc[lost, "status"] = "too_short"
    cut.loc[lost, [c for c in cut if c.startswith("score.")]] = np.nan
    found = robustness.judge(make_run(cut, records=RECORDS), POLICY)
    kept = np.arange(500) % 5 > 0
    value = values(frame, kept)
    one = pick(found, "SER305", output="arousal", group="family: room", metric="mean CCC")
    assert one.estimate.value == pytest.approx(np.mean([value[c, "arousal"] for c in ROOM]), abs=1e-12)
    assert one.details["value_clean"] == pytest.approx(value["clean", "arousal"], abs=1e-12)
    assert (one.estimate.n, one.details["left_out"]) == (400, 100)
    assert "; 100 of the utterances with truth could not be predicted in all of them." in one.message
    one = pick(found, "SER305", output="arousal", group="family: noise.white", metric="mean CCC")
    assert (one.estimate.n, one.details["left_out"]) == (500, 0)
    overall = pick(found, "SER306", output="arousal", metric="mPC of CCC")
    rows = [pick(found, "SER305", output="arousal", group=f"family: {f}", metric="mean CCC") for f in MEMBERS]
    assert overall.estimate.value == pytest.approx(np.mean([r.estimate.value for r in rows]), abs=1e-12)
    assert overall.details["left_out"] == 100


@pytest.mark.parametrize("lost", [("room@rt60=1",), tuple(ROOM)])
def test_a_severity_that_failed_for_all_utterances_is_none_of_its_family(frame, make_run, pick, lost):
    """A checkpoint of 8 kHz has no 7 kHz low-pass: that is in the rows' status, and voids no mean."""
    cut = frame.copy()
    cut.loc[cut["condition"].isin(lost), "status"] = "not_perturbed"
    cut.loc[cut["condition"].isin(lost), [c for c in cut if c.startswith("score.")]] = np.nan
    found = robustness.judge(make_run(cut, records=RECORDS), POLICY)
    overall = pick(found, "SER306", output="arousal", metric="mPC of CCC")
    left = [
        f.details["conditions"] for f in found if f.code == "SER305" and f.subject.group == "family: room"
    ]
    assert set(left) == ({1} if len(lost) == 1 else set())
    assert overall.details["families"] == (3 if len(lost) == 1 else 2)
    assert overall.estimate.value is not None
    assert overall.details["left_out"] == 0


def test_a_change_of_the_mean_is_said_in_plain_words(found, pick):
    one = pick(found, "SER305", output="emotion", group="family: noise.white", metric="change of mean UAR")
    assert one.message.startswith("White noise on average over 3 conditions lowers UAR of emotion by .")
    one = pick(found, "SER306", output="emotion", metric="mPC of UAR")
    assert one.message.startswith("mPC, the mean over 3 families: UAR of emotion on all speakers of one is .")
    assert f"; rPC, its share of clean, is .{round(100 * one.details['rPC'])}." in one.message
