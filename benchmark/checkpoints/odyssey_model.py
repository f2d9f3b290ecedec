"""The MSP Odyssey 2024 baseline as a torch module: WavLM, attentive statistics pooling, a head.

Source: Goncalves et al. 2024, "Odyssey 2024 - Speech Emotion Recognition Challenge: Dataset, Baseline
Framework, and Results", and its published code; pooling after Okabe et al. 2018, "Attentive Statistics
Pooling for Deep Speaker Embedding", equations 3 to 6. The parameter names are theirs: ``ssl_model.*``,
``pool_model.*``, ``ser_model.*``.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

from .encoder_model import build, frame_weights
from .encoders import Encoder

LEAST_VARIANCE = 1e-5  # theirs: the square root has no gradient at 0


class SERModel(nn.Module):
    """Encoder, pooling, head; without weights where it is made on the device meta."""

    def __init__(self, encoder: Encoder, hidden_layers: int, outputs: int) -> None:
        super().__init__()
        width = encoder.config["hidden_size"]
        self.ssl_model = build(encoder)
        self.pool_model = AttentivePooling(width)
        self.ser_model = Head(width, hidden_layers, outputs)

    def forward(self, values: torch.Tensor, attention_mask: torch.LongTensor | None = None) -> torch.Tensor:
        """Predict.

        Args:
            values: float (batch, samples), normalised by the mean and deviation of the training audio.
            attention_mask: (batch, samples), 1 over samples and 0 over padding; None where all utterances
                are equally long.

        Returns:
            Raw outputs, float (batch, outputs): logits of classes, or dimensions.
        """
        states = self.ssl_model(values, attention_mask=attention_mask).last_hidden_state
        return self.ser_model(self.pool_model(states, frame_weights(self.ssl_model, states, attention_mask)))


class AttentivePooling(nn.Module):
    """Mean and standard deviation over time under learned weights."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.sap_linear = nn.Linear(width, width)
        self.attention = nn.Parameter(torch.empty(width, 1))

    def forward(self, states: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
        """Pool the frames of float (batch, frames, width) where ``valid`` (batch, frames, 1) is 1.

        The weights are a softmax over the valid frames of a tanh layer times a vector. The variance is
        summed about the mean: Σw(x−μ)² equals their Σwx²−μ², and loses no digits.

        Returns:
            Mean, then standard deviation, float (batch, 2 width).
        """
        scores = torch.tanh(self.sap_linear(states)) @ self.attention
        weights = scores.masked_fill(valid == 0, -torch.inf).softmax(dim=1)
        mean = (weights * states).sum(dim=1)
        variance = (weights * (states - mean.unsqueeze(1)).square()).sum(dim=1)
        return torch.cat((mean, variance.clamp(min=LEAST_VARIANCE).sqrt()), dim=1)


class Head(nn.Module):
    """Linear → LayerNorm → ReLU as often as there are hidden layers, then Linear; dropout in training."""

    def __init__(self, width: int, hidden_layers: int, outputs: int) -> None:
        super().__init__()
        self.fc = nn.ModuleList(
            nn.Sequential(nn.Linear(before, after), nn.LayerNorm(after), nn.ReLU())
            for before, after in pairwise([2 * width] + [width] * hidden_layers)
        )
        self.out = nn.Sequential(nn.Linear(width, outputs))

    def forward(self, pooled: torch.Tensor) -> torch.Tensor:
        """Map float (batch, 2 width) to raw outputs, float (batch, outputs)."""
        for layer in self.fc:
            pooled = layer(pooled)
        return self.out(pooled)
