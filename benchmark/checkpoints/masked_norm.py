"""Group norm over time that sees only the valid frames of each utterance of a padded batch.

The first convolution of all *base* wav2vec 2.0-like models (Baevski et al. 2020; HuBERT, WavLM) is
followed by a group norm with one group per channel: its mean and variance run over time, so zeros
that pad a batch change every frame of the shorter utterances. No attention mask prevents it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


class MaskedGroupNorm(nn.GroupNorm):
    """A group norm per channel that takes over a trained one; stock until frames are given."""

    def __init__(self, trained: nn.GroupNorm) -> None:
        super().__init__(trained.num_groups, trained.num_channels, eps=trained.eps, affine=False)
        self.weight, self.bias = trained.weight, trained.bias
        self.frames: torch.Tensor | None = None  # int (batch,): valid frames of each utterance

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Normalise float (batch, channels, frames) over the valid frames of each utterance."""
        if self.frames is None:
            return super().forward(hidden)
        valid = torch.arange(hidden.shape[-1], device=hidden.device) < self.frames[:, None, None]
        count = self.frames[:, None, None].to(hidden.dtype)
        mean = (hidden * valid).sum(-1, keepdim=True) / count
        centred = hidden - mean
        variance = (centred * valid).square().sum(-1, keepdim=True) / count
        return centred * torch.rsqrt(variance + self.eps) * self.weight[:, None] + self.bias[:, None]


class FirstBlock:
    """The first convolution of a model and the group norm after it, made maskable."""

    def __init__(self, conv: nn.Conv1d, norm: MaskedGroupNorm) -> None:
        self.conv, self.norm = conv, norm

    @contextmanager
    def valid(self, lengths: torch.Tensor) -> Iterator[None]:
        """Within it, the norm sees the frames that the first ``lengths`` (batch,) samples make."""
        kernel, stride = self.conv.kernel_size[0], self.conv.stride[0]
        self.norm.frames = torch.div(lengths - kernel, stride, rounding_mode="floor") + 1
        try:
            yield
        finally:
            self.norm.frames = None


def find_first_block(model: nn.Module) -> FirstBlock | None:
    """The first convolution block with a group norm per channel, made maskable; None without one."""
    for name, block in model.named_modules():
        conv, norm = getattr(block, "conv", None), getattr(block, "layer_norm", None)
        if name.endswith("conv_layers.0") and isinstance(norm, nn.GroupNorm) and isinstance(conv, nn.Conv1d):
            if not norm.affine or norm.num_groups != norm.num_channels:
                return None
            block.layer_norm = MaskedGroupNorm(norm)
            return FirstBlock(conv, block.layer_norm)
    return None
