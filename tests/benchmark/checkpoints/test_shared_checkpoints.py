"""The real checkpoints on real speech give the numbers measured when they were trained."""

import audmetric
import numpy as np
import pandas as pd
import pytest
import soundfile
from ser_audit.benchmark.checkpoints import open_checkpoint

BYOLS = """
classes = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"]
activation = "softmax"
sampling_rate = 16000
shortest_input = 1.0
"""


@pytest.fixture(scope="module")
def unseen(shared):
    """Speakers 17 to 24 of RAVDESS: their labels and their waves at 16 kHz."""
    folder = shared / "corpora" / "ravdess-nemo"
    table = pd.read_csv(folder / "metadata.csv")
    table = table[(table["corpus"] == "ravdess") & (table["speaker"] >= "ravdess_17")]
    return table["emotion"].tolist(), [soundfile.read(folder / f, dtype="float32")[0] for f in table["file"]]


def in_batches(checkpoint, waves, size):
    return np.concatenate([checkpoint.predict(waves[i : i + size]) for i in range(0, len(waves), size)])


def recall(checkpoint, labels, scores):
    classes = checkpoint.info.classes
    predicted = [classes[i] for i in scores.argmax(axis=1)]
    return audmetric.unweighted_average_recall(labels, predicted, labels=list(classes))


def relative(found, reference):
    return np.linalg.norm(found - reference) / np.linalg.norm(reference)


@pytest.mark.shared
def test_byols_scores_as_published_and_its_batches_are_exact(shared, unseen, tmp_path):
    labels, waves = unseen
    (tmp_path / "byols.toml").write_text(BYOLS)
    checkpoint = open_checkpoint(
        shared / "checkpoints" / "byols-ravdess.onnx", info_file=tmp_path / "byols.toml"
    )
    single = in_batches(checkpoint, waves, 1)
    assert recall(checkpoint, labels, single) == pytest.approx(0.527, abs=0.005)
    assert relative(in_batches(checkpoint, waves, 64), single) <= 1e-6
    assert checkpoint.padding == "equal lengths"
    assert checkpoint.proofs.batch_relative_l2 <= 1e-6


@pytest.mark.shared
def test_w2v2_mini_scores_as_published_and_its_batches_are_exact(shared, unseen):
    labels, waves = unseen
    checkpoint = open_checkpoint(shared / "checkpoints" / "w2v2-mini-ravdess")
    batched = in_batches(checkpoint, waves, 16)
    assert recall(checkpoint, labels, batched) == pytest.approx(0.508, abs=0.005)
    assert relative(batched[:32], in_batches(checkpoint, waves[:32], 1)) <= 1e-6
    assert checkpoint.padding == "masked group norm"
    assert checkpoint.info.classes[4] == "angry"
