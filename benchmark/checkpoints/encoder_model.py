"""An encoder of the wav2vec 2.0 family as the trunk of a model that pools an utterance's frames."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch

from .batching import Policies, pad
from .encoders import Encoder
from .masked_norm import find_first_block
from .torch_model import Forward


def build(encoder: Encoder) -> torch.nn.Module:
    """The encoder, to be given its weights; it returns ``last_hidden_state``."""
    from transformers import AutoConfig, AutoModel

    warnings.filterwarnings("ignore", "Support for mismatched key_padding_mask")  # WavLM's own affair
    return AutoModel.from_config(AutoConfig.for_model(**encoder.config))


def frame_weights(trunk: Any, states: torch.Tensor, attention_mask: torch.Tensor | None) -> torch.Tensor:
    """1 for frames of the utterance, 0 for frames of its padding.

    Args:
        trunk: made by :func:`build`.
        states: float (batch, frames, hidden).
        attention_mask: int (batch, samples); None where all utterances are equally long.

    Returns:
        float (batch, frames, 1).
    """
    if attention_mask is None:
        return states.new_ones(*states.shape[:2], 1)
    valid = trunk._get_feature_vector_attention_mask(states.shape[1], attention_mask)
    return valid.to(states.dtype).unsqueeze(-1)


def policies(model: torch.nn.Module, norm: str, normalise: Callable[[np.ndarray], np.ndarray]) -> Policies:
    """The ways that waves go through a model with such a trunk.

    Args:
        model: called with float (batch, samples) and, where lengths differ, ``attention_mask``.
        norm: the trunk's ``feat_extract_norm``, group or layer.
        normalise: one wave, float32 (samples,), to what the model takes; done before any padding.
    """
    run = Forward(model)
    first = find_first_block(model) if norm == "group" else None

    def stacked(batch: np.ndarray) -> np.ndarray:
        inputs = run.put(np.stack([normalise(wave) for wave in batch]))
        return run(lambda: model(inputs))

    def masked(waves: Sequence[np.ndarray]) -> np.ndarray:
        batch, sizes = pad([normalise(wave) for wave in waves])
        inputs = run.put(batch)
        if len(set(sizes)) == 1:
            return run(lambda: model(inputs))
        mask = run.put((np.arange(batch.shape[1]) < sizes[:, None]).astype(np.int64))

        def forward() -> Any:
            with first.valid(torch.from_numpy(sizes)) if first else nullcontext():
                return model(inputs, attention_mask=mask)

        return run(forward)

    return Policies(stacked, {"masked group norm" if first else "mask": masked})
