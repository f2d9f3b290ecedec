"""A graph of torch (exported or scripted) on waves, without padding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ser_audit.benchmark.checkpoint import CheckpointInfo
from ser_audit.benchmark.errors import InputError

from .audio import AudioCheckpoint
from .batching import Policies
from .torch_model import Forward, open_module


def open_graph(
    module: torch.nn.Module,
    choose: Callable[[Any], torch.Tensor],
    *,
    format: str,
    name: str,
    path: Path,
    info: CheckpointInfo,
    device: str,
    stackable: bool = True,
) -> AudioCheckpoint:
    """Make a checkpoint of a loaded graph.

    Args:
        module: on its device; takes a float32 tensor (batch, samples).
        choose: from what it gives, the tensor that holds the predictions: (batch, outputs), or (outputs,)
            of a single wave.
        format: the adapter's registered name.
        name: of the checkpoint.
        path: its file.
        info: its facts.
        device: where the module is.
        stackable: whether equally long waves may share a forward pass.

    Raises:
        InputError: a weight is not finite, it breaks on the probe, or it gives another number of outputs.
    """
    tensors = _finite(module, path.name)

    def build(module: torch.nn.Module) -> Policies:
        run = Forward(module, device)

        def stacked(batch: np.ndarray) -> np.ndarray:
            waves = run.put(batch)
            raw = run(lambda: choose(_called(module, waves)))
            return raw[None] if raw.ndim == 1 and len(batch) == 1 else raw

        return Policies(stacked)

    return open_module(
        module,
        build,
        format=format,
        name=name,
        source=path.name,
        files=[path],
        info=info,
        device=device,
        weights=f"all {tensors} tensors loaded",
        stackable=stackable,
    )


def _called(module: torch.nn.Module, waves: torch.Tensor) -> Any:
    """What the module gives; a graph says in many ways that it does not take something."""
    try:
        return module(waves)
    except torch.OutOfMemoryError:
        raise
    except Exception as error:  # the last line of a TorchScript trace is the one that tells
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise RuntimeError(lines[-1]) from error


def _finite(module: torch.nn.Module, source: str) -> int:
    """The number of tensors; infinite ones may be masks, unless they are parameters.

    Raises:
        InputError: a parameter is not finite, or another tensor is not a number.
    """
    parameters, buffers = dict(module.named_parameters()), dict(module.named_buffers())
    unfit = [key for key, value in parameters.items() if not value.isfinite().all()]
    unfit += [key for key, value in buffers.items() if value.is_floating_point() and value.isnan().any()]
    if unfit:
        raise InputError(f"{source} holds weights that are not finite: {', '.join(unfit[:10])}")
    return len(parameters) + len(buffers)
