"""Fairness under perturbation: does a condition cost one group more than another?

(first perturbed − first clean) − (second perturbed − second clean), on the utterances that are ok in both,
and at equal truth. Conditions that may change what a listener hears are measured and never judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from ser_audit.benchmark.estimand import Counted
from ser_audit.benchmark.finding import Detail
from ser_audit.benchmark.manifest import ConditionRecord
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Question
from ser_audit.benchmark.resampling import Interval
from ser_audit.benchmark.wording import condition, number, spread

from .groups import Groups
from .pairs import finite
from .perturbed import Changes, gap, sides

FAMILY = "perturbed_fairness"


def changes_of_gaps(
    groups: Groups, whole: Changes, records: Mapping[str, ConditionRecord], policy: Policy
) -> Iterator[Question]:
    """Ask of every condition and pair whether it widens the gap.

    Args:
        groups: of one judged column on one output.
        whole: the changes of that output, shared by columns.
        records: of the run's conditions, by id.
        policy: holds the limit.
    """
    for name in groups.scored.conditions:
        record = records[name]
        if name != CLEAN and record.reference in groups.scored.conditions:
            yield from _pairs(groups, whole, record, policy)


def _pairs(groups: Groups, whole: Changes, record: ConditionRecord, policy: Policy) -> Iterator[Question]:
    """Ask of every pair."""
    scored, column, metric = groups.scored, groups.column, groups.tally.main.name
    found = sides(groups, whole, record)
    for first, second in groups.pairs:
        labels = groups.shared(first, second)
        if not groups.comparable(labels):
            continue
        estimand = gap(found[first], found[second], labels)
        one, other = (found[value].counted(labels) for value in (first, second))
        values = estimand.sides
        speakers = int(np.count_nonzero(estimand.present))
        who = [f"{v} speakers" if column.name == "sex" else column.who(v) for v in (first, second)]
        limit = policy.fairness_limit(column.name, f"change of gap of {metric}")
        known: dict[str, Detail] = {"classes": len(labels)} if labels else {}
        yield Question(
            code="SER407",
            audit="fairness",
            metric=f"change of gap of {metric}",
            subject=scored.subject(
                condition=record.id, output=groups.output, group=f"{column.name}: {first} − {second}"
            ),
            estimand=estimand,
            words=_costs(
                condition(record.id), f"{metric} of {groups.output}", who, (first, second), speakers
            ),
            limit=limit if record.label_preserving else None,
            family=FAMILY,
            scope=column.name,
            null=0.0,
            details={
                "column": column.name,
                "first": first,
                "second": second,
                "change_first": finite(values[0]),
                "change_second": finite(values[1]),
                "speakers_first": one.speakers,
                "speakers_second": other.speakers,
                "reference": record.reference,
                "family": record.family,
                "label_preserving": record.label_preserving,
                **known,
            },
            counted=Counted(one.n + other.n, speakers),
        )


def _costs(
    cause: str, what: str, who: list[str], names: tuple[str, str], speakers: int
) -> Callable[[Interval, int], str]:
    """Word a change of a gap: "White noise at 20 dB costs female speakers .12 (…) more CCC … than male"."""

    def words(interval: Interval, digits: int) -> str:
        value = interval.value or 0.0
        falls = interval.high is not None and interval.high < 0
        shown = f"{number(-value if falls else value, digits)} {spread(interval, speakers, digits, falls)}"
        if falls or (interval.low is not None and interval.low > 0):
            more = "more" if falls else "less"
            return f"{cause} costs {who[0]} {shown} {more} {what} than {who[1].removesuffix(' speakers')}"
        gap = f"the gap {names[0]} − {names[1]} in {what}"
        return f"{cause}: no evidence of a change of {gap}, {shown}"

    return words
