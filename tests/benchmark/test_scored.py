"""The rows of a cohort: its own part of the table, the same arrays for every question, summed once."""

from dataclasses import replace

import audmetric
import numpy as np
import pandas as pd
import pytest
from ser_audit.benchmark.cohorts import ALL, Cohort
from ser_audit.benchmark.manifest import CheckpointRecord, OutputRecord
from ser_audit.benchmark.predictions import Predictions
from ser_audit.benchmark.scored import Scored

CLASSES = ("anger", "joy", "sadness", "boredom")
SPEAKERS = ("s0", "s1", "s2", "s3")


@pytest.fixture(scope="module")
def frame():
    """Three conditions of 40 utterances; by name, as the arrays of a cohort are."""
    rng = np.random.default_rng(0)
    n = 40
    tables = []
    for condition in ("clean", "noise", "phone"):
        one = pd.DataFrame(
            {
                "checkpoint": "k",
                "corpus": "c",
                "utterance": [f"{i:02d}" for i in range(n)],
                "condition": condition,
                "status": np.where(np.arange(n) == 7, "not_finite", "ok") if condition == "phone" else "ok",
                "speaker": [SPEAKERS[i % 4] for i in range(n)],
                "seconds": np.arange(n) / 2,
                "group.sex": [("male", "female", "", None)[i % 4] for i in range(n)],
                "truth.arousal": np.where(np.arange(n) == 11, np.nan, np.linspace(0, 1, n)),
                "truth.emotion": [(*CLASSES[:3], None)[i // 4 % 4] for i in range(n)],
                "score.arousal": rng.random(n),
                **{f"score.emotion.{c}": rng.random(n) for c in CLASSES},
            }
        )
        one.loc[one["status"] != "ok", one.columns.str.startswith("score.")] = np.nan
        tables.append(one)
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="module")
def predictions(frame):
    """Rows in an order of their own in each condition."""
    parts = [rows.sample(frac=1, random_state=i) for i, (_, rows) in enumerate(frame.groupby("condition"))]
    return Predictions(pd.concat(parts, ignore_index=True))


@pytest.fixture(params=[SPEAKERS, ("s1", "s3")], ids=["everybody", "some"])
def scored(request, predictions):
    outputs = [OutputRecord(name="arousal", kind="dimension")]
    outputs += [OutputRecord(name=c, kind="class") for c in CLASSES]
    checkpoint = CheckpointRecord.model_construct(name="k", trained_on=None, outputs=tuple(outputs))
    return Scored(predictions, Cohort(ALL, request.param, True, ""), checkpoint)


def rows_of(frame, scored, condition="clean"):
    kept = frame[(frame["condition"] == condition) & frame["speaker"].isin(scored.cohort.speakers)]
    return kept.sort_values("utterance")


def test_a_cohort_has_its_own_rows_in_the_order_of_their_names(frame, scored):
    clean = rows_of(frame, scored)
    assert [scored.cohort.speakers[i] for i in scored.speakers] == clean["speaker"].tolist()
    np.testing.assert_array_equal(scored.truth("arousal"), clean["truth.arousal"])
    np.testing.assert_array_equal(scored.number("seconds"), clean["seconds"])
    assert np.isnan(scored.number("f0")).all()
    label = [CLASSES.index(v) if isinstance(v, str) else -1 for v in clean["truth.emotion"]]
    assert scored.truth("emotion").tolist() == label
    assert scored.known("emotion").tolist() == [i >= 0 for i in label]
    assert scored.known("arousal").tolist() == clean["truth.arousal"].notna().tolist()
    sexes = [v if isinstance(v, str) and v else None for v in clean["group.sex"]]
    assert scored.group("sex").tolist() == sexes
    codes, values = scored.coded("sex")
    assert [None if c < 0 else values[c] for c in codes] == sexes
    assert scored.group("accent").tolist() == [None] * len(clean)
    for condition in scored.conditions:
        rows = rows_of(frame, scored, condition)
        ok = (rows["status"] == "ok").to_numpy()
        assert scored.ok(condition).tolist() == ok.tolist()
        assert scored.predicted("arousal", condition)[ok].tolist() == rows["score.arousal"][ok].tolist()
        scores = rows[[f"score.emotion.{c}" for c in CLASSES]].to_numpy()
        np.testing.assert_array_equal(scored.class_scores(condition), scores)
        assert scored.predicted("emotion", condition)[ok].tolist() == scores[ok].argmax(1).tolist()
        shown = list(scored.classes)
        restricted = np.array(shown)[scores[ok][:, shown].argmax(1)]
        assert scored.predicted("emotion", condition, restricted=True)[ok].tolist() == restricted.tolist()


def test_what_is_asked_twice_is_read_once(scored):
    for ask in (
        lambda: scored.truth("arousal"),
        lambda: scored.truth("emotion"),
        lambda: scored.predicted("arousal", "noise"),
        lambda: scored.ok("phone"),
        lambda: scored.coded("sex")[0],
    ):
        assert ask() is ask()
        assert not ask().flags.writeable


def test_groups_are_an_array_of_ones_own(scored):
    mine = scored.group("sex")
    mine[:] = None
    assert scored.group("sex").tolist() != mine.tolist()


def test_rows_that_are_the_same_are_the_same_array(scored):
    assert scored.usable("arousal", "clean") is scored.usable("arousal", "clean", "noise")
    assert scored.usable(None, "clean").all()
    failed = ~scored.usable(None, "clean", "phone")
    assert failed.tolist() == (~scored.ok("phone")).tolist()
    expected = scored.known("emotion") & scored.ok("clean") & scored.ok("phone")
    assert scored.usable("emotion", "clean", "phone").tolist() == expected.tolist()


def test_a_level_is_the_metric_of_its_rows_and_summed_once(scored):
    for condition in scored.conditions:
        rows = scored.usable("arousal", condition)
        level = scored.level("arousal", condition, rows)
        truth, said = scored.truth("arousal")[rows], scored.predicted("arousal", condition)[rows]
        assert level.value == pytest.approx(audmetric.concordance_cc(truth, said), abs=1e-12)
        assert scored.level("arousal", condition, rows.copy()) is level
    half = rows & (np.arange(len(rows)) % 2 == 0)
    truth, said = scored.truth("arousal")[half], scored.predicted("arousal", "phone")[half]
    level = scored.level("arousal", "phone", half)
    assert level.value == pytest.approx(audmetric.concordance_cc(truth, said), abs=1e-12)


def test_rows_and_their_speakers_are_counted(scored):
    rows = scored.speakers == 1
    assert scored.counted(rows).speakers == 1
    assert scored.counted(rows).n == rows.sum()
    assert scored.counted(np.zeros_like(rows)).speakers == 0


def test_another_cohort_of_the_same_table_keeps_its_own(scored):
    first = scored.truth("arousal")
    other = replace(scored, cohort=replace(scored.cohort, speakers=("s2",)))
    assert len(other.truth("arousal")) == 10
    assert scored.truth("arousal") is first
