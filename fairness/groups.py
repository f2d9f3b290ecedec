"""Groups of one column on one output: each one's tally, their pairs, and the classes that they share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from ser_audit.benchmark.estimand import Part
from ser_audit.benchmark.finding import Subject
from ser_audit.benchmark.metrics import CCC
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.scored import EMOTION, Scored

from .columns import TIMES, Column
from .tally import Tally

TABLED = 100  # groups; a column of more is no grouping of speakers, but an index
PAIRED = 12  # groups; more of them make too many pairs, and their table and range are measured alone
DETAILED = 4  # groups; of more, and of intersections, classes, means and shares are compared with all only


def detailed(column: Column) -> bool:
    """Whether classes, means and shares are compared in pairs: else there are too many numbers to read."""
    return len(column.values) <= DETAILED and TIMES not in column.name


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups of one column in one cohort, on the clean rows of one output."""

    column: Column
    tally: Tally  # of all rows

    @property
    def scored(self) -> Scored:
        """The cohort."""
        return self.tally.scored

    @property
    def output(self) -> str:
        """A dimension, or "emotion"."""
        return self.tally.output

    @cached_property
    def tallies(self) -> dict[str, Tally]:
        """Each group's rows, of the groups that have any, in the column's order."""
        found = {}
        for code, value in enumerate(self.column.values):
            members = self.column.group == code if self.column.fixed else None
            found[value] = self.tally.part(self.column.codes == code, members)
        return {value: tally for value, tally in found.items() if tally.chosen.any()}

    @cached_property
    def everybody(self) -> Tally:
        """The rows of all groups."""
        members = self.column.group >= 0 if self.column.fixed else None
        return self.tally.part(self.column.codes >= 0, members)

    @property
    def values(self) -> tuple[str, ...]:
        """The groups that have rows."""
        return tuple(self.tallies)

    @property
    def pairs(self) -> Iterator[tuple[str, str]]:
        """Pairs of groups in the column's order: female before male, below 30 before 30 to 49.

        None where there are too many groups.
        """
        return combinations(self.values if len(self.column.values) <= PAIRED else (), 2)

    def shared(self, *values: str) -> tuple[int, ...]:
        """The scored classes that all of some groups show; none of a dimension."""
        if self.output != EMOTION:
            return ()
        shown = [set(self.tallies[value].shown()) for value in values]
        return tuple(c for c in self.scored.classes if all(c in one for one in shown))

    def comparable(self, labels: tuple[int, ...]) -> bool:
        """Whether a main metric can be taken: one recall alone tells nothing."""
        return isinstance(self.tally.main, CCC) or len(labels) > 1

    def level(self, value: str, labels: tuple[int, ...], weight: int = 1) -> Part:
        """Take the main metric of one group: CCC, or UAR over ``labels``."""
        return self.tallies[value].level(labels, weight)

    def subject(self, group: str) -> Subject:
        """Name what a finding on clean speech is about."""
        return self.scored.subject(condition=CLEAN, output=self.output, group=f"{self.column.name}: {group}")
