"""A Hugging Face folder with an audio-classification head: wav2vec 2.0, HuBERT, WavLM, Whisper, AST, …"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ser_audit.benchmark.checkpoint import CheckpointInfo

from . import audeering, folder
from .audio import AudioCheckpoint

HEADS = ("ForSequenceClassification", "ForAudioClassification")


def recognises(reference: str) -> bool:
    """Whether it is a folder whose configuration names an audio classifier."""
    path = Path(reference)
    named = folder.architectures(path) if path.is_dir() else []
    return any(name.endswith(HEADS) for name in named) and not audeering.recognises(reference)


def facts(reference: str) -> dict[str, Any]:
    """What configuration, feature extractor and model card tell."""
    return folder.folder_facts(Path(reference).absolute())


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
