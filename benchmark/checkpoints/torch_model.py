"""A torch module on waves: float32 on its device, in exact batches, and safe to call from two threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ser_audit.benchmark.checkpoint import CheckpointInfo
from ser_audit.benchmark.errors import InputError

from .audio import AudioCheckpoint, prove_and_build
from .batching import Policies
from .macs import count_macs
from .variants import torch_variants


def use_device(device: str, threads: int) -> None:
    """Full float32 precision, a fixed number of threads.

    Raises:
        InputError: there is no such device here.
    """
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError):
        raise InputError(f"the device {device!r} is not available here: use cpu") from None
    torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


class Forward:
    """Forward passes of one module, which threads may share: what a pass sets there is its thread's own.

    On CUDA each thread works on its own current stream, and only the thread that wants a result waits for it.
    """

    def __init__(self, module: torch.nn.Module, device: str | None = None) -> None:
        self.module = module
        self.device = torch.device(device) if device else next(module.parameters()).device

    def put(self, array: np.ndarray) -> torch.Tensor:
        """An array on the device; to a GPU from pinned memory, without waiting for the copy."""
        tensor = torch.from_numpy(np.ascontiguousarray(array))
        if self.device.type != "cuda":
            return tensor.to(self.device)
        return tensor.pin_memory().to(self.device, non_blocking=True)

    def __call__(self, run: Callable[[], Any]) -> np.ndarray:
        """Raw outputs, float32 (batch, outputs), of what ``run`` makes the module return."""
        with torch.no_grad():  # multiply-accumulates cannot be counted in inference mode
            output = run()
        return getattr(output, "logits", output).float().cpu().numpy()


Build = Callable[[torch.nn.Module], Policies]


def open_module(
    module: torch.nn.Module,
    build: Build,
    *,
    format: str,
    name: str,
    source: str,
    files: Sequence[Path],
    info: CheckpointInfo,
    device: str,
    weights: str,
    stackable: bool = True,
) -> AudioCheckpoint:
    """Make a checkpoint of a loaded module.

    Args:
        module: with all its weights, float32.
        build: from the module on its device to the ways that waves go through it.
        format: the adapter's registered name.
        name: of the checkpoint.
        source: its file or folder name.
        files: all files that it was loaded from.
        info: its facts.
        device: such as cpu or cuda; :func:`use_device` was called with it.
        weights: what was found when the weights were loaded.
        stackable: whether equally long waves may share a forward pass.

    Raises:
        InputError: the module breaks on the probe, or gives another number of outputs than declared.
    """
    module = module.to(device).eval()
    policies = build(module)

    def macs(samples: int) -> int:
        return count_macs(lambda: policies.stacked(np.zeros((1, samples), dtype=np.float32)))

    return prove_and_build(
        format=format,
        name=name,
        source=source,
        files=files,
        info=info,
        device=device,
        weights=weights,
        policies=policies,
        stackable=stackable,
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        macs=macs,
        variants=torch_variants(module, build, device),
    )


def zero_mean_unit_variance(wave: np.ndarray) -> np.ndarray:
    """Normalise one utterance as ``Wav2Vec2FeatureExtractor`` does, before any padding."""
    return (wave - wave.mean()) / np.sqrt(wave.var() + 1e-7)
