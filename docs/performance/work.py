"""The work that all ways of the benchmark share: utterances, conditions, checkpoints."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from ser_audit.perturbations.make import make
from ser_audit.perturbations.rng import generator
from ser_audit.perturbations.sets import read_set

SHARED = Path(os.environ.get("SER_AUDIT_SHARED", Path(__file__).parents[3] / "shared"))
TABLE = SHARED / "corpora" / "ravdess-nemo" / "metadata.csv"
RATE = 16000
LADDER = [c for c in read_set("ladder").conditions if not c.startswith("noise.babble")]  # of other speakers
CONDITIONS = ("clean", *(LADDER[round(i * (len(LADDER) - 1) / 18)] for i in range(19)))  # evenly over it
CLASSES = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"]
LIGHT = {"byols": SHARED / "checkpoints" / "byols-ravdess.onnx"}
INFO = f"""
classes = {CLASSES}
activation = "softmax"
sampling_rate = {RATE}
shortest_input = 1.0
"""
MAPPING = 'anger = "angry"\nfear = "fearful"\nhappiness = "happy"\nsadness = "sad"\n'


def rows(corpus: str, count: int) -> list[dict[str, str]]:
    """``count`` fixed rows of a corpus's table, evenly spread over it; files with their whole path."""
    with TABLE.open(encoding="utf-8") as file:
        found = [row for row in csv.DictReader(file) if row["corpus"] == corpus]
    step = len(found) // count
    return [{**row, "file": str(TABLE.parent / row["file"])} for row in found[::step][:count]]


def write_table(path: Path, found: list[dict[str, str]]) -> None:
    """A corpus of these rows alone."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)


def perturber(condition: str) -> Callable[[np.ndarray, str], np.ndarray]:
    """The wave of an utterance in a condition, as the audit makes it; float32 (samples,)."""
    made = make(condition)

    def perturb(wave: np.ndarray, utterance: str) -> np.ndarray:
        found = made(wave, RATE, generator(0, utterance, condition))
        return np.ascontiguousarray(found, dtype=np.float32)

    return perturb


LARGE = {  # what differs from wav2vec2-base
    "hidden_size": 1024,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "intermediate_size": 4096,
    "feat_extract_norm": "layer",
    "do_stable_layer_norm": True,
    "conv_bias": True,
}


def heavy(folder: Path, **shape: object) -> Path:
    """A checkpoint of the shape of wav2vec2-base with random weights, eight classes, as a folder.

    Args:
        folder: to write.
        shape: what differs, as :data:`LARGE`.
    """
    import torch
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForSequenceClassification

    torch.manual_seed(0)
    config = Wav2Vec2Config(
        num_labels=len(CLASSES),
        id2label=dict(enumerate(CLASSES)),
        label2id={c: i for i, c in enumerate(CLASSES)},
        **shape,
    )
    Wav2Vec2ForSequenceClassification(config).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(return_attention_mask=bool(shape)).save_pretrained(folder)
    return folder
