"""Tables of utterances: recognised columns, chosen rows, declared scales, stable ids, clear errors."""

import csv
import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from ser_audit.benchmark.corpora import table
from ser_audit.benchmark.corpora.limit import limited
from ser_audit.benchmark.corpora.truth import to_unit
from ser_audit.benchmark.corpus import CorpusOptions, Utterance
from ser_audit.benchmark.errors import InputError

ROWS = [
    {"file": "b/1.wav", "speaker": "01", "gender": "F", "age": "31", "label": "anger", "arousal": "7"},
    {"file": "b/2.wav", "speaker": "01", "gender": "weiblich", "age": "31", "label": "joy", "arousal": "4"},
    {"file": "a/3.wav", "speaker": "02", "gender": "M", "age": "", "label": "", "arousal": "1"},
    {"file": "a/4.wav", "speaker": "02", "gender": "divers", "age": "40", "label": "joy", "arousal": ""},
]
SCALE = CorpusOptions(scales={"arousal": (1, 7)})


def write(path: Path, rows: list[dict]) -> str:
    """A table file of ``rows``, written with a library other than the one that reads it."""
    if path.suffix == ".parquet":
        pd.DataFrame(rows).replace("", None).to_parquet(path)
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps({k: v or None for k, v in r.items()}) for r in rows))
    else:
        pd.DataFrame(rows).to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
    return str(path)


def error(tmp_path: Path, rows: list[dict], options: CorpusOptions = SCALE, name: str = "mine") -> str:
    with pytest.raises(InputError) as caught:
        table.open_corpus(name, write(tmp_path / "t.csv", rows), options)
    message = str(caught.value)
    assert "\n" not in message
    assert name in message
    return message


def with_cell(row: int, **cells: str) -> list[dict]:
    return [{**r, **cells} if i == row else r for i, r in enumerate(ROWS)]


def test_columns_are_recognised_by_their_usual_names(tmp_path):
    corpus = table.open_corpus("mine", write(tmp_path / "t.csv", ROWS), SCALE)
    assert [u.id for u in corpus.utterances] == ["b/1.wav", "b/2.wav", "a/3.wav", "a/4.wav"]
    assert [u.speaker for u in corpus.utterances] == ["01", "01", "02", "02"]
    assert [u.truth for u in corpus.utterances] == [
        {"arousal": 1.0, "emotion": "anger"},
        {"arousal": 0.5, "emotion": "joy"},
        {"arousal": 0.0},
        {"emotion": "joy"},
    ]
    assert [u.groups for u in corpus.utterances] == [
        {"sex": "female", "age": "31"},
        {"sex": "female", "age": "31"},
        {"sex": "male"},
        {"sex": "divers", "age": "40"},
    ]
    assert corpus.source == "t.csv"
    assert corpus.scales == {"arousal": (1.0, 7.0)}
    assert corpus.labels == ("anger", "joy")


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Speaker ID", "speaker"),
        ("SpkrID", "speaker"),
        ("FileName", "file"),
        ("EmoAct", "arousal"),
        ("EmoClass", "emotion"),
        ("Transcription", "transcript"),
        ("start_time", "start"),
    ],
)
def test_names_differ_in_case_and_separators(header, role):
    from ser_audit.benchmark.corpora.columns import find_columns

    assert find_columns("mine", ["x", header], {}) == {role: header}


def test_csv_tsv_parquet_and_json_lines_give_the_same_corpus(tmp_path):
    corpora = [
        table.open_corpus("mine", write(tmp_path / f"t.{kind}", ROWS), SCALE)
        for kind in ("csv", "tsv", "parquet", "jsonl")
    ]
    assert len({c.revision for c in corpora}) == 1
    assert all(c.utterances == corpora[0].utterances for c in corpora)


