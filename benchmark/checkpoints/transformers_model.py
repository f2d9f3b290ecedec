"""A transformers model, with the padding that its architecture can bear."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ser_audit.benchmark.checkpoint import CheckpointInfo

from .audio import AudioCheckpoint
from .batching import Policies, pad
from .features import on_features
from .folder import folder_files, longest_input, preprocessor, takes_waves
from .loading import load
from .masked_conv import MaskedConvolutions
from .masked_norm import find_first_block
from .torch_model import Forward, open_module, use_device, zero_mean_unit_variance


def open_folder(
    loader: Any, folder: Path, info: CheckpointInfo, name: str, format_name: str, device: str, threads: int
) -> AudioCheckpoint:
    """Load a folder with ``loader.from_pretrained`` and prove its batches.

    Args:
        loader: a transformers (auto) class; its model returns logits, or an output that has them.
        folder: a Hugging Face folder.
        info: the checkpoint's facts.
        name: of the checkpoint.
        format_name: the adapter's registered name.
        device: such as cpu or cuda.
        threads: of the CPU.

    Raises:
        InputError: weights are missing, left over, not finite or not safe to load.
    """
    use_device(device, threads)
    model, tensors = load(loader, folder)
    extractor = preprocessor(folder)
    if takes_waves(extractor):
        build = partial(_on_waves, normalise=extractor.get("do_normalize", True))
    else:
        build = partial(on_features, settings=extractor, source=folder.name)
    longest = longest_input(extractor)
    return open_module(
        model,
        build,
        format=format_name,
        name=name,
        source=folder.name,
        files=folder_files(folder),
        info=info,
        device=device,
        weights=f"all {tensors} tensors loaded"
        + (f"; the model hears only the first {longest:.4g} s of an utterance" if longest else ""),
    )


def _on_waves(model: torch.nn.Module, normalise: bool) -> Policies:
    """Forward passes on waves: without padding, and with the policy that may be exact."""
    run = Forward(model)
    config = model.config

    def stacked(batch: np.ndarray) -> np.ndarray:
        inputs = run.put(np.stack([zero_mean_unit_variance(w) for w in batch]) if normalise else batch)
        return run(lambda: model(inputs))

    if getattr(config, "squeeze_factor", 1) > 1:
        # SEW (Wu et al. 2022) pools frames: a last odd one is dropped alone, but attended to in a batch.
        return Policies(stacked)
    first = find_first_block(model) if getattr(config, "feat_extract_norm", None) == "group" else None
    convolutions = MaskedConvolutions(model)

    def masked(waves: Sequence[np.ndarray]) -> np.ndarray:
        batch, sizes = pad([zero_mean_unit_variance(w) for w in waves] if normalise else waves)
        inputs = run.put(batch)
        if len(set(sizes)) == 1:
            return run(lambda: model(inputs))
        mask = run.put((np.arange(batch.shape[1]) < sizes[:, None]).astype(np.int64))
        frames = run.put(_frames(sizes, config.conv_kernel, config.conv_stride))

        def forward() -> Any:
            with convolutions.valid(frames), first.valid(torch.from_numpy(sizes)) if first else nullcontext():
                return model(inputs, attention_mask=mask)

        return run(forward)

    return Policies(stacked, {"masked group norm" if first else "mask": masked})


def _frames(samples: np.ndarray, kernels: Sequence[int], strides: Sequence[int]) -> np.ndarray:
    """Frames that unpadded convolutions make of int (batch,) samples."""
    for kernel, stride in zip(kernels, strides, strict=True):
        samples = (samples - kernel) // stride + 1
    return samples
