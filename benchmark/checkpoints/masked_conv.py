"""Convolutions over time that see zeros after the end of each utterance, as they do for one alone.

A convolution that pads its input with zeros reads, in a padded batch, what earlier layers made of the
padding instead. wav2vec 2.0 silences those frames itself before its only such convolution; the stacked
positional convolutions of data2vec (Baevski et al. 2022) and those in every layer of a conformer (Gulati et
al. 2020) do not, so an attention mask alone is not exact there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from .per_thread import PerThread


class MaskedConvolutions:
    """Hooks before all padding convolutions of a model; idle until frames are given."""

    def __init__(self, model: nn.Module) -> None:
        self._frames: PerThread[torch.Tensor] = PerThread()
        for module in model.modules():
            if isinstance(module, nn.Conv1d) and module.padding not in ((0,), "valid"):
                module.register_forward_pre_hook(self._silence)

    @contextmanager
    def valid(self, frames: torch.Tensor) -> Iterator[None]:
        """Within it, only the first ``frames`` (batch,), int, of each utterance are heard."""
        with self._frames.set(frames):
            yield

    def _silence(self, module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> torch.Tensor | None:
        frames = self._frames.get()
        if frames is None:
            return None
        hidden = inputs[0]  # (batch, channels, frames)
        padding = torch.arange(hidden.shape[-1], device=hidden.device) >= frames[:, None]
        return hidden.masked_fill(padding[:, None], 0)
