"""A table of predictions made elsewhere."""

import numpy as np
import pandas as pd
import pytest
from ser_audit.benchmark.checkpoints import open_checkpoint
from ser_audit.benchmark.errors import InputError

INFO = 'classes = ["happy", "sad"]\nactivation = "softmax"\n'
ROWS = pd.DataFrame({"file": ["007", "NA", "c.wav"], "sad": [0.0, 1.0, 2.0], "happy": [0.0, 0.0, 0.0]})


def write(folder, frame, suffix=".csv", info=INFO):
    path = folder / f"mine{suffix}"
    if suffix == ".parquet":
        frame.to_parquet(path)
    elif suffix == ".jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_csv(path, sep="\t" if suffix == ".tsv" else ",", index=False)
    if info:
        path.with_suffix(".toml").write_text(info)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".jsonl"])
def test_scores_are_looked_up_in_the_order_asked_for(tmp_path, suffix):
    table = open_checkpoint(write(tmp_path, ROWS, suffix))
    found = table.lookup("any", "clean", ["c.wav", "absent", "007", "NA"])
    happy = 1 / (1 + np.exp([2.0, np.nan, 0.0, 1.0]))  # softmax of two
    np.testing.assert_allclose(found, np.stack([happy, 1 - happy], axis=1), rtol=1e-6)
    assert found.dtype == np.float32
    assert (table.padding, table.conditions, table.format) == ("no audio", ("clean",), "table")


def test_columns_named_as_the_projects_own_need_no_sidecar(tmp_path):
    frame = pd.DataFrame(
        {"utterance": ["a"], "status": ["ok"], "score.arousal": [0.25], "score.emotion.sad": [0.9]}
    )
    table = open_checkpoint(write(tmp_path, frame, ".parquet", info=None))
    assert [output.column for output in table.info.outputs] == ["score.arousal", "score.emotion.sad"]
    np.testing.assert_allclose(table.lookup("x", "clean", ["a"]), [[0.25, 0.9]])


def test_other_columns_need_their_facts(tmp_path):
    with pytest.raises(InputError, match="mine.csv does not tell its classes or dimensions") as caught:
        open_checkpoint(write(tmp_path, ROWS, info=None))
    assert "sampling_rate" not in str(caught.value)


def test_corpora_and_conditions_are_kept_apart(tmp_path):
    frame = pd.DataFrame(
        {
            "id": ["a", "a", "a"],
            "corpus": ["x", "y", "x"],
            "condition": ["noise", "clean", "clean"],
            "happy": [1.0, 2.0, 3.0],
            "sad": [0.0, 0.0, 0.0],
        }
    )
    table = open_checkpoint(write(tmp_path, frame, info=INFO.replace("softmax", "none")))
    assert table.conditions == ("clean", "noise")
    looked_up = [table.lookup(c, k, ["a"])[0, 0] for c, k in (("x", "noise"), ("y", "clean"), ("x", "clean"))]
    assert looked_up == [1, 2, 3]
    with pytest.raises(InputError, match="has no corpus 'z'"):
        table.lookup("z", "clean", ["a"])
    with pytest.raises(InputError, match="has no condition 'noisy': did you mean 'noise'"):
        table.lookup("x", "noisy", ["a"])
    with pytest.raises(InputError, match="has none of the 1 utterances of 'y' in 'noise'"):
        table.lookup("y", "noise", ["a"])


def test_a_row_without_all_of_its_scores_is_missing(tmp_path):
    frame = ROWS.assign(sad=[0.5, None, np.inf])
    found = open_checkpoint(write(tmp_path, frame)).lookup("x", "clean", list(frame["file"]))
    np.testing.assert_array_equal(np.isnan(found).any(axis=1), [False, True, True])
    np.testing.assert_array_equal(np.isnan(found).all(axis=1), [False, True, True])


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.concat([ROWS, ROWS[:1]]), "utterance '007' twice in the condition 'clean'"),
        (ROWS.assign(sad=["1", "high", "2"]), "'high' in the column 'sad' is no number"),
        (ROWS.rename(columns={"sad": "sadd"}), "no column for the output 'sad': did you mean 'sadd'"),
        (ROWS.rename(columns={"file": "name"}), "no column of utterances: expected one of utterance, file"),
        (ROWS.assign(checkpoint=["a", "b", "a"]), r"several checkpoints \(a, b\)"),
    ],
)
def test_a_table_that_is_not_clear_is_refused(tmp_path, frame, message):
    with pytest.raises(InputError, match=message):
        open_checkpoint(write(tmp_path, frame))


def test_a_broken_table_is_refused(tmp_path):
    (tmp_path / "mine.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(InputError, match="mine.parquet is no readable Parquet file"):
        open_checkpoint(tmp_path / "mine.parquet")


def test_a_table_cannot_predict(tmp_path):
    table = open_checkpoint(write(tmp_path, ROWS))
    with pytest.raises(InputError, match="is a table of predictions: it cannot predict other audio"):
        table.predict([np.zeros(400, dtype=np.float32)])
    assert table.macs(16000) is None
