"""The error of one checkpoint relative to that of another: a mean of ratios, linearised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .estimand import WeightedSum


@dataclass(frozen=True)
class RelativeError:
    """The mean over families of (1 − metric) / (1 − metric of a baseline), over the same speakers.

    The mean corruption error of Hendrycks & Dietterich (2019, section 4) with 1 − metric as error, and as
    a ratio, not in percent. A ratio of sums is not additive, but its influences are exact by the quotient
    rule, so it is resampled as any other estimand.
    """

    families: tuple[tuple[WeightedSum, WeightedSum], ...]  # (mean metric, that of the baseline) of each

    @property
    def range(self) -> tuple[float, float]:
        """An error is 0 at least; a ratio of errors has no greatest value."""
        return 0.0, float("inf")

    @property
    def shares(self) -> bool:
        """Never: ratios of errors are no shares of rows."""
        return False

    @property
    def present(self) -> np.ndarray:
        """Speakers that have rows: bool (speakers,)."""
        return np.any([mean.present for pair in self.families for mean in pair], axis=0)

    @property
    def value(self) -> float:
        """The point estimate; NaN where undefined, as where the baseline makes no error."""
        return float(np.mean([_ratio(np.array(a.value), np.array(b.value)) for a, b in self.families]))

    @property
    def own(self) -> np.ndarray:
        """Value of each speaker's rows alone: float64 (speakers,); NaN where undefined."""
        return np.mean([_ratio(a.own, b.own) for a, b in self.families], axis=0)

    def draw(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values and influences of speakers under weights; see :class:`~.estimand.Estimand`."""
        values = np.zeros(len(weights))
        influences = np.zeros(weights.shape)
        for mean, baseline in self.families:
            (above, up), (below, down) = mean.draw(weights), baseline.draw(weights)
            ratio = _ratio(above, below)
            rest = np.where(below < 1, 1 - below, np.nan)[:, None]
            values += ratio / len(self.families)
            influences += (ratio[:, None] * down - up) / rest / len(self.families)
        return values, influences

    def within(self) -> None:
        """Not computed: nothing is held against a limit here."""


def _ratio(metric: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """(1 − metric) / (1 − baseline); NaN where the baseline makes no error."""
    errors = baseline < 1
    return np.where(errors, (1 - metric) / np.where(errors, 1 - baseline, 1), np.nan)
