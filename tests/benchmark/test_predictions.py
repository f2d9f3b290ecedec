"""The table is checked as it is read, condition by condition, and little of it is kept."""

import gc
import itertools
import tracemalloc

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from ser_audit.benchmark.errors import InputError
from ser_audit.benchmark.predictions import Predictions

CLASSES = ("anger", "joy", "sadness")


def table(condition="clean", n=6, seed=0, **columns):
    """One condition of a table in the order of its utterances' names."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "checkpoint": "k",
            "corpus": "c",
            "utterance": [f"{i:05d}.wav" for i in range(n)],
            "condition": condition,
            "status": "ok",
            "detail": None,
            "input_hash": [f"{i:064x}" for i in range(n)],
            "speaker": [f"s{i % 3}" for i in range(n)],
            "seconds": rng.random(n),
            "group.sex": [("female", "male", None)[i % 3] for i in range(n)],
            "truth.arousal": np.where(np.arange(n) % 5 == 4, np.nan, rng.random(n)),
            "truth.emotion": [(*CLASSES[:2], None)[i % 3] for i in range(n)],
            "score.arousal": rng.random(n),
            **{f"score.emotion.{c}": rng.random(n) for c in CLASSES},
            **columns,
        }
    )


def both(*tables):
    return pd.concat(tables, ignore_index=True)


def without(frame, **condition):
    ((column, value),) = condition.items()
    return frame[frame[column] != value]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (table().drop(columns="speaker"), "predictions lack the column(s) speaker"),
        (both(table(), table(checkpoint="other")), "one table holds 2 checkpoint × corpus pairs: give one"),
        (
            both(table(), table().iloc[[2]]),
            "utterance '00002.wav' stands twice in condition 'clean': keys are unique",
        ),
        (
            both(table(), table("noise", seed=1), table("noise", seed=1).iloc[[2]]),
            "utterance '00002.wav' stands twice in condition 'noise': keys are unique",
        ),
        (table("noise"), "predictions have no 'clean' condition: every other is compared with it"),
        (
            both(table(), table("noise", **{"score.arousal": [0.5] * 5 + [np.inf]})),
            "predictions hold scores that are not finite in rows whose status is 'ok'",
        ),
        (
            both(table(), table("noise", **{"score.emotion.joy": [0.5] * 5 + [np.nan]})),
            "predictions hold scores that are not finite in rows whose status is 'ok'",
        ),
        (
            both(table(), without(table("noise"), utterance="00003.wav")),
            "'noise' and 'clean' differ in 1 utterance(s), such as '00003.wav'",
        ),
        (
            both(table(), table("noise", n=8)),
            "'noise' and 'clean' differ in 2 utterance(s), such as '00006.wav'",
        ),
        (table(speaker=["s"] * 5 + [None]), "predictions hold 1 row(s) without a speaker"),
        (table(utterance=[*"abcde", None]), "predictions hold 1 row(s) without utterance"),
    ],
)
@pytest.mark.parametrize("kind", ["frame", "files"])
def test_what_is_wrong_with_a_table_is_said_in_one_line(frame, words, kind, tmp_path):
    if kind == "files" and frame.groupby(["condition", "checkpoint"]).ngroups != frame["condition"].nunique():
        parts = frame.groupby("checkpoint")
    else:
        parts = frame.groupby("condition", sort=False)
    paths = [tmp_path / f"{i}.parquet" for i in range(len(parts))]
    for path, (_, rows) in zip(paths, parts, strict=True):
        rows.to_parquet(path)
    with pytest.raises(InputError) as error:
        Predictions(frame if kind == "frame" else paths)
    assert str(error.value).startswith(words)
    assert "\n" not in str(error.value)


def test_a_file_holds_one_condition_and_no_other_holds_it_too(tmp_path):
    both(table(), table("noise")).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="clean, noise"):
        Predictions([tmp_path / "a.parquet"])
    for name in "bc":
        table().to_parquet(tmp_path / f"{name}.parquet")
    with pytest.raises(InputError, match="clean: a table holds one, and no other holds it too"):
        Predictions([tmp_path / "b.parquet", tmp_path / "c.parquet"])


def test_a_file_that_is_no_table_is_named(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match=r"a\.parquet cannot be read as a table of predictions"):
        Predictions([tmp_path / "a.parquet"])


def test_a_condition_that_lacks_a_score_is_refused():
    frame = both(table(), table("noise"))
    files = [frame[frame["condition"] == "clean"], frame[frame["condition"] == "noise"]]
    files[1] = files[1].drop(columns="score.emotion.joy")
    with pytest.raises(InputError, match="not finite"):  # one frame holds a column for all
        Predictions(both(*files))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_arrays_lie_by_utterance_however_the_rows_of_each_condition_lie(order, tmp_path):
    tables = [table(), table("noise", seed=1), table("phone", seed=2)]
    tables[2].loc[3, ["status", "detail"]] = "not_finite", "the model said nan"
    tables[2].loc[3, tables[2].columns.str.startswith("score.")] = np.nan
    shuffled = [t.sample(frac=1, random_state=i if order[0] else 0) for i, t in enumerate(tables)]
    found = Predictions(both(*(shuffled[i] for i in order)))
    assert found.conditions == ("clean", *[tables[i]["condition"][0] for i in order if i])
    assert found.utterances.to_pylist() == tables[0]["utterance"].tolist()
    for one in tables:
        condition, ok = one["condition"][0], (one["status"] == "ok").to_numpy()
        assert found.ok(condition).tolist() == ok.tolist()
        assert found.score("arousal", condition)[ok].tolist() == one["score.arousal"][ok].tolist()
        scores = one[[f"score.emotion.{c}" for c in CLASSES]].to_numpy()
        np.testing.assert_array_equal(found.class_scores(condition), scores)
        assert found.score("emotion", condition)[ok].tolist() == scores[ok].argmax(axis=1).tolist()
    np.testing.assert_array_equal(found.number("truth.arousal"), tables[0]["truth.arousal"])
    np.testing.assert_array_equal(found.number("seconds"), tables[0]["seconds"])
    codes, values = found.text("group.sex")
    assert (codes.tolist(), values) == ([0, 1, -1, 0, 1, -1], ("female", "male"))
    assert found.failures("noise") is None
    failed = found.failures("phone")
    assert (failed.counts, failed.utterance, failed.detail) == (
        {"not_finite": 1},
        "00003.wav",
        "the model said nan",
    )


def test_a_column_that_is_not_there_is_unknown_everywhere():
    found = Predictions(table())
    assert np.isnan(found.number("f0")).all()
    assert found.text("group.accent")[1] == ()
    assert set(found.text("group.accent")[0]) == {-1}


def test_groups_that_are_no_texts_are_named_as_python_names_them():
    found = Predictions(table(**{"group.age": [23.0, 23.0, np.nan, 9.5, 9.5, 9.5]}))
    assert found.text("group.age")[1] == ("23.0", "9.5")
    assert found.text("group.age")[0].tolist() == [0, 0, -1, 1, 1, 1]


def test_the_whole_table_can_be_had_as_a_frame(tmp_path):
    tables = table(), table("noise", seed=1)
    for i, one in enumerate(tables):
        one.to_parquet(tmp_path / f"{i}.parquet")
    found = Predictions([tmp_path / "0.parquet", tmp_path / "1.parquet"])
    pd.testing.assert_frame_equal(found.frame, both(*tables), check_dtype=False)
    assert found.condition("noise")["score.arousal"].tolist() == tables[1]["score.arousal"].tolist()


def test_of_a_condition_no_more_is_kept_than_its_scores(tmp_path):
    n, more = 5000, 20
    paths = [tmp_path / f"{i}.parquet" for i in range(more + 1)]
    for i, path in enumerate(paths):
        table("clean" if i == 0 else f"noise{i}", n, seed=i).to_parquet(path)

    def kept(count):
        gc.collect()
        before = pa.total_allocated_bytes()
        tracemalloc.start()
        found = Predictions(paths[:count])
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] + pa.total_allocated_bytes() - before
        tracemalloc.stop()
        assert len(found.conditions) == count
        return held

    kept(1)  # what libraries keep for themselves
    each = (kept(more + 1) - kept(1)) / more / n
    outputs = 2  # arousal and emotion
    assert 8 * outputs + 1 <= each < 8 * outputs + 2  # bytes per row: scores and whether it is ok


def test_arrays_cannot_be_changed_by_who_reads_them():
    found = Predictions(table())
    for array in (found.score("arousal", "clean"), found.ok("clean"), found.number("truth.arousal")):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
