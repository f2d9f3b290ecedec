"""Metrics as additive statistics: sum the rows, then finish.

Every metric is a function of sums over rows, so a group, a condition, a bootstrap draw and a shard
are the same operation: add the statistics, then ``finish``. ``finish`` is vectorised over leading
axes and takes complex input, which makes its gradient exact by a complex step (see ``estimand``).
An undefined value is NaN here; it becomes null with a reason in a finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np

Direction = Literal["higher", "lower"]
UNIT = (0.0, 1.0)


class Metric(Protocol):
    """A metric as additive statistics per row and a function of their sums."""

    name: ClassVar[str]
    better: ClassVar[Direction]
    range: ClassVar[tuple[float, float]]

    @property
    def chance(self) -> float | None:
        """Value of a rater that ignores the speech; None where it depends on the truth."""
        ...

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: (n,), (n,) -> float64 (n, k)."""
        ...

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics: float64 or complex128 (…, k) -> (…); NaN where undefined."""
        ...


def offset(values: np.ndarray) -> float:
    """Choose a fixed point near the mean of ``values``, about which sums of squares lose no precision.

    Rounded, so that it does not depend on the order of rows. Raw moments miss a correlation by 2e-8
    where the standard deviation is 1e-4.
    """
    return round(float(np.mean(values)), 6) if len(values) else 0.0


def _moments(truth: np.ndarray, prediction: np.ndarray, offsets: tuple[float, float]) -> np.ndarray:
    """Count and first and second moments about ``offsets``: float64 (n, 6)."""
    y = np.asarray(truth, dtype=float) - offsets[0]
    x = np.asarray(prediction, dtype=float) - offsets[1]
    return np.stack([np.ones_like(x), y, x, y * y, x * x, y * x], axis=-1)


def _scatter(sums: np.ndarray) -> tuple[np.ndarray, ...]:
    """Count, sums and centred second moments (n, sy, sx, cyy, cxx, cxy); a constant column has exactly 0."""
    n, sy, sx, syy, sxx, sxy = np.moveaxis(sums, -1, 0)
    safe = np.where(n.real > 0, n, 1)
    cyy, cxx = syy - sy * sy / safe, sxx - sx * sx / safe
    # what rounding leaves of a constant is no variance
    cyy = np.where(cyy.real <= 1e-12 * syy.real, 0, cyy)
    cxx = np.where(cxx.real <= 1e-12 * sxx.real, 0, cxx)
    constant = (cyy.real == 0) | (cxx.real == 0)
    return n, sy, sx, cyy, cxx, np.where(constant, 0, sxy - sx * sy / safe)


def _ratio(numerator: np.ndarray, denominator: np.ndarray, defined: np.ndarray) -> np.ndarray:
    """``numerator / denominator`` where ``defined``, else NaN."""
    return np.where(defined, numerator / np.where(defined, denominator, 1), np.nan)


@dataclass(frozen=True)
class CCC:
    r"""Concordance correlation coefficient, in [-1, 1].

    .. math:: 2 s_{xy} / (s_x^2 + s_y^2 + (\bar x - \bar y)^2)

    with population moments (Lin 1989, eq. 3; equals ``audmetric.concordance_cc``). Undefined for
    fewer than two rows, and where truth and prediction are one and the same constant.
    """

    truth_offset: float = 0.0
    prediction_offset: float = 0.0
    name: ClassVar[str] = "CCC"
    better: ClassVar[Direction] = "higher"
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    chance: ClassVar[float | None] = 0.0

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 6)."""
        return _moments(truth, prediction, (self.truth_offset, self.prediction_offset))

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 6) -> (…)."""
        n, sy, sx, cyy, cxx, cxy = _scatter(sums)
        safe = np.where(n.real > 0, n, 1)
        difference = (sx - sy) / safe + (self.prediction_offset - self.truth_offset)
        denominator = cxx + cyy + n * difference * difference
        return _ratio(2 * cxy, denominator, (n.real >= 2) & (denominator.real > 0))


@dataclass(frozen=True)
class PCC:
    """Pearson's correlation coefficient, in [-1, 1]; equals ``audmetric.pearson_cc``.

    Undefined for fewer than two rows, and where truth or prediction is constant.
    """

    truth_offset: float = 0.0
    prediction_offset: float = 0.0
    name: ClassVar[str] = "PCC"
    better: ClassVar[Direction] = "higher"
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    chance: ClassVar[float | None] = 0.0

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 6)."""
        return _moments(truth, prediction, (self.truth_offset, self.prediction_offset))

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 6) -> (…)."""
        n, _, _, cyy, cxx, cxy = _scatter(sums)
        defined = (n.real >= 2) & (cyy.real > 0) & (cxx.real > 0)
        return _ratio(cxy, np.sqrt(np.where(defined, cyy * cxx, 1)), defined)


@dataclass(frozen=True)
class MAE:
    """Mean absolute error, from 0; equals ``audmetric.mean_absolute_error``. Undefined without rows."""

    name: ClassVar[str] = "MAE"
    better: ClassVar[Direction] = "lower"
    range: ClassVar[tuple[float, float]] = (0.0, float("inf"))
    chance: ClassVar[float | None] = None

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 2), a one and the absolute error."""
        error = np.abs(np.asarray(truth, dtype=float) - np.asarray(prediction, dtype=float))
        return np.stack([np.ones_like(error), error], axis=-1)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 2) -> (…)."""
        return _ratio(sums[..., 1], sums[..., 0], sums[..., 0].real > 0)


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
    better: ClassVar[Direction] = "higher"
    range: ClassVar[tuple[float, float]] = UNIT

    @property
    def chance(self) -> float:
        """1/K: any rater that ignores the speech has it, whatever its class shares."""
        return 1 / len(self.labels)

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 2 K), truth and hits per label."""
        return np.concatenate(_indicators(self.labels, truth, prediction)[:2], axis=-1)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 2 K) -> (…)."""
        truth, hits = np.split(sums, 2, axis=-1)
        return _mean_of_present(hits, truth, truth)


@dataclass(frozen=True)
class F1:
    """Macro F1: the mean over ``labels`` of 2 hits / (truths + predictions), in [0, 1].

    A prediction outside ``labels`` is wrong, and a label that no row has as truth is left out of the
    mean, as in :class:`UAR`; equals ``audmetric.unweighted_average_fscore`` where all labels occur and
    every prediction is one of them.
    """

    labels: tuple
    name: ClassVar[str] = "macro F1"
    better: ClassVar[Direction] = "higher"
    range: ClassVar[tuple[float, float]] = UNIT
    chance: ClassVar[float | None] = None

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 3 K), truth, hits and predictions per label."""
        return np.concatenate(_indicators(self.labels, truth, prediction), axis=-1)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 3 K) -> (…)."""
        truth, hits, predictions = np.split(sums, 3, axis=-1)
        return _mean_of_present(2 * hits, truth + predictions, truth)


@dataclass(frozen=True)
class PUP:
    """Share of unchanged predictions, in [0, 1]: clean against perturbed (ser-tests).

    For dimensions a prediction is unchanged where the two differ by less than ``tolerance``;
    for classes (``tolerance`` None) where both are the same label. Undefined without rows.
    """

    tolerance: float | None = 0.05
    name: ClassVar[str] = "PUP"
    better: ClassVar[Direction] = "higher"
    range: ClassVar[tuple[float, float]] = UNIT
    chance: ClassVar[float | None] = None

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row, ``truth`` being the clean predictions: float64 (n, 2)."""
        if self.tolerance is None:
            same = np.asarray(truth) == np.asarray(prediction)
        else:
            change = np.asarray(prediction, dtype=float) - np.asarray(truth, dtype=float)
            same = np.abs(change) < self.tolerance
        return np.stack([np.ones(len(same)), same.astype(float)], axis=-1)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 2) -> (…)."""
        return _ratio(sums[..., 1], sums[..., 0], sums[..., 0].real > 0)


def _indicators(labels: Sequence, truth: np.ndarray, prediction: np.ndarray) -> tuple[np.ndarray, ...]:
    """Truth, hits and predictions per label: float64 (n, K) each."""
    names = np.asarray(labels)
    true = np.asarray(truth)[:, None] == names
    predicted = np.asarray(prediction)[:, None] == names
    return true.astype(float), (true & predicted).astype(float), predicted.astype(float)


def _mean_of_present(numerator: np.ndarray, denominator: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Mean over the last axis of the ratios of those labels that have truth; NaN where none has."""
    present = truth.real > 0
    ratios = np.where(present, numerator / np.where(present, denominator, 1), 0)
    count = present.sum(axis=-1)
    return _ratio(ratios.sum(axis=-1), count, count > 0)
