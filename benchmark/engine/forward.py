"""Forward passes of one batch: whatever a stranger's model does, every utterance gets a row."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import numpy as np

from ..checkpoint import Checkpoint
from ..errors import HarnessError
from .journal import Row
from .perturb import Perturbed

Score = np.ndarray | str  # float32 (outputs,); what the model said where it failed


def rows_of(checkpoint: Checkpoint, inputs: Sequence[Perturbed]) -> tuple[list[Row], bool]:
    """Rows of a batch, and whether it had to be halved for want of memory.

    An utterance on which the model fails gets a status, and spoils no other.

    Raises:
        HarnessError: there is no memory for a single utterance.
    """
    scores, halved = _scores(checkpoint, [p.wave for p in inputs if p.wave is not None])
    rows: list[Row] = []
    predicted = iter(scores)
    for given in inputs:
        if given.wave is None:
            rows.append((given.status, given.detail, None, None))
            continue
        score = next(predicted)
        if isinstance(score, str):
            rows.append(("model_failed", score, given.input_hash, None))
        elif not np.isfinite(score).all():
            rows.append(
                ("not_finite", "the checkpoint gave scores that are not finite", given.input_hash, None)
            )
        else:
            rows.append(("ok", None, given.input_hash, [float(s) for s in score]))
    return rows, halved


def _scores(checkpoint: Checkpoint, waves: Sequence[np.ndarray]) -> tuple[list[Score], bool]:
    if not waves:
        return [], False
    try:
        return list(_predict(checkpoint, waves)), False
    except (Exception, SystemExit) as raised:  # whatever a stranger's model raises is a row's status
        full, said = out_of_memory(raised), _said(raised)
        if len(waves) == 1 and full:
            raise HarnessError(
                f"there is no memory for {len(waves[0]) / checkpoint.info.sampling_rate:.1f} s of audio"
                f" through {checkpoint.name}; what is done is kept: give the same command again where there"
                " is more"
            ) from raised
    # The error is forgotten by now: it, and those behind it, would keep the tensors of the failed pass.
    if len(waves) == 1:
        return [said], False
    if not full:
        return [score for wave in waves for score in _scores(checkpoint, [wave])[0]], False
    _give_back()
    half = len(waves) // 2
    return _scores(checkpoint, waves[:half])[0] + _scores(checkpoint, waves[half:])[0], True


def _predict(checkpoint: Checkpoint, waves: Sequence[np.ndarray]) -> np.ndarray:
    scores = checkpoint.predict(waves)
    expected = (len(waves), len(checkpoint.info.outputs))
    if scores.shape != expected:
        raise ValueError(f"the checkpoint gave scores of the shape {scores.shape}, expected {expected}")
    return scores


# As torch (CUDA and CPU), cuBLAS, cuDNN, onnxruntime, numpy and the C++ library say it.
FULL = re.compile(
    r"out of memory|not enough memory|allocate memory|unable to allocate|bad.alloc|alloc_failed|memoryerror"
    r"|smaller than requested bytes",
    re.IGNORECASE,
)


def out_of_memory(error: BaseException) -> bool:
    """Whether it says that a device, or this process, has no memory left; libraries differ in how."""
    return isinstance(error, MemoryError) or FULL.search(str(error)) is not None


def _give_back() -> None:
    """Return what torch keeps of a GPU's memory for later."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _said(error: BaseException) -> str:
    first = (str(error).splitlines() or [""])[0]
    return re.sub(r"(/[^\s/'\"]+)+/", "", f"{type(error).__name__}: {first}")[:200]  # no path in a table
