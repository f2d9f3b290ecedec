"""audformat databases: the table with truth, what stands in other tables, declared scales, no code."""

from pathlib import Path

import audformat
import numpy as np
import pandas as pd
import pytest
import soundfile
from ser_audit.benchmark.corpora import audformat as layout
from ser_audit.benchmark.corpora import table
from ser_audit.benchmark.corpus import CorpusOptions
from ser_audit.benchmark.errors import InputError

FILES = ["wav/1.wav", "wav/2.wav", "wav/3.wav"]
SPEAKERS = {3: {"gender": "male", "age": 31}, 8: {"gender": "female", "age": 34}}
RATE = 16000


def database(
    folder: Path,
    *,
    segmented: bool = False,
    storage: str = "csv",
    minimum: float | None = 1,
    misc: bool = False,
) -> str:
    """A database in the manner of emodb: truth in one table, speakers and texts in another."""
    db = audformat.Database("mine", languages=["deu"])
    db.schemes["emotion"] = audformat.Scheme("str", labels={"anger": "Wut", "joy": "Freude"})
    maximum = None if minimum is None else 5
    db.schemes["arousal"] = audformat.Scheme("float", minimum=minimum, maximum=maximum)
    if misc:
        db["speakers"] = audformat.MiscTable(pd.Index(list(SPEAKERS), dtype="Int64", name="speaker"))
        db.schemes["gender"] = audformat.Scheme("str")
        db["speakers"]["gender"] = audformat.Column(scheme_id="gender")
        db["speakers"]["gender"].set([v["gender"] for v in SPEAKERS.values()])
        db.schemes["speaker"] = audformat.Scheme("int", labels="speakers")
    else:
        db.schemes["speaker"] = audformat.Scheme("int", labels=SPEAKERS)
    db.schemes["text"] = audformat.Scheme("str", labels={"a01": "Der Lappen liegt auf dem Eisschrank."})
    db["files"] = audformat.Table(audformat.filewise_index(FILES))
    db["files"]["speaker"] = audformat.Column(scheme_id="speaker")
    db["files"]["speaker"].set([3, 8, 8])
    db["files"]["transcription"] = audformat.Column(scheme_id="text")
    db["files"]["transcription"].set(["a01", None, "a01"])
    index = audformat.filewise_index(FILES)
    if segmented:
        index = audformat.segmented_index(FILES, ["0s", "0.25s", "0.5s"], ["0.25s", "0.5s", pd.NaT])
    db["emotion"] = audformat.Table(index)
    db["emotion"]["emotion"] = audformat.Column(scheme_id="emotion")
    db["emotion"]["emotion"].set(["anger", "joy", None])
    db["emotion"]["arousal"] = audformat.Column(scheme_id="arousal")
    db["emotion"]["arousal"].set([5.0, np.nan, 2.0])
    (folder / "wav").mkdir(parents=True)
    for number, file in enumerate(FILES):
        wave = np.random.default_rng(number).uniform(-0.5, 0.5, RATE).astype(np.float32)
        soundfile.write(folder / file, wave, RATE, subtype="FLOAT")
    db.save(str(folder), storage_format=storage)
    return str(folder)


def refused(path: str, options: CorpusOptions | None = None) -> str:
    with pytest.raises(InputError) as caught:
        layout.open_corpus("mine", path, options or CorpusOptions())
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("storage", ["csv", "parquet"])
def test_truth_speakers_and_texts_are_gathered_from_their_tables(tmp_path, storage):
    corpus = layout.open_corpus("mine", database(tmp_path / "db", storage=storage), CorpusOptions())
    assert (corpus.format, corpus.source, corpus.languages) == ("audformat", "db", ("deu",))
    assert [u.id for u in corpus.utterances] == FILES
    assert [u.speaker for u in corpus.utterances] == ["3", "8", "8"]
    assert [u.truth for u in corpus.utterances] == [
        {"arousal": 1.0, "emotion": "anger"},
        {"emotion": "joy"},
        {"arousal": 0.25},
    ]
    assert [dict(u.groups) for u in corpus.utterances] == [
        {"sex": "male", "age": "31", "language": "deu"},
        {"sex": "female", "age": "34", "language": "deu"},
        {"sex": "female", "age": "34", "language": "deu"},
    ]
    text = "Der Lappen liegt auf dem Eisschrank."
    assert [u.transcript for u in corpus.utterances] == [text, None, text]
    assert corpus.scales == {"arousal": (1.0, 5.0)}
    reference = soundfile.read(tmp_path / "db" / FILES[1], dtype="float32")[0]
    np.testing.assert_array_equal(corpus.utterances[1].load()[0], reference)


def test_segments_take_their_speaker_from_their_file(tmp_path):
    corpus = layout.open_corpus("mine", database(tmp_path / "db", segmented=True), CorpusOptions())
    assert [u.id for u in corpus.utterances] == ["wav/1.wav#0-0.25", "wav/2.wav#0.25-0.5", "wav/3.wav#0.5-"]
    assert [u.speaker for u in corpus.utterances] == ["3", "8", "8"]
    reference = soundfile.read(tmp_path / "db" / FILES[1], dtype="float32")[0]
    np.testing.assert_array_equal(corpus.utterances[1].load()[0], reference[4000:8000])
    assert len(corpus.utterances[2].load()[0]) == 8000


