"""The MSP Odyssey 2024 baseline layout: an encoder by name, attentive statistics pooling, a head.

Such a folder brings code of its own (``auto_map`` in its ``config.json``), which is never run: the layout
is read from ``config.json`` and the tensors. Waves are normalised by ``mean`` and ``std`` of the training
audio, which stand there too. As on the model cards, utterances are not cut; training cut them at 12 s.
"""

from __future__ import annotations

import math
import os
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ser_audit.benchmark.checkpoint import CheckpointInfo
from ser_audit.benchmark.corpus import DIMENSIONS
from ser_audit.benchmark.errors import InputError

from . import encoders, folder
from .audio import AudioCheckpoint

if TYPE_CHECKING:
    import numpy as np

PARTS = ("ssl_model.", "ser_model.")  # of the tensors' names; the pooling's are missed when they are loaded
COUNTS = ("num_classes", "classifier_hidden_layers")
LEAST_STD = 1e-6  # added to std, as the published code does


def recognises(reference: str) -> bool:
    """Whether it is a folder of this layout: by keys of the configuration and names of the tensors."""
    path = Path(reference)
    if not (path / "config.json").is_file():
        return False
    config = folder.read_json(path / "config.json")
    if "ssl_type" not in config or "num_classes" not in config:
        return False
    keys = folder.weight_keys(path)
    return not keys or all(any(key.startswith(part) for key in keys) for part in PARTS)


def facts(reference: str) -> dict[str, Any]:
    """What the configuration tells: never the range of raw dimensions; names only where it has them."""
    path = Path(reference).absolute()
    config = _config(path)
    found: dict[str, Any] = {**_encoder(path, config).facts, "outputs": config["num_classes"]}
    if "sampling_rate" in config:
        found["sampling_rate"] = config["sampling_rate"]
    if names := _names(path, config):
        dimensions = {name.lower() for name in names} <= set(DIMENSIONS)
        found["dimensions" if dimensions else "classes"] = [n.lower() if dimensions else n for n in names]
        if not dimensions:  # trained by the cross-entropy of one class per utterance
            found["activation"] = "softmax"
    if (licence := folder.licence(path)) is not None:
        found["licence"] = licence
    return found


def files(reference: str) -> list[Path]:
    """Configuration and weights, and the encoder's own files where there are any."""
    path = Path(reference).absolute()
    return [path / "config.json", *folder.weight_files(path), *encoders.files(path)]


def open_checkpoint(
    reference: str, info: CheckpointInfo, name: str, device: str, threads: int = 2
) -> AudioCheckpoint:
    """Load the model.

    Raises:
        InputError: weights are missing, left over, not finite or not safe to load, or the configuration
            does not tell the encoder, the sizes, or the mean and std of the training audio.
    """
    path = Path(reference).absolute()
    config = _config(path)
    mean, std = (_number(path, config, key) for key in ("mean", "std"))
    if std <= 0:
        raise InputError(f"{path.name}/config.json says std = {std}: a standard deviation is above 0")
    encoder = _encoder(path, config)
    os.environ["HF_HUB_OFFLINE"] = "1"  # read once, when transformers is imported
    import torch

    from .encoder_model import policies
    from .odyssey_model import SERModel
    from .torch_model import open_module, use_device
    from .weights import fill, read_tensors

    def normalise(wave: np.ndarray) -> np.ndarray:
        return (wave - mean) / (std + LEAST_STD)

    use_device(device, threads)
    with torch.device("meta"):
        model = SERModel(encoder, config["classifier_hidden_layers"], config["num_classes"])
    tensors = fill(model, read_tensors(folder.weight_files(path)), "", path.name)
    return open_module(
        model,
        partial(policies, norm=str(encoder.config["feat_extract_norm"]), normalise=normalise),
        format="odyssey",
        name=name,
        source=path.name,
        files=files(reference),
        info=info,
        device=device,
        weights=f"all {tensors} tensors loaded",
    )


def _config(path: Path) -> dict[str, Any]:
    """The configuration, with the counts that the head is made by.

    Raises:
        InputError: one is missing or no count.
    """
    config = folder.read_json(path / "config.json")
    for key in COUNTS:
        value = config.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise InputError(f"{path.name}/config.json says {key} = {value!r}: a whole number is needed")
    return config


def _encoder(path: Path, config: dict[str, Any]) -> encoders.Encoder:
    """The named encoder, with as many layers as the configuration says."""
    found = encoders.find(str(config["ssl_type"]), path)
    layers = config.get("num_hidden_layers", found.config["num_hidden_layers"])
    return encoders.Encoder(
        {**found.config, "num_hidden_layers": layers}, found.normalise, found.sampling_rate
    )


def _number(path: Path, config: dict[str, Any], key: str) -> float:
    value = config.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InputError(
            f"{path.name}/config.json says {key} = {value!r}: the {key} of the training audio is needed,"
            " since its waves are normalised by it"
        )
    return float(value)


def _names(path: Path, config: dict[str, Any]) -> list[str]:
    """The outputs' names in their order; none where the configuration does not tell them."""
    labels = config.get("id2label")
    if not isinstance(labels, dict) or any(re.fullmatch(r"LABEL_\d+", str(n)) for n in labels.values()):
        return []
    numbers = [str(i) for i in range(config["num_classes"])]
    if sorted(labels) != sorted(numbers):
        raise InputError(
            f"{path.name}/config.json says num_classes = {len(numbers)}, but its id2label numbers"
            f" {', '.join(sorted(labels)) or 'none'}: correct the one that is wrong"
        )
    return [str(labels[number]) for number in numbers]
