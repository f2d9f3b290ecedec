"""From the raw numbers of a model to scores: dimensions in units of their range, classes activated."""

from __future__ import annotations

import numpy as np
from ser_audit.benchmark.checkpoint import CheckpointInfo


def to_scores(raw: np.ndarray, info: CheckpointInfo) -> np.ndarray:
    """Map raw outputs to the scores of the predictions table.

    Dimensions become ``(raw − low) / (high − low)`` and are not clipped: a model that leaves its
    range is shown as it is. Classes go through softmax or sigmoid over the class columns, as declared.

    Args:
        raw: float (batch, outputs).
        info: names the columns, their activation and their range.

    Returns:
        float32 (batch, outputs); computed in float64, so that exp does not overflow.

    Raises:
        ValueError: there are more or fewer columns than outputs.
    """
    if raw.ndim != 2 or raw.shape[1] != len(info.outputs):
        raise ValueError(
            f"raw outputs have the shape {raw.shape}, but {len(info.outputs)} outputs are declared"
        )
    scores = np.array(raw, dtype=np.float64)
    kinds = np.array([output.kind for output in info.outputs])
    low, high = info.value_range
    dimensions = np.flatnonzero(kinds == "dimension")
    scores[:, dimensions] = (scores[:, dimensions] - low) / (high - low)
    classes = np.flatnonzero(kinds == "class")
    scores[:, classes] = _activate(scores[:, classes], info.activation)
    return scores.astype(np.float32)


def _activate(raw: np.ndarray, activation: str) -> np.ndarray:
    if raw.shape[1] == 0 or activation == "none":
        return raw
    if activation == "softmax":
        exponentials = np.exp(raw - raw.max(axis=1, keepdims=True))
        return exponentials / exponentials.sum(axis=1, keepdims=True)
    with np.errstate(over="ignore"):  # exp(800) = inf gives the right 0
        return 1 / (1 + np.exp(-raw))