def test_speakers_may_be_described_in_a_table_of_their_own(tmp_path):
    corpus = layout.open_corpus("mine", database(tmp_path / "db", misc=True), CorpusOptions())
    assert [u.groups["sex"] for u in corpus.utterances] == ["male", "female", "female"]


def test_a_database_and_the_same_table_give_the_same_utterances(tmp_path):
    corpus = layout.open_corpus("mine", database(tmp_path / "db"), CorpusOptions())
    rows = [
        {
            "file": u.id,
            "speaker": u.speaker,
            "emotion": u.truth.get("emotion"),
            "arousal": None if "arousal" not in u.truth else 1 + 4 * u.truth["arousal"],
            "transcript": u.transcript,
            **u.groups,
        }
        for u in corpus.utterances
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "db" / "t.csv", index=False)
    options = CorpusOptions(scales={"arousal": (1, 5)})
    other = table.open_corpus("mine", str(tmp_path / "db" / "t.csv"), options)
    assert other.utterances == corpus.utterances
    assert other.revision == corpus.revision


def test_the_users_scale_wins_and_none_is_guessed(tmp_path):
    path = database(tmp_path / "db")
    corpus = layout.open_corpus("mine", path, CorpusOptions(scales={"arousal": (0, 10)}))
    assert corpus.utterances[0].truth["arousal"] == 0.5
    assert "arousal has values 2…5 but no scale" in refused(database(tmp_path / "other", minimum=None))


def test_rows_and_columns_may_stand_in_other_tables(tmp_path):
    path = database(tmp_path / "db")
    options = CorpusOptions(rows={"speaker": ("8",)}, columns={"group.text": "transcription"})
    corpus = layout.open_corpus("mine", path, options)
    assert [u.id for u in corpus.utterances] == FILES[1:]
    assert [u.groups.get("text") for u in corpus.utterances] == [None, "Der Lappen liegt auf dem Eisschrank."]


def add_table(path: str, table_id: str, column: str, values: list) -> None:
    db = audformat.Database.load(path)
    db[table_id] = audformat.Table(audformat.filewise_index(FILES))
    db[table_id][column] = audformat.Column(scheme_id=column if column in db.schemes else None)
    db[table_id][column].set(values)
    db.save(path)


def test_several_tables_with_truth_must_be_chosen_between(tmp_path):
    path = database(tmp_path / "db")
    add_table(path, "emotion.gold", "emotion", ["joy", "joy", "anger"])
    message = refused(path)
    assert "several tables with truth (tables: emotion, emotion.gold)" in message
    assert "--column mine:table=TABLE" in message
    corpus = layout.open_corpus("mine", path, CorpusOptions(columns={"table": "emotion.gold"}))
    assert [u.truth for u in corpus.utterances] == [
        {"emotion": "joy"},
        {"emotion": "joy"},
        {"emotion": "anger"},
    ]
    hint = refused(path, CorpusOptions(columns={"table": "emotion.golt"}))
    assert "no table 'emotion.golt': did you mean 'emotion.gold'?" in hint


def test_tables_that_contradict_each_other_are_refused(tmp_path):
    path = database(tmp_path / "db")
    add_table(path, "more", "speaker", [3, 3, 8])
    assert "speaker of wav/2.wav is '8' and '3'" in refused(path)


def test_nothing_is_read_from_a_pickle(tmp_path):
    path = Path(database(tmp_path / "db"))
    (path / "db.emotion.pkl").write_bytes(
        b"cposix\nsystem\n(S'touch " + str(tmp_path / "ran").encode() + b"'\ntR."
    )
    assert len(layout.open_corpus("mine", str(path), CorpusOptions()).utterances) == 3
    (path / "db.emotion.csv").unlink()
    assert "only a pickle, which can run code: save it as CSV or Parquet" in refused(str(path))
    assert not (tmp_path / "ran").exists()


def test_no_yaml_tag_constructs_an_object(tmp_path):
    path = Path(database(tmp_path / "db"))
    header = path / "db.yaml"
    command = f"touch {tmp_path / 'ran'}"
    header.write_text(header.read_text() + f"\nevil: !!python/object/apply:os.system ['{command}']\n")
    assert "no header of an audformat database" in refused(str(path))
    assert not (tmp_path / "ran").exists()
    audformat.Database.load(str(path))  # the reason why its own loader is not used
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", ["", "- a", "a: [", "name: x", "{name: x, source: y, usage: nonsense}"])
def test_a_broken_header_is_one_line(tmp_path, content):
    (tmp_path / "db.yaml").write_text(content)
    assert "no header of an audformat database" in refused(str(tmp_path))


def test_a_broken_table_is_one_line(tmp_path):
    path = Path(database(tmp_path / "db"))
    (path / "db.emotion.csv").write_text("nothing\nof,the,kind\n")
    assert "db.emotion.csv cannot be read" in refused(str(path))


def test_the_header_may_have_its_long_name(tmp_path):
    path = Path(database(tmp_path / "db"))
    (path / "db.yaml").rename(path / "db.header.yaml")
    assert layout.recognises(str(path))
    assert len(layout.open_corpus("mine", str(path), CorpusOptions()).utterances) == 3
