"""A Hugging Face folder with an audio-classification head: wav2vec 2.0, HuBERT, WavLM, Whisper, AST, …"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ser_audit.benchmark.checkpoint import CheckpointInfo
from ser_audit.benchmark.errors import InputError

from . import audeering, folder
from .audio import AudioCheckpoint

HEADS = ("ForSequenceClassification", "ForAudioClassification")


def recognises(reference: str) -> bool:
    """Whether it is a folder whose configuration names an audio classifier, or a class of its own."""
    from . import odyssey

    path = Path(reference)
    if not (path / "config.json").is_file():
        return False
    if not (any(name.endswith(HEADS) for name in folder.architectures(path)) or folder.own_code(path)):
        return False
    return not (audeering.recognises(reference) or odyssey.recognises(reference))


def facts(reference: str) -> dict[str, Any]:
    """What configuration, feature extractor and model card tell.

    Raises:
        InputError: the folder's own code would have to be run, or its weights are quantised.
    """
    path = Path(reference).absolute()
    if place := folder.own_code(path):
        raise InputError(
            f"{path.name} is a model of its own code ({place}), which is not run: wrap it as a Python object"
            " that predicts, and give file.py:name"
        )
    return folder.folder_facts(path)


def files(reference: str) -> list[Path]:
    """Configuration, feature extractor and weights."""
    return folder.folder_files(Path(reference).absolute())


def open_checkpoint(
    reference: str, info: CheckpointInfo, name: str, device: str, threads: int = 2
) -> AudioCheckpoint:
    """Load the model with the class that transformers has for it.

    Raises:
        InputError: weights are missing, left over, not finite or not safe to load.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"  # read once, when transformers is imported
    from transformers import AutoModelForAudioClassification

    from .transformers_model import open_folder

    return open_folder(
        AutoModelForAudioClassification,
        Path(reference).absolute(),
        info,
        name,
        "huggingface",
        device,
        threads,
    )
