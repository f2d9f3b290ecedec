"""What is left out of the grouping of a cohort, and why: never silently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.scored import Scored

from . import pitch
from .columns import FEWEST, TIMES, Column
from .groups import DETAILED, PAIRED, TABLED

NAMED = 5  # values that a sentence names


def remarks(scored: Scored, columns: Sequence[Column], policy: Policy) -> list[Finding]:
    """Say of each column what of it is left out, and of each that the policy limits why it is not judged."""
    found = [remark for column in columns for remark in _of(scored, column)]
    known = {column.name: column for column in columns}
    for name in policy.fairness:
        column = known.get(name)
        if column is None or len(column.values) < 2:
            found.append(
                _remark(scored, "SER401", name, f"Not judged by {name}: {_alike(scored, column, name)}.")
            )
    return found


def _of(scored: Scored, column: Column) -> Iterator[Finding]:
    name, count, place = column.name, len(column.values), scored.place
    if column.left_out:
        few, more = column.left_out[:NAMED], len(column.left_out) - NAMED
        listed = ", ".join(few) + (f" and {more} more" if more > 0 else "")
        told = f"Left out by {name} on {place}: {listed}, as a group needs {FEWEST} speakers."
        yield _remark(scored, "SER402", name, told)
    if name == pitch.NAME and column.own:
        told = f"Grouped by the corpus's own column {name} on {place}, not by the F0 that is measured here."
        yield _remark(scored, "SER402", name, told)
    if count > TABLED:
        told = f"Not grouped by {name}: {place} are in {count} groups, more than {TABLED}."
        yield _remark(scored, "SER402", name, told)
    elif count > PAIRED:
        pairs = count * (count - 1) // 2
        told = (
            f"No gaps between two groups by {name} on {place}: {count} groups make {pairs} pairs; each "
            "group's metric and the range between groups are measured."
        )
        yield _remark(scored, "SER401", name, told)
    elif count > DETAILED and TIMES not in name:
        told = (
            f"Recalls, precisions, means and shares by {name} on {place} are compared with those of all, and "
            f"in pairs only where the policy limits them: {count} groups are more than {DETAILED}."
        )
        yield _remark(scored, "SER410", name, told)


def _alike(scored: Scored, column: Column | None, name: str) -> str:
    """Say why a column tells no two groups apart."""
    if column is None or not (column.values or column.left_out):
        return f"{scored.place} are of unknown {name}"
    if not column.values:
        return f"no value of {name} is shared by {FEWEST} speakers of {scored.place}"
    if column.left_out:
        return f"only {column.values[0]} has {FEWEST} speakers or more among {scored.place}"
    return f"{scored.place} are of one {name} ({column.values[0]})"


def _remark(scored: Scored, code: str, column: str, message: str) -> Finding:
    return Finding(
        code=code,
        audit="fairness",
        subject=scored.subject(group=column),
        verdict="not_applicable",
        message=message,
        details={"column": column},
    )
