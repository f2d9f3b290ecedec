"""Training speakers are told from unseen ones, and nothing unknown is taken for known."""

import pandas as pd
import pytest
from ser_audit.benchmark.cohorts import ALL, TRAINING, UNSEEN, cohorts
from ser_audit.benchmark.manifest import CheckpointRecord, TrainingRecord
from ser_audit.benchmark.predictions import Predictions


@pytest.fixture(scope="module")
def predictions():
    rows = [
        {
            "checkpoint": "k",
            "corpus": "ravdess",
            "utterance": f"{s}{i}",
            "condition": "clean",
            "status": "ok",
            "speaker": s,
        }
        for s in ("s3", "s1", "s2")
        for i in range(2)
    ]
    return Predictions(pd.DataFrame(rows))


def trained_on(*sets):
    return CheckpointRecord.model_construct(
        name="k", trained_on=tuple(TrainingRecord(corpus=c, speakers=s) for c, s in sets)
    )


def split(predictions, record):
    return {c.name: c.speakers for c in cohorts(predictions, record)}


def test_training_speakers_stand_apart_and_last(predictions):
    found = cohorts(predictions, trained_on(("ravdess", ("s2", "s9"))))
    assert [(c.name, c.speakers, c.judged) for c in found] == [
        (UNSEEN, ("s1", "s3"), True),
        (TRAINING, ("s2",), False),
    ]
    assert "trained on these speakers" in found[1].note


def test_a_whole_training_corpus_leaves_nobody_unseen(predictions):
    assert split(predictions, trained_on(("ravdess", None))) == {TRAINING: ("s1", "s2", "s3")}


def test_a_training_set_belongs_to_its_corpus(predictions):
    assert split(predictions, trained_on(("nemo", None), ("iemocap", ("s1",)))) == {ALL: ("s1", "s2", "s3")}


def test_unknown_training_data_are_said_to_be_unknown(predictions):
    (found,) = cohorts(predictions, CheckpointRecord.model_construct(name="k", trained_on=None))
    assert (found.name, found.known) == (ALL, False)
    assert "training data are unknown" in found.note


def test_training_speakers_that_match_nobody_are_pointed_out(predictions):
    (found,) = cohorts(predictions, trained_on(("ravdess", ("01", "02"))))
    assert found.name == ALL
    assert found.note.startswith("none of the 2 training speakers")
