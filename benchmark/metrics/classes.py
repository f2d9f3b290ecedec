"""How classes are recognised: UAR, precision and F1, each the mean over labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .metric import UNIT, ratio


@dataclass(frozen=True)
class UAR:
    """Unweighted average recall over ``labels``, in [0, 1].

    A prediction outside ``labels`` is wrong. A label that no row has as truth is left out of the mean:
    it equals ``numpy.nanmean`` over ``labels`` of ``audmetric.recall_per_class(truth, prediction,
    labels=<all outputs>, zero_division=nan)``, and ``audmetric.unweighted_average_recall`` itself where
    all labels occur. (audmetric's default counts an absent label as recall 0, and with ``labels=`` it
    drops rows whose prediction lies outside them.) Undefined where no label occurs.
    """

    labels: tuple
    name: ClassVar[str] = "UAR"
    range: ClassVar[tuple[float, float]] = UNIT

    @property
    def chance(self) -> float:
        """1/K: any rater that ignores the speech has it, whatever its class shares."""
        return 1 / len(self.labels)

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 2 K), truth and hits per label."""
        true, hits, _ = _indicators(self.labels, truth, prediction)
        return np.concatenate([true, hits], axis=-1)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 2 K) -> (…)."""
        truth, hits = np.split(sums, 2, axis=-1)
        return _mean_of_present(hits, truth, truth)

    def linear(self, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Value and its derivative by each sum: float64 (…, 2 K) -> (…) and (…, 2 K)."""
        truth, hits = np.split(sums, 2, axis=-1)
        present = truth > 0
        safe = np.where(present, truth, 1)
        count = present.sum(axis=-1, keepdims=True)
        weight = present / safe / np.where(count > 0, count, np.nan)
        value = (weight * hits).sum(axis=-1)
        return value, np.concatenate([-weight * hits / safe, weight], axis=-1)


@dataclass(frozen=True)
class Precision:
    """Unweighted average precision (UAP) over ``labels``, in [0, 1]; of one label, its precision.

    The mean of hits / predictions. A label that was never predicted has no precision and is left out: it
    equals ``numpy.nanmean`` over ``labels`` of ``audmetric.precision_per_class(truth, prediction,
    labels=<all outputs>, zero_division=nan)``, and ``audmetric.unweighted_average_precision`` itself where
    all labels were predicted. (That one's default counts a label never predicted as precision 0; here the
    label's recall of 0 says so.) Undefined where no label was predicted.
    """

    labels: tuple
    name: ClassVar[str] = "UAP"
    range: ClassVar[tuple[float, float]] = UNIT
    chance: ClassVar[float | None] = None

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 2 K), hits and predictions per label."""
        _, hits, predictions = _indicators(self.labels, truth, prediction)
        return np.concatenate([hits, predictions], axis=-1)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 2 K) -> (…)."""
        hits, predictions = np.split(sums, 2, axis=-1)
        return _mean_of_present(hits, predictions, predictions)


@dataclass(frozen=True)
class F1:
    """Macro F1: the mean over ``labels`` of 2 hits / (truths + predictions), in [0, 1].

    A prediction outside ``labels`` is wrong, and a label that no row has as truth is left out of the
    mean, as in :class:`UAR`; equals ``audmetric.unweighted_average_fscore`` where all labels occur and
    every prediction is one of them.
    """

    labels: tuple
    name: ClassVar[str] = "macro F1"
    range: ClassVar[tuple[float, float]] = UNIT
    chance: ClassVar[float | None] = None

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 3 K), truth, hits and predictions per label."""
        return np.concatenate(_indicators(self.labels, truth, prediction), axis=-1)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 3 K) -> (…)."""
        truth, hits, predictions = np.split(sums, 3, axis=-1)
        return _mean_of_present(2 * hits, truth + predictions, truth)


def _indicators(labels: Sequence, truth: np.ndarray, prediction: np.ndarray) -> tuple[np.ndarray, ...]:
    """Truth, hits and predictions per label: float64 (n, K) each."""
    names = np.asarray(labels)
    true = np.asarray(truth)[:, None] == names
    predicted = np.asarray(prediction)[:, None] == names
    return true.astype(float), (true & predicted).astype(float), predicted.astype(float)


def _mean_of_present(numerator: np.ndarray, denominator: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean over the last axis of the ratios of those labels that have ``counts``; NaN where none has."""
    present = counts.real > 0
    ratios = np.where(present, numerator / np.where(present, denominator, 1), 0)
    count = present.sum(axis=-1)
    return ratio(ratios.sum(axis=-1), count, count > 0)
