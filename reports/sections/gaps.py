"""Tables of gaps: one row per gap, both sides beside it, and what would decide it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.predictions import CLEAN

from .. import deciding
from .. import format as fmt
from ..model import Cell, Column, Table
from ..tables import detail, limit, notes, value

Columns = Sequence[tuple[Column, Callable[[Finding], Cell]]]
TESTED = "permutation test of no difference; it makes no verdict"


def of_groups(caption: str, findings: Sequence[Finding], fold: str = "") -> Table:
    """First − second at equal truth, both sides, and the gap with each group's own truth."""
    columns = [
        (Column("Gap"), _who),
        (Column("At equal truth", True, "first − second"), gap),
        (Column("First", True), _side("first")),
        (Column("Second", True), _side("second")),
        (Column("Own truth", True, "first − second, with each group's own truth"), detail("raw_gap")),
        (Column("p", True, TESTED), p_value),
    ]
    return _table(caption, findings, columns, fold)


def to_all(caption: str, findings: Sequence[Finding], fold: str = "") -> Table:
    """Group − all: about half of a gap between two groups of one size."""
    columns = [
        (Column("Gap to all"), _who),
        (Column("Group − all", True), gap),
        (Column("Group", True), detail("value_group")),
        (Column("All", True), detail("value_all")),
    ]
    return _table(caption, findings, columns, fold)


def between(caption: str, findings: Sequence[Finding], fold: str = "") -> Table:
    """First − second over two corpora, or of the gaps on two corpora."""
    columns = [
        (Column("Gap"), _who),
        (Column("First − second", True), gap),
        (Column("First", True), _side("first")),
        (Column("Second", True), _side("second")),
    ]
    return _table(caption, findings, columns, fold)


def changed(caption: str, findings: Sequence[Finding], fold: str = "") -> Table:
    """How a condition changes a gap, the largest change first."""
    ordered = sorted(findings, key=lambda f: -abs((f.estimate and f.estimate.value) or 0.0))
    columns = [
        (Column("Condition and gap"), _who),
        (Column("Change of the gap", True, "change of the first − change of the second"), gap),
        (Column("First changes", True), detail("change_first")),
        (Column("Second changes", True), detail("change_second")),
    ]
    return _table(caption, ordered, columns, fold)


def gap(finding: Finding) -> Cell:
    """Write a gap, its verdict, the interval that made it, and the one that the gap has alone."""
    cell = value(finding, below=True)
    alone = fmt.pointwise(finding)
    return replace(cell, below=(*cell.below, *([f"alone {alone}"] if alone != fmt.NONE else [])))


def p_value(finding: Finding) -> Cell:
    """Write the p-value of a permutation test, to three decimals."""
    found = finding.details.get("permutation_p")
    return Cell(fmt.figure(found, 3) if isinstance(found, float) else fmt.NONE)


def _table(caption: str, findings: Sequence[Finding], columns: Columns, fold: str) -> Table:
    """Write a row per finding; columns that would be empty are left out."""
    last: Columns = [
        (Column("Limit", True), limit),
        (Column("Detectable", True, deciding.LEAST), deciding.detectable),
        (Column("Speakers to decide", True, deciding.AT_SEEN), deciding.speakers),
        (Column("Code"), lambda f: Cell(f.code, finding=f)),
    ]
    made = [(column, [cell(f) for f in findings]) for column, cell in (*columns, *last)]
    kept = [(column, cells) for column, cells in made if any(c.text not in ("", fmt.NONE) for c in cells)]
    rows = zip(*(cells for _, cells in kept), strict=True)
    return Table(caption, tuple(column for column, _ in kept), tuple(rows), notes=notes(findings), fold=fold)


def _who(finding: Finding) -> Cell:
    """Name the groups; below the condition, the metric with its output, and the corpus."""
    subject = finding.subject
    metric = (finding.metric or "").rpartition(" of ")[2]
    what = f"{metric} of {subject.output}" if subject.output and metric else metric or subject.output
    conditions = [subject.condition] if subject.condition not in (None, CLEAN) else []
    heard = [fmt.condition(condition) for condition in conditions if condition]
    title = fmt.visible(subject.group or "")
    names = fmt.short(subject.group or fmt.NONE, 60)
    head, below = (heard[0], (names,)) if heard else (names, ())
    places = [fmt.short(part) for part in (what, subject.corpus) if part]
    return Cell(
        head, title=title if fmt.short(title, 60) != title else "", below=(*below, " · ".join(places))
    )


def _side(side: str) -> Callable[[Finding], Cell]:
    """One side's value at equal truth; below its own value, its speakers or rows, or its corpus."""

    def cell(finding: Finding) -> Cell:
        details = finding.details
        found, raw = details.get(f"value_{side}"), details.get(f"raw_{side}")
        speakers, rows = details.get(f"speakers_{side}"), details.get(f"rows_{side}")
        below = []
        if isinstance(raw, float) and isinstance(found, float) and fmt.figure(raw, 2) != fmt.figure(found, 2):
            below.append(f"own truth {fmt.figure(raw, 2)}")
        if isinstance(speakers, int):
            below.append(fmt.count(speakers, "speaker"))
        elif isinstance(rows, int):
            below.append(fmt.count(rows, "row"))
        if finding.subject.corpus is None:
            below.append(fmt.short(str(details.get(side))))
        return Cell(fmt.figure(found, 2) if isinstance(found, int | float) else fmt.NONE, below=tuple(below))

    return cell
