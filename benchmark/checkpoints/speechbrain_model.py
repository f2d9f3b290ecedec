"""SpeechBrain's IEMOCAP recipe as a torch module: encoder, layer norm, mean over time, one linear layer.

Source: ``recipes/IEMOCAP/emotion_recognition`` of SpeechBrain (Ravanelli et al. 2021, "SpeechBrain: a
general-purpose speech toolkit"; Wang, Boumadane and Heba 2021, "A fine-tuned wav2vec 2.0/HuBERT benchmark
for speech emotion recognition, speaker verification and spoken language understanding").

SpeechBrain normalises a batch with its padding; here every utterance is computed as it is alone. Its pooling
adds random noise of 1e-5 to 9e-5 to every mean, also at inference: here it is left out, so that the same
audio gives the same numbers.
"""

from __future__ import annotations

import numpy as np
import torch

from .encoder_model import build, frame_weights
from .encoders import Encoder
from .speechbrain_recipe import Recipe

EPSILON = 1e-5  # of torch's layer norm, which normalises both waves and states


def layer_norm(wave: np.ndarray) -> np.ndarray:
    """Normalise one wave, float32 (samples,), as a layer norm over all its samples does."""
    return (wave - wave.mean()) / np.sqrt(wave.var() + EPSILON)


class MeanClassifier(torch.nn.Module):
    """The recipe's model; without weights where it is made on the device meta."""

    def __init__(self, encoder: Encoder, recipe: Recipe) -> None:
        super().__init__()
        self.wav2vec2 = build(encoder)
        self.output_mlp = torch.nn.Linear(recipe.inputs, recipe.outputs, bias=recipe.bias)
        self.output_norm = recipe.output_norm

    def forward(self, values: torch.Tensor, attention_mask: torch.LongTensor | None = None) -> torch.Tensor:
        """Predict.

        Args:
            values: float (batch, samples), each utterance normalised before padding.
            attention_mask: (batch, samples), 1 over samples and 0 over padding; None where all utterances
                are equally long.

        Returns:
            Logits, float (batch, outputs).
        """
        states = self.wav2vec2(values, attention_mask=attention_mask).last_hidden_state
        valid = frame_weights(self.wav2vec2, states, attention_mask)
        pooled = (states * valid).sum(dim=1) / valid.sum(dim=1)
        return self.output_mlp(_normalised(pooled, states, valid) if self.output_norm else pooled)


def _normalised(pooled: torch.Tensor, states: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
    """The mean over time of states under a layer norm over all frames and channels of their utterance.

    One mean and one variance normalise all states of an utterance, so the mean over time may come first.

    Args:
        pooled: the mean over time of the states, float (batch, hidden).
        states: float (batch, frames, hidden).
        valid: 1 for frames of the utterance, float (batch, frames, 1).
    """
    mean = pooled.mean(dim=1, keepdim=True)
    squares = ((states - mean.unsqueeze(1)).square() * valid).sum(dim=(1, 2)).unsqueeze(1)
    variance = squares / (valid.sum(dim=1) * states.shape[2])
    return (pooled - mean) * torch.rsqrt(variance + EPSILON)
