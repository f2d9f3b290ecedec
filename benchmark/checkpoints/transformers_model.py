"""A transformers model on waves: normalised one by one, in exact batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ser_audit.benchmark.checkpoint import CheckpointInfo, Padding
from ser_audit.benchmark.errors import InputError

from .audio import AudioCheckpoint, prove_and_build
from .batching import Listed, pad
from .folder import preprocessor, takes_waves, weight_files
from .loading import load
from .macs import count_macs
from .masked_norm import find_first_block


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
    model = model.to(device).eval()
    extractor = preprocessor(folder)
    if takes_waves(extractor):
        stacked, padded = _on_waves(model, extractor.get("do_normalize", True))
    else:
        stacked, padded = _through_extractor(model, folder, info.sampling_rate), {}

    def macs(samples: int) -> int:
        return count_macs(lambda: stacked(np.zeros((1, samples), dtype=np.float32)))

    extra = [folder / n for n in ("config.json", "preprocessor_config.json", "processor_config.json")]
    return prove_and_build(
        format=format_name,
        name=name,
        source=folder.name,
        files=[*(file for file in extra if file.is_file()), *weight_files(folder)],
        info=info,
        device=device,
        weights=f"all {tensors} tensors loaded",
        stacked=torch.inference_mode()(stacked),
        padded={policy: torch.inference_mode()(run) for policy, run in padded.items()},
        stackable=takes_waves(extractor),
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        macs=macs,
    )


def _on_waves(
    model: torch.nn.Module, normalise: bool
) -> tuple[Callable[[np.ndarray], np.ndarray], dict[Padding, Listed]]:
    """Forward passes on waves: without padding, and with the policies that may be exact."""
    device = next(model.parameters()).device
    norm = getattr(model.config, "feat_extract_norm", None)
    first = find_first_block(model) if norm == "group" else None

    def forward(batch: np.ndarray, **inputs: torch.Tensor) -> np.ndarray:
        return logits(model(torch.from_numpy(batch).to(device), **inputs))

    def stacked(batch: np.ndarray) -> np.ndarray:
        return forward(np.stack([zero_mean_unit_variance(w) for w in batch]) if normalise else batch)

    def masked(waves: Sequence[np.ndarray]) -> np.ndarray:
        batch, sizes = pad([zero_mean_unit_variance(w) for w in waves] if normalise else waves)
        if len(set(sizes)) == 1:
            return forward(batch)
        lengths = torch.from_numpy(sizes).to(device)
        mask = (torch.arange(batch.shape[1], device=device) < lengths[:, None]).long()
        if first is None:
            return forward(batch, attention_mask=mask)
        with first.valid(lengths):
            return forward(batch, attention_mask=mask)

    if first is not None:
        return stacked, {"masked group norm": masked}
    return stacked, {"mask": masked} if norm == "layer" else {}


def _through_extractor(
    model: torch.nn.Module, folder: Path, sampling_rate: int
) -> Callable[[np.ndarray], np.ndarray]:
    """A forward pass on the features of one wave at a time."""
    from transformers import AutoFeatureExtractor

    device = next(model.parameters()).device
    extractor = AutoFeatureExtractor.from_pretrained(folder, local_files_only=True, trust_remote_code=False)

    def stacked(batch: np.ndarray) -> np.ndarray:
        inputs = extractor(batch[0], sampling_rate=sampling_rate, return_tensors="pt")
        return logits(model(**{key: value.to(device) for key, value in inputs.items()}))

    return stacked


def logits(output: Any) -> np.ndarray:
    """The raw outputs, float32 (batch, outputs), of what a model returned."""
    return getattr(output, "logits", output).float().cpu().numpy()


def zero_mean_unit_variance(wave: np.ndarray) -> np.ndarray:
    """Normalise one utterance as ``Wav2Vec2FeatureExtractor`` does, before any padding."""
    return (wave - wave.mean()) / np.sqrt(wave.var() + 1e-7)
