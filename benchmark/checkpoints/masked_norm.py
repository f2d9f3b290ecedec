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

from .per_thread import PerThread

BLOCK = 512  # frames that are summed one by one in float32: the rounding error grows with their number


class MaskedGroupNorm(nn.GroupNorm):
    """A group norm per channel that takes over a trained one; stock until frames are given."""

    def __init__(self, trained: nn.GroupNorm) -> None:
        super().__init__(trained.num_groups, trained.num_channels, eps=trained.eps, affine=False)
        self.weight, self.bias = trained.weight, trained.bias
        self.frames: PerThread[list[int]] = PerThread()  # valid ones of each utterance

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Normalise float (batch, channels, frames) over the valid frames of each utterance.

        This is the largest tensor of the whole model: a pass over it costs what the sums do, and a copy of it
        more. So nothing of its size is made, and ``hidden`` is overwritten.
        """
        valid = self.frames.get()
        if valid is None:
            return super().forward(hidden)
        precise = torch.promote_types(hidden.dtype, torch.float32)
        for index, frames in enumerate(valid):
            row = hidden[index]
            row -= row[:, :frames].mean(dim=-1, keepdim=True, dtype=precise)
            variance = _sum_of_squares(row[:, :frames], precise) / frames
            row *= (self.weight * torch.rsqrt(variance + self.eps)).unsqueeze(-1)
            row += self.bias.unsqueeze(-1)
        return hidden


def _sum_of_squares(centred: torch.Tensor, precise: torch.dtype) -> torch.Tensor:
    """Sums over (channels, frames) -> (channels,), in blocks, because torch's norm adds one by one."""
    whole = centred.shape[-1] // BLOCK * BLOCK
    blocks = torch.linalg.vector_norm(centred[:, :whole].unflatten(-1, (-1, BLOCK)), dim=-1, dtype=precise)
    rest = torch.linalg.vector_norm(centred[:, whole:], dim=-1, dtype=precise)
    return blocks.square().sum(dim=-1) + rest.square()


class FirstBlock:
    """The first convolution of a model and the group norm after it, made maskable."""

    def __init__(self, conv: nn.Conv1d, norm: MaskedGroupNorm) -> None:
        self.conv, self.norm = conv, norm

    @contextmanager
    def valid(self, lengths: torch.Tensor) -> Iterator[None]:
        """Within it, the norm sees the frames that the first ``lengths`` (batch,) samples make.

        Lengths that lie on the CPU spare a GPU from being waited for.
        """
        kernel, stride = self.conv.kernel_size[0], self.conv.stride[0]
        with self.norm.frames.set([(length - kernel) // stride + 1 for length in lengths.tolist()]):
            yield


def find_first_block(model: nn.Module) -> FirstBlock | None:
    """The first convolution block with a group norm per channel, made maskable; None without one."""
    for name, block in model.named_modules():
        conv, norm = getattr(block, "conv", None), getattr(block, "layer_norm", None)
        if name.endswith("conv_layers.0") and isinstance(norm, nn.GroupNorm) and isinstance(conv, nn.Conv1d):
            if norm.num_groups != norm.num_channels or norm.weight is None:
                return None
            if not isinstance(norm, MaskedGroupNorm):  # as it is in a copy of a model made maskable before
                block.layer_norm = norm = MaskedGroupNorm(norm)
            return FirstBlock(conv, norm)
    return None
