"""What the files of a Hugging Face folder tell without loading a weight."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ser_audit.benchmark.corpus import DIMENSIONS
from ser_audit.benchmark.errors import InputError

PREPROCESSORS = ("preprocessor_config.json", "processor_config.json")
WINDOW, HOP = 400, 160  # samples of a frame of the extractors that have no setting for it
# Samples that they need: one frame; two where each mel band is divided by its standard deviation.
SHORTEST = {"ASTFeatureExtractor": WINDOW, "SeamlessM4TFeatureExtractor": WINDOW + HOP}
LONGEST_HEADER = 100_000_000  # bytes; the limit of the safetensors format itself


def read_json(path: Path) -> dict[str, Any]:
    """The content of a JSON file.

    Raises:
        InputError: it is no JSON object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no valid JSON: {error}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path} holds no JSON object")
    return content


def architectures(folder: Path) -> list[str]:
    """The classes that the configuration names; empty where there is no configuration."""
    path = folder / "config.json"
    named = read_json(path).get("architectures") if path.is_file() else None
    return [str(name) for name in named] if isinstance(named, list) else []


def own_code(folder: Path) -> str | None:
    """The Python class that the folder brings for its model or its features; None where there is none."""
    for name in ("config.json", *PREPROCESSORS):
        path = folder / name
        found = read_json(path).get("auto_map") if path.is_file() else None
        for role, place in (found if isinstance(found, dict) else {}).items():
            if role.startswith(("AutoModel", "AutoFeatureExtractor", "AutoProcessor")):
                return str(place)
    return None


def preprocessor(folder: Path) -> dict[str, Any]:
    """The feature extractor's settings.

    Raises:
        InputError: the folder has none: normalisation and sampling rate would be guessed.
    """
    if (folder / "preprocessor_config.json").is_file():
        return read_json(folder / "preprocessor_config.json")
    if (folder / "processor_config.json").is_file():  # as processors are saved since transformers 5
        nested = read_json(folder / "processor_config.json").get("feature_extractor")
        if isinstance(nested, dict):
            return nested
    raise InputError(
        f"{folder.name} has no preprocessor_config.json, which tells sampling rate and normalisation:"
        " save the model's feature extractor there"
    )


def weight_files(folder: Path) -> list[Path]:
    """The files that hold the weights; safetensors where there are any.

    Raises:
        InputError: there are none, or an index names a file that is missing.
    """
    for single in ("model.safetensors", "pytorch_model.bin"):
        index = folder / f"{single}.index.json"
        if (folder / single).is_file():
            return [folder / single]
        if index.is_file():
            places = read_json(index).get("weight_map")
            names = sorted({str(name) for name in places.values()}) if isinstance(places, dict) else []
            missing = [name for name in names if Path(name).name != name or not (folder / name).is_file()]
            if missing or not names:
                raise InputError(
                    f"{index.name} names weights that are not in {folder.name}:"
                    f" {', '.join(missing[:10]) or 'all'}"
                )
            return [folder / name for name in names]
    raise InputError(f"{folder.name} has no weights: expected model.safetensors")


def folder_files(folder: Path) -> list[Path]:
    """All files that a checkpoint of the folder is loaded from."""
    named = (folder / n for n in ("config.json", *PREPROCESSORS))
    return [*(file for file in named if file.is_file()), *weight_files(folder)]


def weight_keys(folder: Path) -> set[str]:
    """Names of the tensors, from the headers of safetensors files; empty for other weights."""
    if not any(folder.glob("model*.safetensors")):
        return set()
    return {key for file in weight_files(folder) for key in _header(file)}


