"""Load a transformers model so that nothing is missing, left over, not finite, or run as code."""

from __future__ import annotations

import pickle  # for its exception only
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from ser_audit.benchmark.errors import InputError

from .folder import weight_files

# Replaces masked frames in training only; old checkpoints hold it, newer classes may not, or reverse.
TRAINING_ONLY = "masked_spec_embed"
SHOWN_KEYS = 10


def load(loader: Any, folder: Path) -> tuple[torch.nn.Module, int]:
    """The model in float32 and the number of its tensors, all of them from the files and finite.

    Raises:
        InputError: names up to ten keys that are missing, left over, of another shape, or not finite.
    """
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    warnings.filterwarnings("ignore", "Support for mismatched key_padding_mask")  # WavLM's own affair
    files = weight_files(folder)
    try:
        model, found = loader.from_pretrained(
            folder,
            dtype=torch.float32,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=files[0].suffix == ".safetensors",
            weights_only=True,
            output_loading_info=True,
        )
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{files[0].name} in {folder.name} holds more than tensors, and loading it could run code:"
            " refused; convert it to safetensors"
        ) from error
    except Exception as error:  # any of a dozen types; all mean that these files cannot be loaded
        raise InputError(f"{folder.name} cannot be loaded: {' '.join(str(error).split())[:300]}") from error
    if wrong := _wrong_keys(found):
        raise InputError(
            f"{folder.name} does not fit {type(model).__name__}: {wrong}."
            " It would predict with random weights"
        )
    state = model.state_dict()
    broken = [key for key, value in state.items() if value.is_floating_point() and not value.isfinite().all()]
    if broken:
        raise InputError(f"{folder.name} holds weights that are not finite: {_some(broken)}")
    return model, len(state)


def _wrong_keys(found: dict[str, Any]) -> str:
    """What is wrong with the keys of a loading report, in words; empty where nothing is."""
    parts = []
    for kind, what in (
        ("missing_keys", "missing weights"),
        ("unexpected_keys", "weights that it has no place for"),
        ("mismatched_keys", "weights of another shape"),
    ):
        keys = sorted(key for key in map(str, found[kind]) if not key.endswith(TRAINING_ONLY))
        if keys:
            parts.append(f"{len(keys)} {what} ({_some(keys)})")
    return "; ".join(parts)


def _some(keys: Sequence[str]) -> str:
    more = f", … {len(keys) - SHOWN_KEYS} more" if len(keys) > SHOWN_KEYS else ""
    return ", ".join(keys[:SHOWN_KEYS]) + more
