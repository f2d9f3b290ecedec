"""A transformers model on waves: normalised one by one, in exact batches."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ser_audit.benchmark.checkpoint import CheckpointInfo

from .audio import AudioCheckpoint
from .batching import Policies, pad
from .folder import folder_files, preprocessor, takes_waves
from .loading import load
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
        build = partial(_through_extractor, folder=folder, sampling_rate=info.sampling_rate)
    return open_module(
        model,
        build,
        format=format_name,
        name=name,
        source=folder.name,
        files=folder_files(folder),
        info=info,
        device=device,
        weights=f"all {tensors} tensors loaded",
        stackable=takes_waves(extractor),
    )


def _on_waves(model: torch.nn.Module, normalise: bool) -> Policies:
    """Forward passes on waves: without padding, and with the policies that may be exact."""
    run = Forward(model)
    norm = getattr(model.config, "feat_extract_norm", None)
    first = find_first_block(model) if norm == "group" else None

    def stacked(batch: np.ndarray) -> np.ndarray:
        inputs = run.put(np.stack([zero_mean_unit_variance(w) for w in batch]) if normalise else batch)
        return run(lambda: model(inputs))

    def masked(waves: Sequence[np.ndarray]) -> np.ndarray:
        batch, sizes = pad([zero_mean_unit_variance(w) for w in waves] if normalise else waves)
        inputs = run.put(batch)
        if len(set(sizes)) == 1:
            return run(lambda: model(inputs))
        lengths = run.put(sizes)
        mask = run.put((np.arange(batch.shape[1]) < sizes[:, None]).astype(np.int64))

        def forward() -> Any:
            if first is None:
                return model(inputs, attention_mask=mask)
            with first.valid(lengths):
                return model(inputs, attention_mask=mask)

        return run(forward)

    if first is not None:
        return Policies(stacked, {"masked group norm": masked})
    return Policies(stacked, {"mask": masked} if norm == "layer" else {})


def _through_extractor(model: torch.nn.Module, folder: Path, sampling_rate: int) -> Policies:
    """A forward pass on the features of one wave at a time."""
    from transformers import AutoFeatureExtractor

    run = Forward(model)
    extractor = AutoFeatureExtractor.from_pretrained(folder, local_files_only=True, trust_remote_code=False)

    def stacked(batch: np.ndarray) -> np.ndarray:
        features = extractor(batch[0], sampling_rate=sampling_rate, return_tensors="np")
        inputs = {key: run.put(value) for key, value in features.items()}
        return run(lambda: model(**inputs))

    return Policies(stacked)