def folder_facts(folder: Path) -> dict[str, Any]:
    """Facts as in a sidecar TOML, and ``outputs``, the number of output columns.

    The names come from ``id2label`` in the order of its indices; ``LABEL_0`` is no name. They are
    dimensions where the problem type is a regression, or none is told and all are dimensions of the field;
    else classes.

    Raises:
        InputError: a file is broken or its numbers make no sense.
    """
    config, extractor = read_json(folder / "config.json"), preprocessor(folder)
    _refuse_what_changes_weights(folder, config)
    facts: dict[str, Any] = {}
    labels = config.get("id2label")
    if not isinstance(labels, dict):
        count = config.get("num_labels", 2)  # as transformers takes them where they have no names
        labels = {str(i): f"LABEL_{i}" for i in range(count)}
    if sorted(labels) != sorted(str(i) for i in range(len(labels))):
        raise InputError(f"id2label in {folder.name}/config.json does not number its labels from 0: {labels}")
    names = [str(labels[str(i)]) for i in range(len(labels))]
    problem = config.get("problem_type")
    facts["outputs"] = len(names)
    if not any(re.fullmatch(r"LABEL_\d+", name) for name in names):
        of_the_field = problem is None and {n.lower() for n in names} <= set(DIMENSIONS)
        as_dimensions = problem == "regression" or of_the_field
        facts["dimensions" if as_dimensions else "classes"] = [
            n.lower() if as_dimensions else n for n in names
        ]
    if "classes" in facts:
        facts["activation"] = "sigmoid" if problem == "multi_label_classification" else "softmax"
    if "sampling_rate" in extractor:
        facts["sampling_rate"] = extractor["sampling_rate"]
        if takes_waves(extractor) and config.get("conv_kernel"):
            field = receptive_field(config["conv_kernel"], config["conv_stride"])
        else:
            field = SHORTEST.get(str(extractor.get("feature_extractor_type")), 0)
        if field:
            facts["shortest_input"] = field / facts["sampling_rate"]
    if (found := licence(folder)) is not None:
        facts["licence"] = found
    return facts


def takes_waves(extractor: dict[str, Any]) -> bool:
    """Whether the model takes the wave itself, not a spectrogram of it."""
    return extractor.get("feature_extractor_type", "Wav2Vec2FeatureExtractor") == "Wav2Vec2FeatureExtractor"


def longest_input(extractor: dict[str, Any]) -> float | None:
    """Seconds that the extractor cuts utterances to, by default where it does not say; None: uncut."""
    kind = extractor.get("feature_extractor_type")
    if kind == "WhisperFeatureExtractor":
        return float(extractor.get("chunk_length", 30))
    if kind == "ASTFeatureExtractor":
        return (WINDOW + (extractor.get("max_length", 1024) - 1) * HOP) / extractor.get(
            "sampling_rate", 16000
        )
    return None


def _refuse_what_changes_weights(folder: Path, config: dict[str, Any]) -> None:
    """Weights that are not simply those of the model.

    Raises:
        InputError: they are quantised, or an adapter belongs to them.
    """
    if config.get("quantization_config"):
        raise InputError(
            f"{folder.name} holds quantised weights (quantization_config in config.json), which need a"
            " library of their own: give the checkpoint that they were made from"
        )
    if (folder / "adapter_config.json").is_file():
        raise InputError(
            f"{folder.name} holds an adapter (adapter_config.json), which is added to another model:"
            " merge it into that model, and save the result in a folder without it"
        )


def receptive_field(kernels: list[int], strides: list[int]) -> int:
    """Samples that a stack of unpadded convolutions needs for one frame."""
    field = 1
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        field = (field - 1) * stride + kernel
    return field


def licence(folder: Path) -> str | None:
    """The licence in the front matter of the model card; None where it does not say."""
    card = folder / "README.md"
    if not card.is_file():
        return None
    text = card.read_text(encoding="utf-8", errors="replace")
    front = re.match(r"---\s*\n(.*?)\n---", text, flags=re.DOTALL)
    found = front and re.search(r"^license:\s*['\"]?([\w.+-]+)", front[1], flags=re.MULTILINE)
    return found[1] if found else None


def _header(file: Path) -> list[str]:
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if length > LONGEST_HEADER:
            raise InputError(f"{file.name} is no safetensors file: its header would have {length} bytes")
        try:
            header = json.loads(stream.read(length))
        except ValueError:
            raise InputError(f"{file.name} is no safetensors file: its header is broken") from None
    return [key for key in header if key != "__metadata__"]