def test_numbers_in_parquet_and_json_lines_are_read_as_csv_would_show_them(tmp_path):
    frame = pd.DataFrame(
        {
            "file": ["1.wav", "2.wav", "3.wav"],
            "speaker": [7, 8, 9],
            "age": [31.0, None, 40.0],
            "arousal": np.array([4.2, 1.0, np.nan], dtype=np.float32),
            "audio_bytes": [b"a", b"b", b"c"],
            "nested": [{"a": 1}, {"a": 2}, {"a": 3}],
        }
    )
    frame.to_parquet(tmp_path / "t.parquet")
    flat = frame.drop(columns=["audio_bytes", "nested"])
    flat.to_csv(tmp_path / "t.csv", index=False)
    flat.astype({"arousal": float}).round(3).to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    options = CorpusOptions(scales={"arousal": (1, 5)})
    corpora = [table.open_corpus("x", str(tmp_path / f"t.{k}"), options) for k in ("csv", "parquet", "jsonl")]
    assert [u.speaker for u in corpora[1].utterances] == ["7", "8", "9"]
    assert [u.groups for u in corpora[1].utterances] == [{"age": "31"}, {}, {"age": "40"}]
    assert corpora[1].utterances[0].truth == {"arousal": pytest.approx(0.8, abs=1e-15)}
    assert all(c.utterances == corpora[0].utterances for c in corpora)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "utterances", "speakers", "language"), [("ravdess", 720, 24, "en"), ("nemo", 772, 9, "pl")]
)
def test_the_corpus_column_splits_the_shared_table_by_name(shared, name, utterances, speakers, language):
    path = shared / "corpora" / "ravdess-nemo" / "metadata.csv"
    corpus = table.open_corpus(name, str(path), CorpusOptions())
    with path.open(newline="") as stream:
        expected = [r for r in csv.DictReader(stream) if r["corpus"] == name]
    assert len(corpus.utterances) == len(expected) == utterances
    assert len({u.speaker for u in corpus.utterances}) == speakers
    assert corpus.languages == (language,)
    assert [u.truth["emotion"] for u in corpus.utterances] == [r["emotion"] for r in expected]
    assert [u.transcript for u in corpus.utterances] == [r["text"] for r in expected]
    assert [u.groups["sex"] for u in corpus.utterances] == [r["sex"] for r in expected]
    assert (
        table.open_corpus("x", str(path), CorpusOptions(rows={"corpus": (name,)})).revision == corpus.revision
    )
    wave, rate = corpus.utterances[0].load()
    reference, reference_rate = soundfile.read(path.parent / expected[0]["file"], dtype="float32")
    assert rate == reference_rate == 16000
    np.testing.assert_array_equal(wave, reference)


@pytest.mark.shared
def test_several_corpora_in_one_table_must_be_chosen_between(shared):
    path = str(shared / "corpora" / "ravdess-nemo" / "metadata.csv")
    with pytest.raises(InputError, match=r"nemo, ravdess\): choose with --rows speech:corpus=VALUE"):
        table.open_corpus("speech", path, CorpusOptions())
    one_speaker = CorpusOptions(rows={"speaker": ("nemo_EB0",)})
    assert table.open_corpus("speech", path, one_speaker).languages == ("pl",)
    with pytest.raises(InputError, match="never together"):
        table.open_corpus("ravdess", path, one_speaker)


def test_rows_are_chosen_by_the_values_of_columns(tmp_path):
    path = write(tmp_path / "t.csv", ROWS)
    options = CorpusOptions(rows={"speaker": ("02",), "label": ("joy", "anger")}, scales={"arousal": (1, 7)})
    assert [u.id for u in table.open_corpus("mine", path, options).utterances] == ["a/4.wav"]


def test_any_column_can_be_named_for_a_role_or_as_a_group(tmp_path):
    rows = [{"clip": "1.wav", "who": "x", "mood": "sad", "mic": "far", "label": "not this"}]
    options = CorpusOptions(
        columns={"file": "clip", "speaker": "who", "emotion": "mood", "group.microphone": "mic"},
        language="de",
    )
    (utterance,) = table.open_corpus("mine", write(tmp_path / "t.csv", rows), options).utterances
    assert (utterance.id, utterance.speaker, utterance.truth) == ("1.wav", "x", {"emotion": "sad"})
    assert utterance.groups == {"language": "de", "microphone": "far"}


