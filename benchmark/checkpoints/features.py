"""Models on features of a wave: extracted one utterance at a time, then stacked into one forward pass.

Whisper and AST take features of a fixed length, which their extractors pad and cut to; wav2vec2-bert takes
as many as there are, with a mask. Either way nothing that an extractor normalises over is shared.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from ser_audit.benchmark.checkpoint import Padding
from ser_audit.benchmark.errors import InputError

from .batching import Policies
from .folder import longest_input
from .torch_model import Forward


def on_features(model: torch.nn.Module, settings: dict[str, Any], source: str) -> Policies:
    """Forward passes through the feature extractor that the settings name.

    Args:
        model: a transformers model that takes features.
        settings: of the feature extractor, as in ``preprocessor_config.json``.
        source: the folder's name, for messages.

    Raises:
        InputError: the extractor is none that is known.
    """
    extractor = _make(settings, source)
    run = Forward(model)
    taken = inspect.signature(model.forward).parameters

    def extract(wave: np.ndarray) -> dict[str, np.ndarray]:
        found = extractor(wave, sampling_rate=extractor.sampling_rate, return_tensors="np")
        return {key: value[0] for key, value in found.items() if key in taken}

    def together(waves: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        each = [extract(wave) for wave in waves]
        inputs = {key: run.put(_stack([features[key] for features in each])) for key in each[0]}
        return run(lambda: model(**inputs))

    padding: Padding = "mask" if longest_input(settings) is None else "fixed length"
    return Policies(together, {padding: together})


def _make(settings: dict[str, Any], source: str) -> Any:
    """The feature extractor; only those of transformers itself, none of a folder's own."""
    from transformers import ASTFeatureExtractor, SeamlessM4TFeatureExtractor, WhisperFeatureExtractor

    known = {
        c.__name__: c for c in (ASTFeatureExtractor, SeamlessM4TFeatureExtractor, WhisperFeatureExtractor)
    }
    name = settings.get("feature_extractor_type")
    if name not in known:
        raise InputError(
            f"{source} wants the feature extractor {name}: known are Wav2Vec2FeatureExtractor,"
            f" {', '.join(known)}; wrap the model as a Python object and give file.py:name"
        )
    return known[name].from_dict(settings)


def _stack(each: Sequence[np.ndarray]) -> np.ndarray:
    """Stack (frames, …) of any numbers of frames; the shorter ones, and their masks, end with zeros."""
    longest = max(len(features) for features in each)
    stacked = np.zeros((len(each), longest, *each[0].shape[1:]), dtype=each[0].dtype)
    for row, features in zip(stacked, each, strict=True):
        row[: len(features)] = features
    return stacked
