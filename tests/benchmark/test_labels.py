"""The mapping of labels: what the file says, identical names, nothing guessed."""

import csv
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ser_audit.benchmark.errors import InputError
from ser_audit.benchmark.labels import LabelMapping, case_hints, check_mapping, read_mapping, resolve

CLASSES = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
NEMO = ("anger", "fear", "happiness", "neutral", "sadness", "surprised")
MAPPED = {"anger": "angry", "fear": "fearful", "happiness": "happy", "sadness": "sad"}


def written(tmp_path, text: str):
    path = tmp_path / "labels.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(mapping: LabelMapping) -> str:
    with pytest.raises(InputError) as caught:
        check_mapping(mapping, {"nemo": NEMO, "ravdess": CLASSES}, {"a": CLASSES, "b": ("content",)})
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_maps_labels_everywhere_and_per_corpus(tmp_path):
    path = written(
        tmp_path, 'anger = "angry"\njoy = "happy"\n[nemo]\njoy = "calm"\n["my corpus"]\n"kein Zorn" = "sad"\n'
    )
    mapping = read_mapping(path)
    assert mapping.of("ravdess") == {"anger": "angry", "joy": "happy"}
    assert mapping.of("nemo") == {"anger": "angry", "joy": "calm"}
    assert mapping.of("my corpus") == {"anger": "angry", "joy": "happy", "kein Zorn": "sad"}


@pytest.mark.shared
def test_the_mapping_of_nemo_covers_all_its_rows(shared, tmp_path):
    with (shared / "corpora" / "ravdess-nemo" / "metadata.csv").open(newline="") as stream:
        labels = Counter(r["emotion"] for r in csv.DictReader(stream) if r["corpus"] == "nemo")
    lines = "".join(f"{label} = {json.dumps(target)}\n" for label, target in MAPPED.items())
    mapping = read_mapping(written(tmp_path, lines))
    resolved = resolve(mapping, "nemo", labels, CLASSES)
    assert resolved == {**MAPPED, "neutral": "neutral", "surprised": "surprised"}
    assert sum(n for label, n in labels.items() if resolved[label]) == 772
    unmapped = resolve(LabelMapping(), "nemo", labels, CLASSES)
    assert sum(n for label, n in labels.items() if unmapped[label]) == 135 + 113


def test_an_entry_wins_over_an_identical_name():
    assert resolve(LabelMapping({"calm": "neutral"}), "x", ["calm"], CLASSES) == {"calm": "neutral"}


def test_a_class_that_this_checkpoint_lacks_maps_nothing():
    mapping = LabelMapping({"anger": "angry", "joy": "content"})
    assert resolve(mapping, "x", ["anger", "joy"], ("anger", "calm")) == {"anger": "anger", "joy": None}


@given(st.sets(st.sampled_from(["a", "A", "b", "c"])), st.sets(st.sampled_from(["a", "b", "B", "d"])))
def test_without_a_mapping_only_identical_names_map(labels, classes):
    resolved = resolve(LabelMapping(), "x", labels, tuple(classes))
    assert set(resolved) == labels
    assert {k for k, v in resolved.items() if v} == labels & classes
    assert all(v in (None, k) for k, v in resolved.items())


def test_a_difference_in_case_is_named_and_not_guessed():
    resolved = resolve(LabelMapping(), "x", ["Angry", "joy"], CLASSES)
    assert resolved == {"Angry": None, "joy": None}
    (hint,) = case_hints(resolved, CLASSES)
    assert "'Angry'" in hint
    assert 'Angry = "angry"' in hint


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (
            LabelMapping({"angr": "angry"}),
            "'angr' is no label of any corpus of this run: did you mean 'angry'?",
        ),
        (
            LabelMapping({"ANGER": "angry"}),
            "'ANGER' is no label of any corpus of this run: did you mean 'anger'? Case",
        ),
        (
            LabelMapping({"anger": "angri"}),
            "anger = 'angri', but no checkpoint has that class: did you mean 'angry'?",
        ),
        (LabelMapping({"anger": "ANGRY"}), "did you mean 'angry'? Case counts"),
        (
            LabelMapping({}, {"nemmo": {"anger": "angry"}}),
            "[nemmo] is no corpus of this run: did you mean 'nemo'?",
        ),
        (LabelMapping({}, {"ravdess": {"fear": "fearful"}}), "'fear' is no label of corpus ravdess"),
    ],
)
def test_names_that_do_not_exist_are_refused(mapping, said):
    assert said in refused(mapping)


def test_names_that_exist_anywhere_are_accepted():
    mapping = LabelMapping({**MAPPED, "calm": "content"}, {"nemo": {"fear": "sad"}})
    check_mapping(mapping, {"nemo": NEMO, "ravdess": CLASSES}, {"a": CLASSES, "b": ("content",)})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("anger = 1", "anger = 1: give the name"),
        ('anger = ["a"]', "give the name"),
        ('[nemo]\nanger = ""', "nemo.anger = '': give the name"),
        ("[nemo.anger]\nx = 'y'", "nemo.anger = {'x': 'y'}: give the name"),
        ("anger: angry", "no valid TOML"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text, said):
    with pytest.raises(InputError, match=r"labels\.toml") as caught:
        read_mapping(written(tmp_path, text))
    assert said in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_mapping(tmp_path / "none.toml")