def test_segments_are_utterances_of_their_own(tmp_path):
    rng = np.random.default_rng(0)
    wave = rng.uniform(-0.5, 0.5, 16000).astype(np.float32)
    soundfile.write(tmp_path / "1.wav", wave, 16000, subtype="FLOAT")
    rows = [
        {"file": "1.wav", "onset": "0.0", "offset": "0.250", "speaker": "x", "emotion": "sad"},
        {"file": "1.wav", "onset": "0.25", "offset": "", "speaker": "x", "emotion": "sad"},
    ]
    first, second = table.open_corpus("mine", write(tmp_path / "t.csv", rows), CorpusOptions()).utterances
    assert (first.id, second.id) == ("1.wav#0-0.25", "1.wav#0.25-")
    np.testing.assert_array_equal(first.load()[0], wave[:4000])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(second.load))()[0], wave[4000:])  # noqa: S301


def test_offset_without_onset_is_never_guessed(tmp_path):
    rows = [{"audio_filepath": "1.wav", "offset": "3", "duration": "2", "speaker": "x", "emotion": "sad"}]
    assert "--column mine:start=offset or --column mine:end=offset" in error(tmp_path, rows)


def test_ids_are_never_absolute(tmp_path):
    inside = tmp_path / "audio" / "1.wav"
    files = [str(inside), "/far/a/x/2.wav", "/far/b/x/2.wav", r"D:\data\b\3.wav", r"sub\4.wav", "../up/5.wav"]
    rows = [{"file": f, "speaker": "x", "emotion": "sad"} for f in files]
    corpus = table.open_corpus("mine", write(tmp_path / "t.csv", rows), CorpusOptions())
    assert [u.id for u in corpus.utterances] == [
        "audio/1.wav",
        "a/x/2.wav",
        "b/x/2.wav",
        "data/b/3.wav",
        "sub/4.wav",
        "../up/5.wav",
    ]
    assert corpus.utterances[0].load.file == str(inside)
    assert corpus.utterances[1].load.file == "/far/a/x/2.wav"
    assert str(tmp_path) not in repr(corpus)


def test_ids_do_not_depend_on_the_chosen_rows(tmp_path):
    rows = [
        {"file": "/far/a/2.wav", "speaker": "x", "emotion": "sad"},
        {"file": "/far/b/2.wav", "speaker": "y", "emotion": "sad"},
    ]
    path = write(tmp_path / "t.csv", rows)
    every = table.open_corpus("mine", path, CorpusOptions()).utterances
    one = table.open_corpus("mine", path, CorpusOptions(rows={"speaker": ("y",)})).utterances
    assert one == every[1:]


def test_the_revision_follows_content_not_order_time_or_place(tmp_path):
    def revision(folder: str, rows: list[dict], samples: int = 800) -> str:
        place = tmp_path / folder
        place.mkdir()
        (place / "b").mkdir()
        soundfile.write(place / "b" / "1.wav", np.zeros(samples), 16000)
        return table.open_corpus("mine", write(place / "t.csv", rows), SCALE).revision

    first = revision("one", ROWS)
    assert first.startswith("sha256:")
    assert revision("two", ROWS[::-1]) == first
    assert revision("three", with_cell(0, arousal="6")) != first
    assert revision("four", with_cell(0, speaker="03")) != first
    assert revision("five", ROWS, samples=801) != first


def test_a_scale_is_declared_never_guessed(tmp_path):
    message = error(tmp_path, ROWS, CorpusOptions())
    assert "arousal has values 1…7 but no scale" in message
    assert "--scale mine:arousal=" in message


def test_a_dimension_without_values_needs_no_scale(tmp_path):
    rows = [{**r, "arousal": ""} for r in ROWS]
    corpus = table.open_corpus("mine", write(tmp_path / "t.csv", rows), CorpusOptions())
    assert all("arousal" not in u.truth for u in corpus.utterances)


