"""The audEERING head on wav2vec 2.0: arousal, dominance and valence of a whole utterance."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ser_audit.benchmark.checkpoint import CheckpointInfo
from ser_audit.benchmark.errors import InputError

from . import folder
from .audio import AudioCheckpoint

HEAD = {"classifier.dense.weight", "classifier.out_proj.weight"}
# The class of the released model's card, and the model class of this project.
ARCHITECTURES = {"Wav2Vec2ForSpeechClassification", "SpeechRegressor"}


def recognises(reference: str) -> bool:
    """Whether it is a folder with this head: by the names of its tensors, else by its architecture."""
    path = Path(reference)
    if not (path / "config.json").is_file():
        return False
    if folder.read_json(path / "config.json").get("model_type") != "wav2vec2":
        return False
    keys = folder.weight_keys(path)
    return keys >= HEAD if keys else bool(ARCHITECTURES & set(folder.architectures(path)))


def facts(reference: str) -> dict[str, Any]:
    """What the folder tells; raw dimensions are trained to lie in [0, 1] (Wagner et al. 2023)."""
    found = folder.folder_facts(Path(reference).absolute())
    return {**found, "value_range": [0.0, 1.0]} if "dimensions" in found else found


def files(reference: str) -> list[Path]:
    """Configuration, feature extractor and weights."""
    return folder.folder_files(Path(reference).absolute())


def open_checkpoint(
    reference: str, info: CheckpointInfo, name: str, device: str, threads: int = 2
) -> AudioCheckpoint:
    """Load the model.

    Raises:
        InputError: weights are missing, left over, not finite or not safe to load, or the hidden
            states are pooled in another way than by their mean.
    """
    pooling = folder.read_json(Path(reference) / "config.json").get("pooling_mode", "mean")
    if pooling != "mean":
        raise InputError(f"{Path(reference).name} pools by {pooling!r}: of this head only 'mean' is known")
    os.environ["HF_HUB_OFFLINE"] = "1"  # read once, when transformers is imported
    from .audeering_model import model_class
    from .transformers_model import open_folder

    return open_folder(model_class(), Path(reference).absolute(), info, name, "audeering", device, threads)
