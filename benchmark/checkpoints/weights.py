"""Tensors out of files, and into a module: without running code of the files, and without a gap."""

from __future__ import annotations

import pickle  # for its exception only
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from ser_audit.benchmark.errors import InputError

from .loading import TRAINING_ONLY, finite, some

# The weight norm of torch before and since its parametrisations.
RENAMED = {
    ".weight_g": ".parametrizations.weight.original0",
    ".weight_v": ".parametrizations.weight.original1",
}


def read_tensors(files: Iterable[Path]) -> dict[str, torch.Tensor]:
    """Names and tensors of safetensors files, or of pickles by torch's weights-only loader; on the CPU.

    Raises:
        InputError: a file is broken, or holds anything but names and tensors.
    """
    tensors: dict[str, torch.Tensor] = {}
    for file in files:
        content = _content(file)
        if not isinstance(content, Mapping) or not all(
            isinstance(key, str) and isinstance(value, torch.Tensor) for key, value in content.items()
        ):
            raise InputError(f"{file.name} in {file.parent.name} does not hold tensors by name")
        tensors |= content
    return tensors


def fill(module: torch.nn.Module, tensors: Mapping[str, torch.Tensor], prefix: str, source: str) -> int:
    """Give a module all its weights, in float32.

    Args:
        module: made on the device meta, so that nothing in it is drawn at random.
        tensors: its state; all names begin with ``prefix``.
        prefix: what stands before the module's own names.
        source: the file or folder, for messages.

    Returns:
        The number of tensors.

    Raises:
        InputError: names up to ten weights that are missing, left over, of another shape, or not finite.
    """
    expected = {prefix + key: value for key, value in module.state_dict().items()}
    given = {_present(key, expected): value for key, value in tensors.items()}
    both = given.keys() & expected.keys()
    if wrong := _listed(
        {
            "missing weights": expected.keys() - both,
            "weights that it has no place for": given.keys() - both,
            "weights of another shape": {k for k in both if given[k].shape != expected[k].shape},
            "weights that are not finite": {k for k in both if not finite(given[k])},
        }
    ):
        raise InputError(f"{source} does not fit its architecture: {wrong}")
    state = {
        key.removeprefix(prefix): given[key].to(torch.float32, copy=True)
        if key in given
        else torch.zeros(expected[key].shape)  # of training only
        for key in expected
    }
    module.load_state_dict(state, assign=True)
    return len(both)


def _content(file: Path) -> Any:
    try:
        if file.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(file)
        with warnings.catch_warnings(action="ignore"):  # of pickles that are refused a moment later
            return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{file.name} in {file.parent.name} holds more than tensors, and loading it could run code:"
            " refused; convert it to safetensors where its format has them, or wrap it as a Python object"
        ) from error
    except Exception as error:  # a broken file raises any of a dozen types
        first = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise InputError(f"{file.name} in {file.parent.name} cannot be loaded: {first}") from error


def _present(key: str, expected: Mapping[str, object]) -> str:
    """The name that the module has for a weight."""
    for old, new in RENAMED.items():
        if key.endswith(old) and (renamed := key.removesuffix(old) + new) in expected:
            return renamed
    return key


def _listed(wrong: Mapping[str, Iterable[str]]) -> str:
    """What is wrong, with its keys, in words; empty where nothing is."""
    counted = {
        what: sorted(key for key in keys if not key.endswith(TRAINING_ONLY)) for what, keys in wrong.items()
    }
    return "; ".join(f"{len(keys)} {what} ({some(keys)})" for what, keys in counted.items() if keys)
