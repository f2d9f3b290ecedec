"""Gaps between groups: the metric of one group less that of another, always named "first − second"."""

from __future__ import annotations

from collections.abc import Iterator

from ser_audit.benchmark.estimand import contrast, single
from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.metrics import UAR
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Question
from ser_audit.benchmark.scored import Scored
from ser_audit.benchmark.wording import gap, states

from .groups import Groups


def gaps(groups: Groups, policy: Policy) -> Iterator[Question]:
    """Ask for the gap of every pair of groups, against the policy's limit of the column."""
    scored, output = groups.scored, groups.output
    for first, second in groups.pairs:
        metric = groups.metric(first, second)
        if isinstance(metric, UAR) and len(metric.labels) < 2:
            continue  # no two classes in common: there is no recall to compare
        estimand = contrast((metric, groups.sums(metric, first)), (metric, groups.sums(metric, second)))
        of_first, of_second = (scored.counted(groups.counted(metric, value)) for value in (first, second))
        both = scored.counted(groups.counted(metric, first) | groups.counted(metric, second))
        yield Question(
            code="SER401",
            audit="fairness",
            metric=f"gap of {metric.name}",
            subject=scored.subject(
                condition=CLEAN, output=output, group=f"{groups.column}: {first} − {second}"
            ),
            estimand=estimand,
            words=gap(f"{metric.name} of {output}", first, second, scored.place, both.speakers),
            limit=policy.fairness_limit(groups.column, f"gap of {metric.name}"),
            family="fairness",
            details={
                "column": groups.column,
                "first": first,
                "second": second,
                "value_first": estimand.parts[0].value,
                "value_second": estimand.parts[1].value,
                "speakers_first": of_first.speakers,
                "speakers_second": of_second.speakers,
                **({"classes": len(metric.labels)} if isinstance(metric, UAR) else {}),
            },
            note=scored.cohort.note,
            counted=both,
        )


def table(groups: Groups) -> Iterator[Question]:
    """Ask for the metric of every group: what fairlearn's ``MetricFrame.by_group`` shows."""
    scored, output = groups.scored, groups.output
    for value in groups.values:
        metric = groups.metric(value)
        counted = scored.counted(groups.counted(metric, value))
        what = f"{metric.name} of {output} for {groups.column} {value} among {scored.place}"
        yield Question(
            code="SER402",
            audit="fairness",
            metric=metric.name,
            subject=scored.subject(condition=CLEAN, output=output, group=f"{groups.column}: {value}"),
            estimand=single(metric, groups.sums(metric, value)),
            words=states(what, counted.speakers),
            details={"column": groups.column, "value": value},
            counted=counted,
        )


def ungrouped(scored: Scored, column: str) -> Finding | None:
    """Say that a column tells no two groups apart; None where it does."""
    values = sorted({value for value in scored.group(column) if value is not None})
    if len(values) > 1:
        return None
    told = f"of one {column} ({values[0]})" if values else f"of unknown {column}"
    return Finding(
        code="SER401",
        audit="fairness",
        subject=scored.subject(group=column),
        verdict="not_applicable",
        message=f"Not judged by {column}: {scored.place} are {told}.",
    )
