"""Encoders that a checkpoint names instead of describing them: what the name stands for.

Sources: ``config.json`` and ``preprocessor_config.json`` of the models of these names on the Hugging Face
hub; they hold the *base* and *large* sizes of Baevski et al. 2020 (wav2vec 2.0), Hsu et al. 2021 (HuBERT)
and Chen et al. 2022 (WavLM). All take 16 kHz and have the seven convolutions of wav2vec 2.0. Nothing is
downloaded: weights of another shape than the name promises are refused when they are loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ser_audit.benchmark.errors import InputError

from .folder import read_json, receptive_field

BESIDE = "encoder"  # the folder that holds the files of an encoder whose name is not known here
FAMILIES = ("wav2vec2", "hubert", "wavlm")
BASE = {
    "conv_kernel": [10, 3, 3, 3, 3, 2, 2],
    "conv_stride": [5, 2, 2, 2, 2, 2, 2],
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "feat_extract_norm": "group",
    "do_stable_layer_norm": False,
    "conv_bias": False,
}
LARGE = {
    **BASE,
    "hidden_size": 1024,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "intermediate_size": 4096,
}
STABLE = {**LARGE, "feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}
# name -> family, what changes its computation, and whether its waves are normalised
PUBLISHED: dict[str, tuple[str, dict[str, Any], bool]] = {
    "facebook/wav2vec2-base": ("wav2vec2", BASE, True),
    "facebook/wav2vec2-base-960h": ("wav2vec2", BASE, True),
    "facebook/wav2vec2-large": ("wav2vec2", LARGE, True),
    "facebook/wav2vec2-large-960h": ("wav2vec2", LARGE, True),
    "facebook/wav2vec2-large-lv60": ("wav2vec2", STABLE, True),
    "facebook/wav2vec2-large-960h-lv60": ("wav2vec2", STABLE, True),
    "facebook/wav2vec2-large-960h-lv60-self": ("wav2vec2", STABLE, True),
    "facebook/wav2vec2-large-robust": ("wav2vec2", STABLE, True),
    "facebook/wav2vec2-large-xlsr-53": ("wav2vec2", STABLE, True),
    "facebook/wav2vec2-xls-r-300m": ("wav2vec2", STABLE, True),
    "facebook/hubert-base-ls960": ("hubert", BASE, True),
    "facebook/hubert-large-ll60k": ("hubert", STABLE, True),
    "facebook/hubert-large-ls960-ft": ("hubert", STABLE, True),
    "microsoft/wavlm-base": ("wavlm", BASE, False),
    "microsoft/wavlm-base-plus": ("wavlm", BASE, False),
    "microsoft/wavlm-large": ("wavlm", {**STABLE, "conv_bias": False}, True),
}


@dataclass(frozen=True)
class Encoder:
    """An encoder's architecture, without weights."""

    config: Mapping[str, Any]  # keys of a transformers configuration, ``model_type`` among them
    normalise: bool  # whether it was trained on waves of zero mean and unit variance
    sampling_rate: int  # Hz

    @property
    def facts(self) -> dict[str, Any]:
        """What a checkpoint inherits from it, as in a sidecar TOML."""
        field = receptive_field(self.config["conv_kernel"], self.config["conv_stride"])
        return {"sampling_rate": self.sampling_rate, "shortest_input": field / self.sampling_rate}


def find(name: str, folder: Path) -> Encoder:
    """The encoder of this name; files in ``folder/encoder`` come before what is known here.

    Args:
        name: as on the hub, such as microsoft/wavlm-large.
        folder: the checkpoint's.

    Raises:
        InputError: the name is not known and there are no files, or these are of another family.
    """
    beside = files(folder)
    if not beside:
        if name not in PUBLISHED:
            raise InputError(
                f"{folder.name} names the encoder {name!r}, whose architecture is not known here: put its"
                f" config.json and preprocessor_config.json into {folder.name}/{BESIDE}"
            )
        family, config, normalise = PUBLISHED[name]
        return Encoder({"model_type": family, **config}, normalise, 16_000)
    config, extractor = (read_json(file) for file in beside)
    if config.get("model_type") not in FAMILIES:
        raise InputError(
            f"{folder.name}/{BESIDE} holds an encoder of the family {config.get('model_type')!r}:"
            f" only {', '.join(FAMILIES)} are known"
        )
    rate = extractor.get("sampling_rate")
    if not isinstance(extractor.get("do_normalize"), bool) or not isinstance(rate, int):
        raise InputError(
            f"{folder.name}/{BESIDE}/preprocessor_config.json does not tell do_normalize and sampling_rate"
        )
    # transformers saves what differs from its defaults, and these are the base size of all families here
    return Encoder({**BASE, **config}, extractor["do_normalize"], rate)


def files(folder: Path) -> list[Path]:
    """The encoder's own files beside a checkpoint, configuration first; none, or both.

    Raises:
        InputError: there is one without the other.
    """
    both = [folder / BESIDE / name for name in ("config.json", "preprocessor_config.json")]
    there = [file for file in both if file.is_file()]
    if len(there) == 1:
        raise InputError(f"{folder.name}/{BESIDE} needs both config.json and preprocessor_config.json")
    return there
