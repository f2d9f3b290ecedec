"""Columns: bands, pitch and intersections group speakers as they say; what is left out is said."""

import numpy as np
import pytest
from ser_audit.benchmark import policy
from ser_audit.fairness import audit
from ser_audit.fairness.bands import banded
from ser_audit.fairness.columns import columns

POLICY = policy.load("default")


def by_speaker(frame, values):
    """A column with one value per speaker, in the order of their names."""
    names = sorted(set(frame["speaker"]))
    return frame["speaker"].map(dict(zip(names, values, strict=True)))


def named(scored, name):
    return next(c for c in columns(scored, POLICY) if c.name == name)


def test_numbers_fall_into_bands_and_words_stay():
    which, names = banded(["18", "29", "30", "49", "50", "71"], (30, 50))
    assert names == ("below 30", "30 to 49", "50 and above")
    assert which.tolist() == [0, 0, 1, 1, 2, 2]
    assert banded(["29.5", "49.5"], (30, 50))[1] == ("below 30", "30 to below 50", "50 and above")
    assert banded(["18", "young"], (30, 50)) is None
    assert banded(["18", "nan"], (30, 50)) is None


def test_age_is_in_bands_and_crossed_with_sex(simulate, score):
    frame = simulate(speakers=12)
    frame["group.age"] = by_speaker(frame, [20, 21, 35, 36, 70, 71, 20, 21, 35, 36, 70, 71]).astype(str)
    scored = score(frame)
    age = named(scored, "age")
    assert age.values == ("below 30", "30 to 49", "50 and above")
    assert age.group.tolist() == [0, 0, 1, 1, 2, 2] * 2
    crossed = named(scored, "sex × age")
    assert crossed.values[0] == "female × below 30"
    assert crossed.values[-1] == "male × 50 and above"
    assert crossed.group.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [c.name for c in columns(scored, POLICY)][:2] == ["sex", "language"]


def test_a_policy_crosses_columns_by_naming_them(simulate, score):
    frame = simulate(speakers=8)
    frame["group.accent"] = by_speaker(frame, ["x", "x", "y", "y"] * 2)
    rule = POLICY.fairness["sex"]
    by = POLICY.model_copy(update={"fairness": {"accent × sex": rule}})
    crossed = next(c for c in columns(score(frame), by) if c.name == "accent × sex")
    assert crossed.values == ("x × female", "x × male", "y × female", "y × male")


def test_pitch_groups_are_ser_tests(simulate, score):
    frame = simulate(speakers=8, each=25)
    means = np.array([100, 145, 145.1, 190, 190.1, 260, 120, 200])
    frame["f0"] = by_speaker(frame, means)
    rows = frame.index[frame["speaker"] == "one-06"]
    frame.loc[rows[0], "f0"] = 400  # beyond a voice: 24 utterances are left
    rows = frame.index[frame["speaker"] == "one-07"]
    frame.loc[rows[0], "f0"] = np.nan
    pitch = named(score(frame), "pitch")
    assert pitch.values == ("low", "medium", "high")
    assert pitch.group.tolist() == [0, 0, 1, 1, 2, 2, -1, -1]
    assert not pitch.own


def test_utterances_without_a_voice_do_not_move_a_speakers_pitch(simulate, score):
    frame = simulate(speakers=4, each=40)
    frame["f0"] = by_speaker(frame, [120.0, 120.0, 220.0, 220.0])
    frame.loc[frame.groupby("speaker").head(10).index, "f0"] = 1000.0
    pitch = named(score(frame), "pitch")
    assert (pitch.values, pitch.group.tolist()) == (("low", "high"), [0, 0, 1, 1])


def test_the_corpuss_own_pitch_wins_and_that_is_said(simulate, make_run, score, pick):
    frame = simulate(speakers=8)
    frame["f0"] = 120.0
    assert [c.name for c in columns(score(frame), POLICY) if len(c.values) > 1] == ["sex"]
    frame["group.pitch"] = by_speaker(frame, ["deep", "shrill"] * 4)
    assert named(score(frame), "pitch").values == ("deep", "shrill")
    said = pick(audit.judge(make_run(frame), POLICY), "SER402", group="pitch")
    assert "the corpus's own column pitch" in said.message


def test_a_value_of_one_speaker_is_left_out_and_named(simulate, make_run, pick):
    frame = simulate(speakers=7)
    frame["group.accent"] = by_speaker(frame, ["x", "x", "y", "y", "y", "z", None])
    found = audit.judge(make_run(frame), POLICY)
    said = pick(found, "SER402", group="accent")
    assert said.message == "Left out by accent on all speakers of one: z, as a group needs 2 speakers."
    assert said.verdict == "not_applicable"
    groups = {f.details["value"] for f in pick(found, "SER402", one=False) if f.details.get("value")}
    assert groups == {"female", "male", "x", "y", "female × x", "male × y"}


def test_many_groups_have_a_table_and_no_pairs_and_that_is_said(simulate, make_run, pick):
    frame = simulate(speakers=26, each=10)
    frame["group.town"] = by_speaker(frame, [f"t{i // 2:02d}" for i in range(26)])
    found = audit.judge(make_run(frame), POLICY)
    assert (
        len([f for f in pick(found, "SER402", one=False, output="arousal") if "town: " in f.subject.group])
        == 13
    )
    assert not [f for f in pick(found, "SER401", one=False, output="arousal") if "town: " in f.subject.group]
    assert pick(found, "SER411", output="arousal", group="town").details["groups"] == 13
    assert "13 groups make 78 pairs" in pick(found, "SER401", group="town").message


def test_an_index_is_no_grouping_and_that_is_said(simulate, make_run, pick):
    frame = simulate(speakers=4, each=101)
    frame["group.take"] = (np.arange(len(frame)) % 101).astype(str)
    found = audit.judge(make_run(frame), POLICY)
    assert "101 groups, more than 100" in pick(found, "SER402", group="take").message
    assert not [f for f in found if "take: " in (f.subject.group or "")]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda f: f.drop(columns="group.sex"), "all speakers of one are of unknown sex"),
        (lambda f: f.assign(**{"group.sex": "male"}), "all speakers of one are of one sex (male)"),
        (
            lambda f: f.assign(**{"group.sex": np.where(f["speaker"] == "one-00", "female", "male")}),
            "only male has 2 speakers or more among all speakers of one",
        ),
        (
            lambda f: f.assign(**{"group.sex": f["speaker"]}),
            "no value of sex is shared by 2 speakers of all speakers of one",
        ),
    ],
    ids=["absent", "one value", "one speaker", "all differ"],
)
def test_a_column_of_the_policy_that_tells_nobody_apart_says_why(simulate, make_run, pick, change, why):
    found = audit.judge(make_run(change(simulate(speakers=6))), POLICY)
    assert pick(found, "SER401", group="sex").message == f"Not judged by sex: {why}."
