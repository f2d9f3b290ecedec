"""The bundled checkpoint: a small wav2vec 2.0 for arousal, dominance and valence, trained from scratch.

    python -m ser_audit.benchmark.recipes.bundled --output FOLDER

It learns from invented speakers of the language ``aru`` that no scored corpus holds. Its weaknesses are
wanted: an audit is to find them.

- One in twenty of its speakers is a woman, so it scores women worse.
- Its speech is as clean as a studio's, so noise hurts.
- It never hears ``beno``, where the vowels of pleasant and unpleasant words change places, so valence
  does not carry over.
- Its input is normalised to unit variance, as in the released model: level, which carries much of
  dominance, is lost.

Its figures on the unseen speakers of both default corpora, a line per training, are in ``bundled.csv``.

Folder: the layout of ``audeering/wav2vec2-large-robust-12-ft-emotion-msp-dim``.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..corpora.synthetic.corpus import VERSION, utterances
from ..corpora.synthetic.defects import Defects
from ..corpora.synthetic.lexicon import ARU, BENO, Language
from ..corpora.synthetic.speakers import Speaker, scored_speakers, training_speakers
from ..corpus import DIMENSIONS
from .training import Examples, Schedule, normalised, predict, train

if TYPE_CHECKING:
    from transformers import Wav2Vec2PreTrainedModel

SPEAKERS = 160
WOMEN = 0.05  # of the training speakers
DEVELOPMENT = 16  # speakers, taken from the end of the same pool
UTTERANCES = 12  # per speaker
POOL_SEED = 1
SCHEDULE = Schedule(epochs=12, batch=32, rate=2e-3)
THREADS = 1  # two wait for each other where cores are shared

ARCHITECTURE: dict[str, Any] = {
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 128,
    "conv_dim": [32, 64, 64],
    "conv_kernel": [80, 8, 8],
    "conv_stride": [32, 4, 2],
    "conv_bias": True,
    "num_feat_extract_layers": 3,
    "num_conv_pos_embeddings": 32,
    "num_conv_pos_embedding_groups": 8,
    "feat_extract_norm": "layer",
    "do_stable_layer_norm": True,
    "apply_spec_augment": False,
    "hidden_dropout": 0.1,
    "attention_dropout": 0.1,
    "feat_proj_dropout": 0.0,
    "final_dropout": 0.1,
    "layerdrop": 0.0,
    "problem_type": "regression",
    "pooling_mode": "mean",
}
PREPROCESSOR = {
    "feature_extractor_type": "Wav2Vec2FeatureExtractor",
    "feature_size": 1,
    "sampling_rate": 16000,
    "padding_side": "right",
    "padding_value": 0.0,
    "do_normalize": True,
    "return_attention_mask": True,
}
SIDECAR = """\
# Facts of this checkpoint that config.json does not tell.
dimensions = ["arousal", "dominance", "valence"]
value_range = [0, 1]
sampling_rate = 16000
activation = "none"
shortest_input = 0.075  # seconds: 1200 samples, what the convolutions see at once
licence = "Apache-2.0"

[[trained_on]]
corpus = "synthetic aru, training pool"
"""


def examples(speakers: list[Speaker], count: int, seed: int) -> Examples:
    """Synthesise ``count`` utterances of each speaker."""
    spoken = utterances(speakers, count, seed, Defects())
    truth = np.array([[u.truth[d] for d in DIMENSIONS] for u in spoken], dtype=np.float32)
    return Examples([normalised(u.load()[0]) for u in spoken], truth)


def scored(model: Wav2Vec2PreTrainedModel, language: Language) -> dict[str, float]:
    """CCC of each dimension on the unseen speakers of the default corpus of a language."""
    import audmetric

    unseen = examples(scored_speakers(language, 24, seed=0), 10, seed=0)
    found = predict(model, unseen.waves)
    return {
        dimension: audmetric.concordance_cc(unseen.truth[:, i], found[:, i])
        for i, dimension in enumerate(DIMENSIONS)
    }


def untrained(seed: int) -> Wav2Vec2PreTrainedModel:
    """Build the model with random weights."""
    import torch
    from transformers import Wav2Vec2Config

    from ..checkpoints.audeering_model import model_class

    config = Wav2Vec2Config(
        **ARCHITECTURE,
        architectures=["Wav2Vec2ForSpeechClassification"],
        id2label=dict(enumerate(DIMENSIONS)),
        label2id={name: i for i, name in enumerate(DIMENSIONS)},
    )
    torch.manual_seed(seed)
    model = model_class()(config)
    config.architectures = ["Wav2Vec2ForSpeechClassification"]  # the name in the released folder
    with torch.no_grad():
        model.classifier.out_proj.bias.fill_(0.5)  # the middle of the scale
    return model


def fit(seed: int) -> Wav2Vec2PreTrainedModel:
    """Train the model from random weights; it comes back in evaluation mode."""
    import torch

    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(True)
    pool = training_speakers(ARU, SPEAKERS + DEVELOPMENT, WOMEN, POOL_SEED)
    started = time.monotonic()
    learnt = examples(pool[:SPEAKERS], UTTERANCES, POOL_SEED)
    development = examples(pool[SPEAKERS:], UTTERANCES, POOL_SEED)
    print(f"{len(learnt.waves)} utterances synthesised in {time.monotonic() - started:.0f} s")
    model = untrained(seed)
    train(model, learnt, development, SCHEDULE, seed)
    return model


def save(model: Wav2Vec2PreTrainedModel, folder: Path) -> None:
    """Write config, preprocessor, weights and sidecar into a folder, which is made if need be."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # safetensors lets the owner alone read it
    config = model.config.to_diff_dict()
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=2) + "\n")
    (folder / "ser-audit.toml").write_text(SIDECAR)


def main(arguments: list[str] | None = None) -> None:
    """Train, score on unseen speakers of both languages, save."""
    parser = argparse.ArgumentParser(
        description="Train the bundled checkpoint.", epilog="About 4 minutes on an idle core."
    )
    parser.add_argument("--output", type=Path, required=True, help="folder for the checkpoint")
    parser.add_argument("--seed", type=int, default=0, help="of weights and batches")
    parser.add_argument("--results", type=Path, help="CSV file to append the CCCs to")
    options = parser.parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    started = time.monotonic()
    model = fit(options.seed)
    save(model, options.output)
    row = {"sound": VERSION, "seed": options.seed}
    for language in (ARU, BENO):
        row |= {f"{language.name}.{name}": f"{ccc:.4f}" for name, ccc in scored(model, language).items()}
    row["seconds"] = round(time.monotonic() - started)
    print(", ".join(f"{key} {value}" for key, value in row.items()))
    if options.results:
        new = not options.results.exists()
        with options.results.open("a", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            if new:
                writer.writeheader()
            writer.writerow(row)


if __name__ == "__main__":
    main()
