"""SpeechBrain's IEMOCAP recipe: an encoder by name, the mean over time, one linear layer.

A folder as ``speechbrain/emotion-recognition-wav2vec2-IEMOCAP``: ``hyperparams.yaml``, ``wav2vec2.ckpt``,
``model.ckpt``, ``label_encoder.txt``. Neither speechbrain nor code of the folder is run: the declared fields
are read, and what they declare is computed here.
"""

from __future__ import annotations

import ast
import os
from functools import partial
from pathlib import Path
from typing import Any

from ser_audit.benchmark.checkpoint import CheckpointInfo
from ser_audit.benchmark.errors import InputError

from . import encoders, folder
from .audio import AudioCheckpoint
from .speechbrain_recipe import HYPERPARAMS, read_recipe

WEIGHTS = ("wav2vec2.ckpt", "model.ckpt")
LABELS = "label_encoder.txt"
END_OF_LABELS = "================"


def recognises(reference: str) -> bool:
    """Whether it is a folder of SpeechBrain, by the classes that its hyperparams.yaml names."""
    path = Path(reference) / HYPERPARAMS
    return path.is_file() and "!new:speechbrain." in path.read_text(encoding="utf-8", errors="replace")


def facts(reference: str) -> dict[str, Any]:
    """What the declared fields and the label file tell."""
    path = Path(reference).absolute()
    recipe = read_recipe(path)
    found: dict[str, Any] = {**encoders.find(recipe.encoder, path).facts, "outputs": recipe.outputs}
    if recipe.sampling_rate is not None:
        found["sampling_rate"] = recipe.sampling_rate
    if (path / LABELS).is_file():
        found["classes"] = _labels(path / LABELS, recipe.outputs)
    if recipe.softmax:
        found["activation"] = "softmax"
    if (licence := folder.licence(path)) is not None:
        found["licence"] = licence
    return found


def files(reference: str) -> list[Path]:
    """Declared fields, labels and weights, and the encoder's own files where there are any."""
    path = Path(reference).absolute()
    missing = [name for name in WEIGHTS if not (path / name).is_file()]
    if missing:
        raise InputError(f"{path.name} has no {' and no '.join(missing)}: its weights are not there")
    named = [path / HYPERPARAMS, path / LABELS, *(path / name for name in WEIGHTS)]
    return [*(file for file in named if file.is_file()), *encoders.files(path)]


def open_checkpoint(
    reference: str, info: CheckpointInfo, name: str, device: str, threads: int = 2
) -> AudioCheckpoint:
    """Load the model.

    Raises:
        InputError: the recipe is another one, or weights are missing, left over, not finite or not safe
            to load.
    """
    path = Path(reference).absolute()
    recipe, loaded_from = read_recipe(path), files(reference)
    encoder = encoders.find(recipe.encoder, path)
    os.environ["HF_HUB_OFFLINE"] = "1"  # read once, when transformers is imported
    import torch

    from .encoder_model import policies
    from .speechbrain_model import MeanClassifier, layer_norm
    from .torch_model import open_module, use_device
    from .weights import fill, read_tensors

    use_device(device, threads)
    with torch.device("meta"):
        model = MeanClassifier(encoder, recipe)
    tensors = sum(
        fill(part, read_tensors([path / file]), prefix, f"{file} in {path.name}")
        for part, file, prefix in (
            (model.wav2vec2, WEIGHTS[0], "model."),
            (model.output_mlp, WEIGHTS[1], "0.w."),
        )
    )
    return open_module(
        model,
        partial(
            policies,
            norm=str(encoder.config["feat_extract_norm"]),
            normalise=layer_norm if encoder.normalise else lambda wave: wave,
        ),
        format="speechbrain",
        name=name,
        source=path.name,
        files=loaded_from,
        info=info,
        device=device,
        weights=f"all {tensors} tensors loaded",
    )


def _labels(path: Path, outputs: int) -> list[str]:
    """The classes in the order of their indices, from lines such as ``'neu' => 0``.

    Raises:
        InputError: a line is of another form, or the indices are not those of the outputs.
    """
    classes: dict[int, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line == END_OF_LABELS:
            break
        label, _, index = line.strip().rpartition(" => ")
        try:
            classes[int(index)] = str(ast.literal_eval(label))
        except (ValueError, SyntaxError):
            raise InputError(f"{path.name} has the line {line!r}: expected such as 'neu' => 0") from None
    if sorted(classes) != list(range(outputs)):
        raise InputError(
            f"{path.name} numbers its classes {', '.join(map(str, sorted(classes))) or 'not at all'}, but"
            f" {path.parent.name} has {outputs} outputs: correct the one that is wrong"
        )
    return [classes[index] for index in range(outputs)]