@pytest.mark.parametrize("missing", ["", "nan", "NaN", "NA"])
def test_missing_truth_is_left_out_of_its_utterance_only(tmp_path, missing):
    corpus = table.open_corpus("mine", write(tmp_path / "t.csv", with_cell(0, arousal=missing)), SCALE)
    assert corpus.utterances[0].truth == {"emotion": "anger"}
    assert corpus.utterances[1].truth["arousal"] == 0.5


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        (
            with_cell(1, arousal="8"),
            SCALE,
            "arousal in row 2 (b/2.wav) is 8, outside of its declared scale 1 to 7",
        ),
        (with_cell(1, arousal="inf"), SCALE, "arousal in row 2 (b/2.wav) is inf, outside"),
        (with_cell(1, arousal="high"), SCALE, "arousal in row 2 (b/2.wav) is 'high': it must be a number"),
        (with_cell(1, arousal="high"), CorpusOptions(), "is 'high': it must be a number"),
        (with_cell(3, speaker=""), SCALE, "1 of 4 rows have no speaker, the first is row 4"),
        (with_cell(3, file=""), SCALE, "1 of 4 rows have no file, the first is row 4"),
        (with_cell(3, file="./b//1.wav"), SCALE, "the utterance 'b/1.wav' stands in several rows"),
        (ROWS, CorpusOptions(scales={"arousal": (7, 1)}), "the scale of arousal is 7 to 1"),
        (ROWS, CorpusOptions(scales={"arousel": (1, 7)}), "'arousel': did you mean 'arousal'?"),
        (
            ROWS,
            CorpusOptions(scales={"valence": (1, 7)}),
            "a scale is given for valence, but no column is valence",
        ),
        (
            ROWS,
            CorpusOptions(columns={"emotion": "lable"}),
            "no column 'lable' for the emotion: did you mean 'label'?",
        ),
        (
            ROWS,
            CorpusOptions(columns={"emotoin": "label"}),
            "unknown role 'emotoin' for the column 'label': did you mean",
        ),
        (ROWS, CorpusOptions(columns={"group.sex": "gender"}), "sex is a role of its own"),
        (
            ROWS,
            CorpusOptions(rows={"speeker": ("01",)}),
            "no column 'speeker' to choose rows by: did you mean 'speaker'?",
        ),
        (ROWS, CorpusOptions(rows={"speaker": ("1",)}), "no row has speaker=1; values present: 01, 02"),
        (ROWS, CorpusOptions(rows={"speaker": ("01",), "gender": ("M",)}), "each occurs, but never together"),
        (ROWS, CorpusOptions(scales={"arousal": (1, 7)}, limit=0), "a limit of 0 utterances"),
    ],
)
def test_bad_input_is_one_line_that_names_it(tmp_path, rows, options, said):
    if options.limit == 0:
        with pytest.raises(InputError, match=said):
            table.open_corpus("mine", write(tmp_path / "t.csv", rows), options)
        return
    assert said in error(tmp_path, rows, options)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"wav": "1", "spk": "x"}, "no column is truth"),
        (
            {"speaker": "x", "emotion": "sad"},
            "no column is the file; columns found: speaker, emotion: name it with",
        ),
        ({"file": "1", "emotion": "sad"}, "no column is the speaker; columns found: file, emotion"),
        (
            {"file": "1", "path": "2", "spk": "x", "emo": "sad"},
            "'file' and 'path' could each be the file: name it",
        ),
        ({"file": "1", "spk": "x", "emo": "sad", "end": "2"}, "'end' ends segments, but none starts them"),
        (
            {"file": "1", "spk": "x", "emo": "sad", "start": "2", "end": "1"},
            "end in row 1 (1) is 1 s, not after",
        ),
        ({"file": "1", "spk": "x", "emo": "sad", "start": "-1", "end": "1"}, "start in row 1 (1) is -1"),
        ({"file": "1", "spk": "x", "emo": "sad", "start": "a", "end": "1"}, "start in row 1 (1) is 'a'"),
    ],
)
def test_missing_and_ambiguous_columns_are_named(tmp_path, row, said):
    assert said in error(tmp_path, [row], CorpusOptions())


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("t.csv", b"file,speaker\n1.wav\n", r"line 2: 1 fields, but the header has 2"),
        ("t.csv", b"file,speaker,speaker\n1.wav,x,y\n", "two columns 'speaker'"),
        ("t.csv", b"file,speaker\n", "holds no rows"),
        ("t.csv", b"", "holds no rows"),
        ("t.csv", b"file\n\xff\xfe\n", "no UTF-8"),
        ("t.tsv", b'file\n"1.wav" x\n', "line 2"),
        ("t.jsonl", b'{"file": 1}\n{file}\n', "line 2 is no JSON"),
        ("t.jsonl", b"[1]\n", "line 1 is no JSON object"),
        ("t.parquet", b"PAR1 but not really", "no readable Parquet"),
    ],
)
def test_unreadable_tables_are_one_line(tmp_path, file, content, said):
    (tmp_path / file).write_bytes(content)
    with pytest.raises(InputError, match=said) as caught:
        table.open_corpus("mine", str(tmp_path / file), CorpusOptions())
    assert "\n" not in str(caught.value)


