"""Gaps of recall and precision per class of emotion, or per bin of a dimension, at equal truth.

Bins are ser-tests' four: equal ones on [0, 1], the outer ones open. Recall compares rows whose truth lies in
the bin, over finer bins of truth; precision those predicted in it, where both groups have the same truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from ser_audit.benchmark.estimand import Counted, Part, WeightedSum
from ser_audit.benchmark.finding import Detail, Finding
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Question
from ser_audit.benchmark.resampling import Interval
from ser_audit.benchmark.scored import EMOTION
from ser_audit.benchmark.standardised import Standardised
from ser_audit.benchmark.wording import gap

from .cells import Summed
from .groups import Groups, detailed
from .pairs import finite
from .tally import Tally

FEWEST = 10  # rows of a class that each group must have: recalls of fewer jump by a tenth and more
KINDS = ("recall", "precision")


@dataclass(frozen=True, eq=False)
class Kind:
    """What is compared of one class: recall, precision, share; or the mean, of none."""

    name: str
    label: int | None = None

    def cells(self, tally: Tally) -> Summed:
        """Sum a group's statistics in cells."""
        return tally.mean_cells() if self.label is None else tally.class_cells(self.name, self.label)

    def counted(self, tally: Tally) -> Counted:
        """Count the rows that it is a mean over, and their speakers."""
        rows = tally.counts
        if self.label is not None and self.name == "recall":
            rows = rows[:, tally.cell_label == self.label]
        elif self.label is not None and self.name == "precision":
            rows = tally.joint[:, :, self.label]
        own = rows.sum(axis=1)
        return Counted(int(own.sum()), int(np.count_nonzero(own)))

    def level(self, tally: Tally, weight: int = 1) -> Part:
        """Take it with the group's own truth."""
        cells = self.cells(tally)
        return Part(cells.metric, cells.sums.sum(axis=1), Fraction(weight), cells.rows)

    def group(self, tally: Tally) -> str:
        """End a subject's group: ", class: anger"."""
        if self.label is None:
            return ""
        kind = "class" if tally.output == EMOTION else "bin"
        return f", {kind}: {tally.classes[self.label]}"

    def what(self, tally: Tally) -> str:
        """Name it in a sentence."""
        if self.label is None:
            return f"mean predicted {tally.output}"
        name = tally.classes[self.label]
        if self.name == "share":
            return (
                f"share predicted as {name}"
                if tally.output == EMOTION
                else f"share of predicted {tally.output} {name}"
            )
        return (
            f"{self.name} of {name}" if tally.output == EMOTION else f"{self.name} of {tally.output} {name}"
        )

    def details(self, tally: Tally) -> dict[str, Detail]:
        """Say which class or bin it is of."""
        if self.label is None:
            return {}
        return {"class" if tally.output == EMOTION else "bin": tally.classes[self.label]}


def compared(groups: Groups, kind: Kind, code: str, first: str, second: str, policy: Policy) -> Question:
    """Ask for the gap of one kind between two groups, at equal truth."""
    scored, column = groups.scored, groups.column
    tallies = groups.tallies[first], groups.tallies[second]
    one, other = (kind.cells(tally) for tally in tallies)
    estimand = Standardised(one, other)
    counts = [kind.counted(tally) for tally in tallies]
    present = np.count_nonzero((tallies[0].counts + tallies[1].counts).sum(axis=1))
    speakers = counts[0].speakers + counts[1].speakers if column.fixed else int(present)
    value_first, value_second = estimand.sides
    raw = WeightedSum((kind.level(tallies[0]), kind.level(tallies[1], -1)))
    limit = policy.fairness_limit(column.name, f"gap of {kind.name}")
    return Question(
        code=code,
        audit="fairness",
        metric=f"gap of {kind.name}",
        subject=groups.subject(f"{first} − {second}{kind.group(tallies[0])}"),
        estimand=estimand,
        words=sentence(
            gap(kind.what(tallies[0]), column.who(first), column.who(second), scored.place, speakers)
        ),
        limit=limit,
        family="fairness",
        scope=column.name,
        null=0.0,
        details={
            "column": column.name,
            "first": first,
            "second": second,
            "value_first": finite(value_first),
            "value_second": finite(value_second),
            "raw_first": raw.parts[0].value,
            "raw_second": raw.parts[1].value,
            "raw_gap": finite(raw.value),
            "rows_first": counts[0].n,
            "rows_second": counts[1].n,
            "without_overlap": sum(estimand.dropped),
            "equal": "emotion" if groups.output == EMOTION or one.cells is not groups.tally.cell else "truth",
            **kind.details(tallies[0]),
        },
        counted=Counted(counts[0].n + counts[1].n, speakers),
    )


def asked(groups: Groups, kind: str, policy: Policy) -> bool:
    """Whether pairs are compared in a kind: between few groups, or where the policy limits it."""
    limited = policy.fairness_limit(groups.column.name, f"gap of {kind}") is not None
    return limited or detailed(groups.column)


def by_class(groups: Groups, policy: Policy) -> tuple[list[Question], list[Finding]]:
    """Ask for the gaps of every pair in every class, and say how many have too few rows."""
    questions: list[Question] = []
    skipped = total = 0
    for name in KINDS:
        for first, second in groups.pairs if asked(groups, name, policy) else ():
            for kind in kinds(groups, name):
                rows = [kind.counted(groups.tallies[value]).n for value in (first, second)]
                total += 1
                if min(rows) < FEWEST:
                    skipped += 1
                else:
                    questions.append(compared(groups, kind, "SER408", first, second, policy))
    return questions, [_skipped(groups, skipped, total)] if skipped else []


def kinds(groups: Groups, name: str) -> Iterator[Kind]:
    """One kind for every class: recall and precision of those that have truth, shares of all."""
    tally = groups.tally
    scored = name != "share" and groups.output == EMOTION
    yield from (Kind(name, label) for label in (tally.shown() if scored else range(len(tally.classes))))


def _skipped(groups: Groups, skipped: int, total: int) -> Finding:
    """Say how many gaps were left out."""
    what = "classes" if groups.output == EMOTION else "bins"
    return Finding(
        code="SER408",
        audit="fairness",
        subject=groups.scored.subject(condition=CLEAN, output=groups.output, group=groups.column.name),
        verdict="not_applicable",
        message=(
            f"{skipped} of {total} gaps of recall and precision of {groups.output} by {groups.column.name} "
            f"on {groups.scored.place} are left out: a group has fewer than {FEWEST} rows in their {what}."
        ),
        details={"column": groups.column.name, "skipped": skipped, "fewest": FEWEST},
    )


def sentence(words: Callable[[Interval, int], str]) -> Callable[[Interval, int], str]:
    """Begin a sentence with a capital."""

    def begun(interval: Interval, digits: int) -> str:
        told = words(interval, digits)
        return told[:1].upper() + told[1:]

    return begun
