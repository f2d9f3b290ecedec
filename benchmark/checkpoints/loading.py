"""Load a transformers model so that nothing is missing, left over, not finite, or run as code."""

from __future__ import annotations

import math
import pickle  # for its exception only
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from ser_audit.benchmark.errors import InputError

from .folder import read_json, weight_files

# Replaces masked frames in training only; old checkpoints hold it, newer classes may not, or reverse.
TRAINING_ONLY = "masked_spec_embed"
SHOWN_KEYS = 10
NOT_TAKEN = {"auto_map", "transformers_weights", "fusion_config"}  # code, another file, other modules
KERNELS = ("_implementation", "_implementation_internal")  # attn_implementation may name code on a hub


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
            config=_configuration(loader, folder),
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
    broken = [key for key, value in state.items() if not finite(value)]
    if broken:
        raise InputError(f"{folder.name} holds weights that are not finite: {some(broken)}")
    return model, len(state)


def finite(values: torch.Tensor) -> bool:
    """Whether no value is NaN or infinite: one look and no copy, ten times as fast as ``isfinite``."""
    if not (values.is_floating_point() and values.numel()):
        return True
    return all(map(math.isfinite, torch.stack(values.aminmax()).tolist()))


def _configuration(loader: Any, folder: Path) -> Any:
    """The configuration, without what would choose code or files that are none of this folder's weights."""
    from transformers import CONFIG_MAPPING

    content = read_json(folder / "config.json")
    kind = content.get("model_type")
    if kind not in CONFIG_MAPPING:
        raise ValueError(f"transformers knows no model_type {kind!r}")
    own = getattr(loader, "config_class", None)
    kept = {k: v for k, v in content.items() if k not in NOT_TAKEN and not k.endswith(KERNELS)}
    config = (own or CONFIG_MAPPING[kind]).from_dict(kept)
    if _written_before_5(content) and not hasattr(config, "squeeze_factor"):
        config.tie_last_hidden_states = True
    return config


def _written_before_5(content: dict[str, Any]) -> bool:
    """Whether a weighted sum of layers was learnt with a normalised last layer.

    transformers 4 gave the sum the output of the encoder's final layer norm as its last layer, transformers
    5 gives it what goes into that norm. Weights go with the version that they were trained with. SEW (which
    has a squeeze factor) sums its pooled layers in both.
    """
    major = str(content.get("transformers_version") or "4").partition(".")[0]
    return major.isdigit() and int(major) < 5


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
            parts.append(f"{len(keys)} {what} ({some(keys)})")
    return "; ".join(parts)


def some(keys: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = f", … {len(keys) - SHOWN_KEYS} more" if len(keys) > SHOWN_KEYS else ""
    return ", ".join(keys[:SHOWN_KEYS]) + more
