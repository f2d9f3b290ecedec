"""Each speaker's CCC at the truth of all speakers: what it would be had everybody said the same."""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, ceil, sqrt
from typing import ClassVar

import numpy as np
from ser_audit.benchmark.estimand import Rows
from ser_audit.benchmark.metrics import CCC
from ser_audit.benchmark.planning import NORMAL, POWER
from ser_audit.benchmark.resampling import ZERO

LEAST = 4  # rows of a speaker from which a line and its error can be drawn


@dataclass(frozen=True, eq=False)
class Concordance:
    r"""CCC of each speaker after its truth is replaced by that of all rows; arrays are (speakers,).

    A speaker's own CCC falls with the spread of its truth, which is nobody's fault. What belongs to the
    speaker is the line of its predictions on truth, :math:`x = a + b y + e`, and the residual variance v.
    With the mean M and the variance V of the truth of all rows, its predictions would have the mean
    :math:`a + b M`, the variance :math:`b^2 V + v` and the covariance :math:`b V` with truth. So Lin's
    coefficient, :math:`2 s_{xy} / (s_x^2 + s_y^2 + (\bar x - \bar y)^2)`, is

    .. math:: 2 b V / (V + b^2 V + v + d^2), \quad d = a + b M - M

    M and V are the yardstick, the same for all, and taken as known.
    """

    range: ClassVar[tuple[float, float]] = CCC.range
    n: np.ndarray  # int64, rows
    values: (
        np.ndarray
    )  # float64; NaN below four rows, or where a line cannot be drawn without one of the rows
    errors: np.ndarray  # float64, standard errors from rows within the speaker
    mean: float  # M
    variance: float  # V
    unrelated: float  # variance of predictions within speakers

    @classmethod
    def of(cls, rows: Rows) -> Concordance:
        """Standardise the CCC of each speaker in ``rows``.

        The error is that of the row's influences on b, d and v (delta method). Those on b and d use residuals
        of the line drawn without the row (HC3; MacKinnon & White 1985), as plain ones are too small.
        """
        y, x = rows.truth[rows.chosen], rows.prediction[rows.chosen]
        owners = rows.speakers[rows.chosen]
        n = np.bincount(owners, minlength=rows.count)
        mean, variance = (float(y.mean()), float(y.var())) if len(y) else (0.0, 0.0)
        y = y - mean
        x = x - mean
        safe = np.maximum(n, 1)

        def means(column: np.ndarray) -> np.ndarray:
            return np.bincount(owners, weights=column, minlength=rows.count) / safe

        of_y, of_x = means(y), means(x)
        cy, cx = y - of_y[owners], x - of_x[owners]
        vy, vx = means(cy * cy), means(cx * cx)
        varies = (n >= LEAST) & (vy > ZERO * variance) & (variance > 0)
        vy = np.where(varies, vy, 1.0)
        b = means(cy * cx) / vy
        d = of_x - b * of_y  # of predictions about M, at M
        e = cx - b[owners] * cy
        v = means(e * e)

        total = np.where(varies, variance + b * b * variance + v + d * d, 1.0)
        values = 2 * b * variance / total
        along_b = 2 * variance * (1 - values * b) / total
        along_d, along_v = -2 * values * d / total, -values / total

        left = 1 - 1 / safe[owners] - cy * cy / (safe * vy)[owners]  # 1 − leverage
        alone = left < ZERO  # without this row the others' truth is constant
        out = e / np.where(alone, 1.0, left)
        on_b = cy * out / vy[owners]
        influences = along_b[owners] * on_b + along_d[owners] * (out - of_y[owners] * on_b)
        influences += along_v[owners] * (e * e - v[owners])
        known = varies & (np.bincount(owners[alone], minlength=rows.count) == 0)
        errors = np.sqrt(means(influences**2) / np.maximum(n - 2, 1))
        return cls(
            n,
            np.where(known, values, np.nan),
            np.where(known, errors, np.nan),
            mean,
            variance,
            float(n @ vx / max(n.sum(), 1)),
        )

    def bounds(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """One-sided bounds of Fisher's z with t quantiles of n − 2 degrees of freedom.

        Simulated at a level of .01/60, values of .1 to .8, normal, uniform and discrete truth, normal,
        skewed and heavy-tailed residuals: the upper one is missed at most 3 times as often as asked at 50
        rows, 2 times at 100 and 1.2 times at 200; 8, 4 and 4 times where residuals grow with the distance of
        truth from its mean. Without z and HC3 it is 6 times at 50 rows already for normal ones.

        A speaker without any error, such as one whose predictions are constant, is held for certain only as
        far as n rows allow: a share 1 − level^(1/n) of others may have gone unseen, and be anything.
        """
        from scipy.special import stdtrit

        certain = self.errors <= ZERO
        inner = np.clip(self.values, ZERO - 1, 1 - ZERO)
        reach = -stdtrit(np.maximum(self.n - 2, 1), level) * self.errors / (1 - inner**2)
        unseen = np.where(certain, 1 - level ** (1 / np.maximum(self.n, 1)), 0.0)
        low, high = np.tanh(np.arctanh(inner) - reach), np.tanh(np.arctanh(inner) + reach)
        return (1 - unseen) * low - unseen, (1 - unseen) * high + unseen

    def enough(self, limit: float, level: float) -> int | None:
        r"""Rows from which predictions unrelated to truth are found below ``limit`` with 80 % power.

        Unrelated predictions of variance v and without bias have CCC 0 and b = 0 with the error
        :math:`\sqrt{v / (n V)}`, so the CCC has the error :math:`c / \sqrt n` with
        :math:`c = 2 \sqrt{V v} / (V + v)`. With normal quantiles z,

        .. math:: n = \left( \frac{(z_{1 - level} + z_{.8}) c}{\mathrm{artanh}(limit)} \right)^2
            + z_{1 - level}^2 / 2 + 6

        The second term makes up for t quantiles (Guenther 1981), the 6 for the error: HC3 divides by about
        n − 4 in place of n, and :meth:`of` by n − 2.
        """
        if not 0 < limit < 1:
            return None
        both = self.variance + self.unrelated
        c = 2 * sqrt(self.variance * self.unrelated) / both if both > 0 else 0.0
        z = NORMAL.inv_cdf(1 - level)
        return ceil(((z + NORMAL.inv_cdf(POWER)) * c / atanh(limit)) ** 2 + z * z / 2 + 6)
