"""How a dimension agrees with its truth: CCC, PCC and MAE; and its mean alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .metric import counted, mean, ratio


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
        return ratio(2 * cxy, denominator, (n.real >= 2) & (denominator.real > 0))

    def linear(self, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Value and its derivative by each sum: float64 (…, 6) -> (…) and (…, 6)."""
        n, sy, sx, cyy, cxx, cxy = _scatter(sums)
        safe = np.where(n > 0, n, 1)
        my, mx = sy / safe, sx / safe
        apart = mx - my + (self.prediction_offset - self.truth_offset)
        denominator = cxx + cyy + n * apart * apart
        defined = (n >= 2) & (denominator > 0)
        value = ratio(2 * cxy, denominator, defined)
        varies = np.where((cyy > 0) & (cxx > 0), 2.0, 0.0)  # of a constant cxy is 0 whatever its sums
        by = np.stack(
            [
                varies * mx * my - value * (mx * mx + my * my + apart * apart - 2 * apart * (mx - my)),
                -varies * mx + 2 * value * (my + apart),
                -varies * my + 2 * value * (mx - apart),
                -value,
                -value,
                varies,
            ],
            axis=-1,
        )
        return value, by / np.where(defined, denominator, np.nan)[..., None]


@dataclass(frozen=True)
class PCC:
    """Pearson's correlation coefficient, in [-1, 1]; equals ``audmetric.pearson_cc``.

    Undefined for fewer than two rows, and where truth or prediction is constant.
    """

    truth_offset: float = 0.0
    prediction_offset: float = 0.0
    name: ClassVar[str] = "PCC"
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    chance: ClassVar[float | None] = 0.0

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 6)."""
        return _moments(truth, prediction, (self.truth_offset, self.prediction_offset))

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 6) -> (…)."""
        n, _, _, cyy, cxx, cxy = _scatter(sums)
        defined = (n.real >= 2) & (cyy.real > 0) & (cxx.real > 0)
        return ratio(cxy, np.sqrt(np.where(defined, cyy * cxx, 1)), defined)


@dataclass(frozen=True)
class MAE:
    """Mean absolute error, from 0; equals ``audmetric.mean_absolute_error``. Undefined without rows."""

    name: ClassVar[str] = "MAE"
    range: ClassVar[tuple[float, float]] = (0.0, float("inf"))
    chance: ClassVar[float | None] = None

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 2), a one and the absolute error."""
        return counted(np.abs(np.asarray(truth, dtype=float) - np.asarray(prediction, dtype=float)))

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 2) -> (…)."""
        return mean(sums)


@dataclass(frozen=True)
class Mean:
    """Mean of the predictions, whatever the truth; of an indicator it is a share. Undefined without rows."""

    range: tuple[float, float] = (-float("inf"), float("inf"))  # UNIT for a share
    name: ClassVar[str] = "mean"
    chance: ClassVar[float | None] = None

    def rows(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Statistics of each row: float64 (n, 2), a one and the prediction."""
        return counted(prediction)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 2) -> (…)."""
        return mean(sums)
