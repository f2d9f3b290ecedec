"""The table of families: means over severities, their change from clean, the worst severity, and mPC."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.naming import family

from .. import format as fmt
from ..model import Cell, Column, Table
from ..tables import value
from .family_curves import UNITS, steps

FAMILY, OVERALL, RELATIVE = "SER305", "SER306", "SER307"


def mean_table(findings: Sequence[Finding], tint: Callable[[float], int], probes: bool) -> Table | None:
    """Families × mean over severities, change from clean, error relative to the first checkpoint, worst.

    Args:
        findings: of one checkpoint, corpus and output; those of other codes are left aside.
        tint: from a change to its colour.
        probes: whether of probes, or of the families that preserve the label and over all of these.
    """
    rows: dict[str, dict[str, Finding]] = {}
    for finding in findings:
        group = finding.subject.group or ""
        if finding.code in (FAMILY, OVERALL, RELATIVE) and group.startswith("probe") is probes:
            rows.setdefault(group, {}).setdefault(_place(finding), finding)
    rows = {group: row for group, row in rows.items() if "mean" in row}
    if not rows:
        return None
    overall = rows.pop("", None)
    listed = [*rows.values(), *([overall] if overall else [])]
    relative = next((row["relative"] for row in listed if "relative" in row), None)
    first = fmt.short(str(relative.details.get("first"))) if relative else ""
    columns = (
        Column("Family"),
        Column("Mean", True, "over its conditions"),
        Column("Change", True, "of the mean from clean"),
        *([Column(f"Error / {first}", True, "1 − mean, relative to the first checkpoint")] if first else []),
        Column("Worst", True, "the lowest value among its conditions"),
    )
    cells = tuple(
        (
            _name(row["mean"]),
            value(row["mean"], below=True),
            value(row.get("change"), below=True, tint=_tint(row.get("change"), tint)),
            *([value(row.get("relative"), below=True)] if first else []),
            _worst(row["mean"]),
        )
        for row in listed
    )
    metric = (listed[0]["mean"].metric or "").rpartition(" ")[2]
    caption = f"{metric}, mean over the conditions of each {'probe' if probes else 'family'}"
    context = (
        "mPC, the mean performance under perturbation, is the mean of the families' means: each family counts"
        " alike, however many conditions it has. rPC is its share of the metric on clean speech"
        if overall
        else ""
    )
    return Table(caption, columns, cells, context=context, notes=_left_out(listed))


def _place(finding: Finding) -> str:
    """The column that a finding belongs to."""
    if finding.code == RELATIVE:
        return "relative" if finding.metric else "refused"
    return "change" if (finding.metric or "").startswith("change of ") else "mean"


def _name(finding: Finding) -> Cell:
    """The family with the number of its conditions, or what is over all families."""
    details = finding.details
    count, share = details.get("conditions"), details.get("rPC")
    if finding.code == OVERALL:
        said = (f"rPC {fmt.figure(share, 2)}, its share of clean",) if isinstance(share, float) else ()
        return Cell(f"mPC over {details.get('families')} families", below=said)
    name, worst = str(details.get("family")), details.get("worst")
    if count == 1 and isinstance(worst, str):
        return Cell(fmt.condition(worst), title=name)
    return Cell(
        family(name), title=name, below=(fmt.count(count, "condition"),) if isinstance(count, int) else ()
    )


def _worst(finding: Finding) -> Cell:
    """The lowest value of a family, and the condition that it belongs to; empty where there is only one."""
    found, name = finding.details.get("value_worst"), finding.details.get("worst")
    if finding.details.get("conditions") == 1 or not isinstance(found, float) or not isinstance(name, str):
        return Cell("")
    (step,), unit = steps([name])
    text = f"{step} {unit}" if unit in UNITS.values() else f"{unit} {step}"
    return Cell(fmt.figure(found, 2), title=fmt.condition(name), below=(text,) if step else ())


def _tint(finding: Finding | None, tint: Callable[[float], int]) -> int:
    found = finding.estimate.value if finding and finding.estimate else None
    return 0 if found is None else tint(found)


def _left_out(rows: Sequence[Mapping[str, Finding]]) -> tuple[str, ...]:
    """Say which means rest on fewer utterances."""
    means = [row["mean"] for row in rows if row["mean"].code == FAMILY]
    return tuple(
        f"{family(str(f.details.get('family')))}: {f.details['left_out']} of the utterances with truth are "
        "left out, as they could not be predicted in all of its conditions."
        for f in means
        if f.details.get("left_out")
    )
