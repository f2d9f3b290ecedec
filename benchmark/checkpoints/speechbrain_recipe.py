"""What a SpeechBrain folder declares, if it is the IEMOCAP recipe; any other is refused with a way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ser_audit.benchmark.errors import InputError

from .hyperparams import Tagged, new, read, resolve

HYPERPARAMS = "hyperparams.yaml"
# part -> its classes, in speechbrain 0.5 to 1.1, and the options that the numbers depend on
PARTS = {
    "wav2vec2": (
        ("HuggingFaceWav2Vec2", "Wav2Vec2", "HuBERT", "WavLM"),
        {"source", "output_norm", "output_all_hiddens"},
    ),
    "avg_pool": (("StatisticsPooling",), {"return_mean", "return_std"}),
    "output_mlp": (("Linear",), {"input_size", "n_neurons", "bias"}),
}
# Options that change nothing once a model is trained, and where it would be downloaded to.
HARMLESS = {"freeze", "freeze_feature_extractor", "pretrain", "apply_spec_augment", "save_path"}
SOFTMAX = "speechbrain.nnet.activations.Softmax"


@dataclass(frozen=True)
class Recipe:
    """The declared fields that the computation rests on."""

    encoder: str  # its name on the hub
    output_norm: bool  # a layer norm over all frames and channels of an utterance
    inputs: int  # of the linear layer: the encoder's width
    outputs: int
    bias: bool
    softmax: bool  # whether a softmax is declared to turn the outputs into scores
    sampling_rate: int | None  # Hz; None where it is not declared


def read_recipe(folder: Path) -> Recipe:
    """The recipe of a SpeechBrain folder.

    Raises:
        InputError: it is another model than encoder, mean over time, linear layer; or a field that the
            numbers depend on is not declared.
    """
    params = read(folder / HYPERPARAMS)
    modules = resolve(params.get("modules"), params)
    named = modules.items() if isinstance(modules, dict) else ()
    parts = {str(key): resolve(value, params) for key, value in named}
    if not PARTS.keys() - {"avg_pool"} <= parts.keys() <= PARTS.keys():
        found = ", ".join(f"{key} ({new(part)[0] or 'no class'})" for key, part in parts.items())
        raise _other(folder, f"the modules {found}" if found else "no modules")
    parts.setdefault("avg_pool", resolve(params.get("avg_pool"), params))
    options = {key: _options(folder, key, parts[key], params) for key in PARTS}
    if options["wav2vec2"].get("output_all_hiddens", False) is not False:
        raise _other(folder, "output_all_hiddens in wav2vec2")
    pooling = options["avg_pool"]
    if pooling.get("return_std") is not False or pooling.get("return_mean", True) is not True:
        raise _other(folder, "another statistic than the mean in avg_pool")
    head = getattr(params.get("model"), "value", None)  # !new:torch.nn.ModuleList of one list
    if not isinstance(head, list) or [resolve(p, params) for p in _flat(head)] != [parts["output_mlp"]]:
        raise _other(folder, f"the model {', '.join(str(p) for p in _flat(head) if p) or 'of no parts'}")

    def declared(part: str, option: str, kind: type, default: Any = None) -> Any:
        value = options[part].get(option, default)
        if type(value) is not kind:
            raise InputError(
                f"{folder.name}/{HYPERPARAMS} declares {option} of {part} as {_shown(value)}: a plain"
                f" {kind.__name__} is needed, since nothing in it is evaluated or guessed"
            )
        return value

    rate = resolve(params.get("sample_rate"), params)
    return Recipe(
        encoder=declared("wav2vec2", "source", str),
        output_norm=declared("wav2vec2", "output_norm", bool),
        inputs=declared("output_mlp", "input_size", int),
        outputs=declared("output_mlp", "n_neurons", int),
        bias=declared("output_mlp", "bias", bool, default=True),
        softmax=any(_is_softmax(params.get(key)) for key in ("softmax", "log_softmax")),
        sampling_rate=rate if type(rate) is int else None,
    )


def _options(folder: Path, key: str, part: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a part, resolved; it must be of a class that is known and have no others."""
    name, options = new(part)
    package, _, last = name.rpartition(".")
    classes, known = PARTS[key]
    if not package.startswith("speechbrain.") or last not in classes:
        raise _other(folder, f"{key} of the class {name or 'that it does not name'}")
    if strange := sorted(map(str, options.keys() - known - HARMLESS)):
        raise _other(folder, f"{', '.join(strange)} in {key}")
    return {option: resolve(value, params) for option, value in options.items()}


def _other(folder: Path, found: str) -> InputError:
    """Another recipe: what was found, and how it can be audited all the same."""
    return InputError(
        f"{folder.name} is a SpeechBrain folder with {found}: only the IEMOCAP recipe (wav2vec2, avg_pool as"
        " a mean, one linear output_mlp) is read; wrap it as a Python object, file.py:name with"
        " predict(waves, sampling_rate)"
    )


def _is_softmax(value: Any) -> bool:
    name, options = new(value)
    return name == SOFTMAX and set(options) <= {"apply_log"}


def _flat(value: Any) -> list[Any]:
    """The parts of a list of lists, in their order."""
    return [part for item in value for part in _flat(item)] if isinstance(value, list) else [value]


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value) if isinstance(value, Tagged) else repr(value)
