"""Groups of speakers: who belongs to which, and the metric of each group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from ser_audit.benchmark.metrics import UAR, Metric
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.scored import EMOTION, Scored


@dataclass(frozen=True)
class Groups:
    """The groups of one column in one cohort, on the clean rows of one output."""

    scored: Scored
    column: str
    output: str
    labels: np.ndarray  # object (utterances,), None where unknown or where the row is not scored

    @classmethod
    def of(cls, scored: Scored, column: str, output: str) -> Groups:
        """Group the clean rows that have truth for ``output`` by ``group.<column>``."""
        labels = scored.group(column)
        labels[~(scored.ok(CLEAN) & scored.known(output))] = None
        return cls(scored, column, output, labels)

    @property
    def values(self) -> tuple[str, ...]:
        """The groups that have rows, sorted."""
        return tuple(sorted({label for label in self.labels if label is not None}))

    @property
    def pairs(self) -> Iterator[tuple[str, str]]:
        """Pairs of groups in alphabetical order: female before male."""
        return combinations(self.values, 2)

    def rows(self, value: str) -> np.ndarray:
        """Rows of a group: bool (utterances,)."""
        return self.labels == value

    def metric(self, *values: str) -> Metric:
        """The main metric for these groups: UAR over the classes that all of them show."""
        rows = np.isin(self.labels, values)
        metric = self.scored.main(self.output, rows)
        if not isinstance(metric, UAR):
            return metric
        truth = self.scored.truth(EMOTION)
        shown = [set(truth[self.rows(value)].tolist()) for value in values]
        return replace(metric, labels=tuple(c for c in metric.labels if all(c in one for one in shown)))

    def sums(self, metric: Metric, value: str) -> np.ndarray:
        """Sum a metric over a group's rows of each speaker: float64 (speakers, k)."""
        scored = self.scored
        truth, predicted = scored.truth(self.output), scored.predicted(self.output, CLEAN)
        return scored.sums(metric, truth, predicted, self.counted(metric, value))

    def counted(self, metric: Metric, value: str) -> np.ndarray:
        """Rows of a group that the metric counts: bool (utterances,)."""
        rows = self.rows(value)
        return (
            rows & np.isin(self.scored.truth(self.output), metric.labels) if isinstance(metric, UAR) else rows
        )


def strata(scored: Scored, column: str) -> np.ndarray:
    """Find the stratum of each speaker, its group: int64 (speakers,).

    One stratum for all where a speaker has rows in two groups, as with bilingual speakers.
    """
    labels = scored.group(column)
    found = np.zeros(len(scored.cohort.speakers), dtype=np.int64)
    for number, value in enumerate(sorted({label for label in labels if label is not None}), start=1):
        members = np.unique(scored.speakers[labels == value])
        if found[members].any():
            return np.zeros_like(found)
        found[members] = number
    return found
