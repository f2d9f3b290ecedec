"""Load emotion2vec's ``model.pt`` so that nothing is missing, left over, not finite, or run as code."""

from __future__ import annotations

import pickle  # for its exception only
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from ser_audit.benchmark.errors import InputError

from .emotion2vec_config import LABELS, WEIGHTS, WRAP, Model, no_head
from .emotion2vec_model import Emotion2vec
from .loading import finite, some

NESTED = ("state_dict", "model_state_dict", "model")  # where training puts the weights, one in another
BODY = "d2v_model."  # before the names of all but the head, in the weights that fairseq fine-tuned
# The average teacher and the decoder of the masked frames: of pre-training only, never of a prediction.
PRETRAINING = ("_ema", "modality_encoders.AUDIO.decoder.")


def load(folder: Path, model: Model, labels: Sequence[str | None]) -> tuple[Emotion2vec, str]:
    """The model in float32, all of it from the file, and a sentence on what was found.

    Args:
        folder: holds the weights.
        model: the declared architecture.
        labels: of the head's outputs; None for one that stands for no class.

    Raises:
        InputError: names up to ten tensors that are missing, left over, of another shape, or not finite;
            or the file is not safe to load, or has no head, or one of another size than the labels.
    """
    found = _tensors(folder)
    kept = {key: value for key, value in found.items() if not key.startswith(PRETRAINING)}
    if "proj.weight" not in kept:
        raise InputError(no_head(folder, f"{WEIGHTS} has no proj.weight"))
    if len(kept["proj.weight"]) != len(labels):
        raise InputError(
            f"{folder.name}: {LABELS} names {len(labels)} labels, but the head in {WEIGHTS} has"
            f" {len(kept['proj.weight'])} outputs"
        )
    with torch.device("meta"):  # nothing is drawn at random that the file should have given
        module = Emotion2vec(model, len(labels), [i for i, label in enumerate(labels) if label is not None])
    if wrong := _differences(module.state_dict(), kept):
        raise InputError(
            f"{folder.name} does not fit emotion2vec as its configuration declares it: {wrong}; {WRAP}"
        )
    state = {key: value.detach().to(torch.float32, copy=True) for key, value in kept.items()}
    if broken := [key for key, value in state.items() if not finite(value)]:
        raise InputError(f"{folder.name} holds weights that are not finite: {some(broken)}")
    module.load_state_dict(state, assign=True)
    left_out = len(found) - len(kept)
    rest = f"; {left_out} of pre-training only left out" if left_out else ""
    return module, f"all {len(kept)} tensors loaded{rest}"


def _tensors(folder: Path) -> dict[str, torch.Tensor]:
    """The weights under their bare names; nothing but tensors and plain values is unpickled.

    A file of a whole training run holds the optimiser's state too: it is mapped, so only what is needed is
    read.
    """
    file = folder / WEIGHTS
    try:
        content = torch.load(file, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(file))
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{WEIGHTS} in {folder.name} holds more than tensors, and loading it could run code: refused;"
            " save its weights alone, by torch.save, where you trust who made it"
        ) from error
    except Exception as error:  # any of a dozen types; all mean that this file cannot be loaded
        first = " ".join(str(error).split())[:200]
        raise InputError(f"{WEIGHTS} in {folder.name} cannot be loaded: {first}") from error
    for key in NESTED:
        content = content[key] if isinstance(content, Mapping) and key in content else content
    if not isinstance(content, Mapping):
        raise InputError(f"{WEIGHTS} in {folder.name} holds no weights by name; {WRAP}")
    bare: dict[str, Any] = {}
    for key, value in content.items():
        name = str(key).removeprefix(BODY)
        if name in bare:
            raise InputError(
                f"{WEIGHTS} in {folder.name} holds {name} twice: with {BODY} before it, and bare"
            )
        bare[name] = value
    strange = [k for k, v in bare.items() if not _is_weight(v) and not k.startswith(PRETRAINING)]
    if strange:
        raise InputError(f"{WEIGHTS} in {folder.name} holds what are no weights: {some(strange)}; {WRAP}")
    return bare


def _is_weight(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def _differences(expected: Mapping[str, torch.Tensor], found: Mapping[str, torch.Tensor]) -> str:
    """What is wrong with the names and shapes, in words; empty where nothing is."""
    reshaped = [k for k in expected if k in found and expected[k].shape != found[k].shape]
    parts = [
        f"{len(keys)} {what} ({some(keys)})"
        for keys, what in (
            (sorted(expected.keys() - found.keys()), "missing weights"),
            (sorted(found.keys() - expected.keys()), "weights that it has no place for"),
            (sorted(reshaped), "weights of another shape"),
        )
        if keys
    ]
    return "; ".join(parts)