FINITE = st.floats(-1e6, 1e6)


@given(st.lists(FINITE, min_size=3, max_size=3, unique=True))
def test_scales_map_to_the_unit_interval_in_order(values):
    low, value, high = sorted(values)
    assert to_unit(low, (low, high)) == 0.0
    assert to_unit(high, (low, high)) == 1.0
    unit = to_unit(value, (low, high))
    assert 0.0 <= unit <= 1.0
    assert low + unit * (high - low) == pytest.approx(value, abs=1e-9 * max(1, abs(low), abs(high)))


def of(speaker: int, label: int, number: int) -> Utterance:
    return Utterance(f"{speaker}-{label}-{number}", str(speaker), {"emotion": str(label)}, {}, lambda: None)


UTTERANCES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=60).map(
    lambda pairs: [of(s, k, i) for i, (s, k) in enumerate(pairs)]
)


@given(UTTERANCES, st.integers(1, 70), st.integers(0, 3))
def test_a_limit_spreads_over_speakers(utterances, n, seed):
    chosen = limited(utterances, n, seed)
    assert len(chosen) == min(n, len(utterances))
    assert chosen == [u for u in utterances if u in chosen]
    total = pd.Series([u.speaker for u in utterances]).value_counts()
    given_by = pd.Series([u.speaker for u in chosen]).value_counts().reindex(total.index, fill_value=0)
    not_exhausted = given_by[given_by < total]
    if len(not_exhausted):
        assert given_by.max() <= not_exhausted.min() + 1


@given(UTTERANCES, st.integers(1, 59))
def test_a_limit_depends_on_neither_order_nor_is_undone_by_a_larger_one(utterances, n):
    chosen = {u.id for u in limited(utterances, n, 7)}
    assert {u.id for u in limited(utterances[::-1], n, 7)} == chosen
    assert chosen <= {u.id for u in limited(utterances, n + 1, 7)}


def test_a_limit_spreads_over_labels():
    utterances = [of(s, k, i) for s in range(8) for k in range(4) for i in range(5)]
    for n in (4, 8, 12, 40):
        counts = pd.Series([u.truth["emotion"] for u in limited(utterances, n, 0)]).value_counts()
        assert counts.tolist() == [n // 4] * 4


def test_the_seed_of_a_limit_matters():
    utterances = [of(s, k, i) for s in range(8) for k in range(4) for i in range(5)]
    assert limited(utterances, 8, 0) != limited(utterances, 8, 1)


@pytest.mark.shared
def test_a_limit_on_real_speech_keeps_every_label_for_the_mapping(shared):
    path = str(shared / "corpora" / "ravdess-nemo" / "metadata.csv")
    corpus = table.open_corpus("ravdess", path, CorpusOptions(limit=24))
    assert len({u.speaker for u in corpus.utterances}) == 24
    counts = pd.Series([u.truth["emotion"] for u in corpus.utterances]).value_counts()
    assert counts.tolist() == [3] * 8
    assert {"anger", "angry"} <= set(corpus.labels)
    assert corpus.revision == table.open_corpus("ravdess", path, CorpusOptions()).revision
