"""Shifts: are groups given other values, or other classes, where the truth is the same?

The mean prediction of a dimension at equal emotions, where the corpus tells them, else at equal truth; the
share of predictions per class or bin at equal truth.
"""

from __future__ import annotations

from collections.abc import Iterator

from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.question import Question
from ser_audit.benchmark.scored import EMOTION

from .by_class import Kind, asked, compared, kinds
from .groups import Groups


def shifts(groups: Groups, policy: Policy) -> Iterator[Question]:
    """Ask for the gaps of every pair in the mean and in the share of every class that is predicted."""
    for first, second in groups.pairs:
        if groups.output != EMOTION and asked(groups, "mean", policy):
            yield compared(groups, Kind("mean"), "SER409", first, second, policy)
        for kind in kinds(groups, "share") if asked(groups, "share", policy) else ():
            if groups.tally.joint[:, :, kind.label].any():
                yield compared(groups, kind, "SER409", first, second, policy)
