"""Whether class scores mean what they say as probabilities: ECE and the Brier score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .metric import UNIT, counted, mean, ratio

BINS = 15  # of confidence, as in Guo et al.


@dataclass(frozen=True)
class ECE:
    r"""Expected calibration error of the most probable class, in [0, 1].

    .. math:: \sum_b |\text{hits}_b - \text{confidence}_b| / n

    over 15 equal bins b of confidence, each with its upper edge (Guo et al. 2017, "On calibration of modern
    neural networks", eq. 3). Undefined without rows. It is never below 0, so few rows give
    a well calibrated model an error too (see :func:`sampling_floor`).
    """

    name: ClassVar[str] = "ECE"
    range: ClassVar[tuple[float, float]] = UNIT
    chance: ClassVar[float | None] = None

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 1 + bins), a one, and hit − confidence in its bin.

        Args:
            truth: int64 (n,), index of the true class.
            prediction: float64 (n, classes), probabilities.
        """
        confidence, hit = _top(truth, prediction)
        within = _bin(confidence)[:, None] == np.arange(BINS)
        return np.concatenate([np.ones((len(hit), 1)), within * (hit - confidence)[:, None]], axis=-1)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 1 + bins) -> (…)."""
        gaps, n = sums[..., 1:], sums[..., 0]
        return ratio((gaps * np.sign(gaps.real)).sum(axis=-1), n, n.real > 0)


@dataclass(frozen=True)
class Brier:
    r"""Brier score over all classes, in [0, 2]: the mean squared distance of probabilities from the truth.

    .. math:: \sum_i \sum_k (p_{ik} - [y_i = k])^2 / n

    (Brier 1950, eq. 2; equals ``sklearn.metrics.brier_score_loss(..., scale_by_half=False)``). Undefined
    without rows.
    """

    name: ClassVar[str] = "Brier"
    range: ClassVar[tuple[float, float]] = (0.0, 2.0)
    chance: ClassVar[float | None] = None

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 2), a one and the squared distance.

        Args:
            truth: int64 (n,), index of the true class.
            prediction: float64 (n, classes), probabilities.
        """
        true = np.asarray(truth)[:, None] == np.arange(np.shape(prediction)[1])
        return counted(((np.asarray(prediction, dtype=float) - true) ** 2).sum(axis=1))

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 2) -> (…)."""
        return mean(sums)


def sampling_floor(truth: np.ndarray, prediction: np.ndarray) -> float:
    """The ECE that these confidences would have on average, were each the true probability of a hit.

    The mean absolute value of a normal variable with the bin's binomial variance, for independent rows.
    """
    confidence, _ = _top(truth, prediction)
    variance = np.bincount(_bin(confidence), weights=confidence * (1 - confidence), minlength=BINS)
    return float(np.sqrt(2 / np.pi * np.maximum(variance, 0)).sum() / max(len(confidence), 1))


def _top(truth: np.ndarray, prediction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probability of the most probable class, and whether it is the true one: float64 (n,) each."""
    probabilities = np.asarray(prediction, dtype=float)
    return probabilities.max(axis=1), (probabilities.argmax(axis=1) == np.asarray(truth)).astype(float)


def _bin(confidence: np.ndarray) -> np.ndarray:
    """Bin of each confidence, its upper edge included: int64 (n,)."""
    return np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], confidence, side="left")
