"""The published emotion2vec with a classification head: ``config.yaml``, ``tokens.txt``, ``model.pt``.

Such are ``emotion2vec_plus_seed``, ``…_plus_base``, ``…_plus_large`` and ``emotion2vec_base_finetuned``
(Ma et al. 2023). Neither funasr nor fairseq is needed: the network is built here from the declared fields.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ser_audit.benchmark.checkpoint import CheckpointInfo
from ser_audit.benchmark.errors import InputError

from . import folder
from .audio import AudioCheckpoint
from .emotion2vec_config import CONFIG, LABELS, WEIGHTS, Model, read_config, read_labels

if TYPE_CHECKING:
    import torch

    from .batching import Policies

NAMED = re.compile(r"^model:\s*['\"]?Emotion2vec\b", flags=re.MULTILINE)


def recognises(reference: str) -> bool:
    """Whether it is a folder whose configuration names the model Emotion2vec."""
    config = Path(reference) / CONFIG
    return config.is_file() and bool(NAMED.search(config.read_text(encoding="utf-8", errors="replace")))


def facts(reference: str) -> dict[str, Any]:
    """What the folder tells: labels in order, and the sampling rate where its front end is declared.

    Raises:
        InputError: a file is broken, or there is no classification head.
    """
    path = Path(reference).absolute()
    config, labels = read_config(path), read_labels(path)
    classes = [label for label in labels if label is not None]
    found: dict[str, Any] = {"outputs": len(classes), "classes": classes, "activation": "softmax"}
    if config.frontend_conf is not None and config.frontend_conf.fs is not None:
        rate = config.frontend_conf.fs
        found |= {"sampling_rate": rate, "shortest_input": shortest_samples(config.model_conf) / rate}
    if (licence := folder.licence(path)) is not None:
        found["licence"] = licence
    return found


def files(reference: str) -> list[Path]:
    """Configuration, labels and weights.

    Raises:
        InputError: one of them is not there.
    """
    found = [Path(reference).absolute() / name for name in (CONFIG, LABELS, WEIGHTS)]
    for file in found:
        if not file.is_file():
            raise InputError(f"{file.parent.name} has no {file.name}, and cannot be loaded without it")
    return found


def shortest_samples(model: Model) -> int:
    """Samples that the convolutions need for one frame."""
    audio = model.modalities.audio
    return folder.receptive_field(audio.kernels, audio.strides)


def open_checkpoint(
    reference: str, info: CheckpointInfo, name: str, device: str, threads: int = 2
) -> AudioCheckpoint:
    """Load the model.

    Raises:
        InputError: weights are missing, left over, not finite or not safe to load, or there is no head.
    """
    from .emotion2vec_loading import load
    from .torch_model import open_module, use_device

    use_device(device, threads)
    path, loaded_from = Path(reference).absolute(), files(reference)
    model = read_config(path).model_conf
    module, weights = load(path, model, read_labels(path))
    return open_module(
        module,
        lambda module: _policies(module, model),
        format="emotion2vec",
        name=name,
        source=path.name,
        files=loaded_from,
        info=info,
        device=device,
        weights=weights,
    )


def _policies(module: torch.nn.Module, model: Model) -> Policies:
    """Forward passes on waves; where their lengths differ, what pads them is masked."""
    import numpy as np

    from .batching import Policies, pad
    from .torch_model import Forward

    run = Forward(module)
    shortest = shortest_samples(model)

    def normalised(wave: np.ndarray) -> np.ndarray:
        wave = np.pad(wave, (0, max(0, shortest - len(wave))))
        return (wave - wave.mean()) / np.sqrt(wave.var() + 1e-5) if model.normalize else wave

    def predict(waves: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        batch, samples = pad([normalised(wave) for wave in waves])
        inputs = run.put(batch)
        lengths = run.put(samples) if len(set(samples)) > 1 else None
        return run(lambda: module(inputs, lengths))

    return Policies(predict, {"mask": predict})
