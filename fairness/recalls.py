"""Each speaker's UAR as if it had shown all classes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil, sqrt
from typing import ClassVar

import numpy as np
from ser_audit.benchmark.estimand import Rows
from ser_audit.benchmark.metrics import UAR, UNIT
from ser_audit.benchmark.planning import MOST, NORMAL, POWER

from .sampling import of_recalls


@dataclass(frozen=True, eq=False)
class Recalls:
    r"""UAR of each speaker, adjusted for the classes that it shows; arrays are (speakers,).

    Some classes are hard for everybody, and a speaker may show these alone. With the recall :math:`r_{sc}` of
    speaker s in class c and that of all rows, :math:`R_c`, the value is

    .. math:: \frac1K \sum_c R_c + \frac1{K_s} \sum_{c \text{ shown}} (r_{sc} - R_c)

    clipped to [0, 1]: how far the speaker lies from the others in the :math:`K_s` classes that it shows, at
    the UAR of all. It is the speaker's UAR where it shows all. :math:`R_c` is the yardstick, taken as known.
    """

    range: ClassVar[tuple[float, float]] = UNIT
    sums: np.ndarray  # float64 (speakers, 2 classes), rows and hits of each class

    @classmethod
    def of(cls, metric: UAR, rows: Rows) -> Recalls:
        """Adjust the UAR of each speaker in ``rows``."""
        truth, hits = np.split(rows.sums(metric), 2, axis=-1)
        occurs = truth.any(axis=0)
        return cls(np.concatenate([truth[:, occurs], hits[:, occurs]], axis=-1))

    @cached_property
    def n(self) -> np.ndarray:
        """Rows of each speaker: int64."""
        return self._truth.sum(axis=1).astype(np.int64)

    @property
    def _truth(self) -> np.ndarray:
        return np.split(self.sums, 2, axis=-1)[0]

    @cached_property
    def _raw(self) -> np.ndarray:
        """Values before they are clipped; NaN without rows."""
        pooled, shown, recalls = self._pooled, self._truth > 0, self._recalls
        away = np.where(shown, recalls - pooled, 0).sum(axis=1) / np.maximum(shown.sum(axis=1), 1)
        return np.where(self.n > 0, pooled.sum() / max(len(pooled), 1) + away, np.nan)

    @property
    def _pooled(self) -> np.ndarray:
        """R_c: float64 (classes,)."""
        truth, hits = np.split(self.sums.sum(axis=0), 2)
        return hits / truth

    @property
    def _recalls(self) -> np.ndarray:
        """r_sc: float64 (speakers, classes), 0 where not shown."""
        truth, hits = np.split(self.sums, 2, axis=-1)
        return hits / np.maximum(truth, 1)

    @property
    def values(self) -> np.ndarray:
        """The adjusted UAR: float64; NaN without rows."""
        return np.clip(self._raw, 0, 1)

    @property
    def errors(self) -> np.ndarray:
        """Standard errors from rows within the speaker: float64."""
        return np.sqrt(of_recalls(self.sums))

    def bounds(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """One-sided bounds of a mean of recalls, from the exact bounds of each.

        The distances of each recall from its Clopper–Pearson bound are added as squares (MOVER; Zou & Donner
        2008), so a recall of 0 or 1 has a bound of its own. Simulated at a level of .0005 with 1 to 4 classes
        of 5 to 50 rows: the upper bound is missed no more often than asked where the UAR is at most .4;
        where all recalls are .7, 5 times as often with 12 rows of each class, twice with 25 and more.
        """
        truth, hits = np.split(self.sums, 2, axis=-1)
        up, down = _distance(truth, hits, level), _distance(truth, truth - hits, level)
        return np.clip(self._raw - down, 0, 1), np.clip(self._raw + up, 0, 1)

    def enough(self, limit: float, level: float) -> int | None:
        r"""Rows from which predictions unrelated to truth are found below ``limit`` with 80 % power.

        Unrelated predictions have recalls of 1/K on average. With the shares :math:`p_c` of classes in all
        rows, the variance of a UAR of n rows is :math:`s^2 / n` with
        :math:`s^2 = (1/K) (1 - 1/K) \sum_c 1 / (K^2 p_c)`, and the upper bound lies a distance d(n) above it,
        that of :meth:`bounds` with :math:`n p_c` rows of each class. n solves

        .. math:: 1/K + d(n) + z_{.8} s / \sqrt n = limit

        which with normal bounds would be :math:`((z_{1 - level} + z_{.8}) s / (limit - 1/K))^2`; exact ones
        need more where classes have few rows. At least K.
        """
        from scipy.optimize import brentq

        totals = self._truth.sum(axis=0)
        chance = 1 / max(len(totals), 1)
        if limit <= chance or limit >= 1:
            return None
        shares = totals / totals.sum()
        variance = chance * (1 - chance) * float(np.sum(1 / shares)) / len(totals) ** 2

        def above(n: float) -> float:
            distance = float(_distance(n * shares[None], n * shares[None] * chance, level)[0])
            return chance + distance + NORMAL.inv_cdf(POWER) * sqrt(variance / n) - limit

        least = len(totals)
        if above(MOST) > 0:
            return None
        return ceil(brentq(above, least, MOST)) if above(least) > 0 else least


def _distance(truth: np.ndarray, hits: np.ndarray, level: float) -> np.ndarray:
    """How far above a mean of recalls its upper bound lies; of misses in place of hits, the lower one below.

    Args:
        truth: float64 (…, classes), rows of each class; 0 where it is not shown.
        hits: float64 (…, classes).
        level: of the bound, one-sided.

    Returns:
        float64 (…,).
    """
    from scipy.special import betaincinv

    shown = truth > 0
    open_ = shown & (hits < truth)
    upper = np.where(open_, betaincinv(hits + 1, np.where(open_, truth - hits, 1), 1 - level), 1)
    away = np.where(shown, upper - hits / np.where(shown, truth, 1), 0)
    return np.sqrt((away**2).sum(axis=-1)) / np.maximum(shown.sum(axis=-1), 1)
