"""How far the predictions' distribution lies from the truth's, whichever utterances they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .metric import UNIT

BINS = 10  # on [0, 1]: one is as wide as a good rater's error; more would be empty at a few hundred rows


@dataclass(frozen=True)
class JSD:
    r"""Jensen–Shannon distance to base 2 between histograms of truth and prediction, in [0, 1].

    .. math:: \sqrt{(D(p \| m) + D(q \| m)) / 2}, \quad m = (p + q) / 2

    (the root of the divergence of Lin 1991, a metric by Endres & Schindelin 2003; equals
    ``scipy.spatial.distance.jensenshannon(p, q, base=2)``). Classes are counted over ``labels``, with one
    more bin for any other; dimensions (``labels`` None) over ten equal bins on [0, 1], each with its lower
    edge, the last with both; values beyond lie in the outer ones. Undefined without rows.

    A distance is never below 0, so two samples of one distribution lie some way apart: about
    sqrt((k − 1) / (4 n ln 2)) for n independent rows over k bins (see :func:`sampling_floor`).
    """

    labels: tuple | None = None
    name: ClassVar[str] = "JSD"
    range: ClassVar[tuple[float, float]] = UNIT
    chance: ClassVar[float | None] = None

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 2 k), the bins of truth and of prediction."""
        return np.concatenate([self._bins(truth), self._bins(prediction)], axis=-1)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 2 k) -> (…)."""
        counts = np.stack(np.split(sums, 2, axis=-1))  # (2, …, k)
        totals = counts.sum(axis=-1, keepdims=True)
        defined = np.all(totals.real > 0, axis=(0, -1))
        shares = counts / np.where(totals.real > 0, totals, 1)
        middle = shares.sum(axis=0) / 2
        filled = shares.real > 0  # an empty bin adds nothing, nor does its derivative
        logs = np.log2(np.where(filled, shares, 1) / np.where(filled, middle, 1))
        divergence = (shares * logs).sum(axis=(0, -1)) / 2
        apart = divergence.real > 0
        return np.where(defined, np.sqrt(np.where(apart, divergence, 0)), np.nan)

    def _bins(self, values: np.ndarray) -> np.ndarray:
        """Which bin each value lies in: float64 (n, k), one 1 per row."""
        if self.labels is None:
            inner = np.linspace(0, 1, BINS + 1)[1:-1]
            place = np.searchsorted(inner, np.asarray(values, dtype=float), side="right")
            return (place[:, None] == np.arange(BINS)).astype(float)
        named = np.asarray(values)[:, None] == np.asarray(self.labels)
        return np.concatenate([named, ~named.any(axis=1, keepdims=True)], axis=-1).astype(float)


def sampling_floor(sums: np.ndarray) -> float:
    """The JSD that two independent samples of one distribution would have: about, and of this size.

    4 n times the divergence, to base e, of two samples of n rows is about χ² with k − 1 degrees of freedom.

    Args:
        sums: float64 (2 k,), summed statistics of :class:`JSD`.
    """
    truth, prediction = np.split(sums, 2)
    filled = np.count_nonzero(truth + prediction)
    return float(np.sqrt((filled - 1) / (4 * truth.sum() * np.log(2)))) if filled else 0.0
