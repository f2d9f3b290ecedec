"""Tables of findings: what varies becomes a column, what does not is said once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from ser_audit.benchmark.finding import Finding, Subject
from ser_audit.benchmark.predictions import CLEAN

from . import deciding
from . import format as fmt
from .model import Cell, Column, Table

Key = TypeVar("Key", bound=Hashable)
WITHHELD = "; no verdict, as "  # how the message of a checkpoint without skill goes on
TOGETHER = "all together"  # the metric of findings on a whole family
HELD = "it holds for all of a family at once, and makes the verdict"
SUBJECT = {
    "checkpoint": "Checkpoint",
    "corpus": "Corpus",
    "cohort": "Scored speakers",
    "condition": "Condition",
    "output": "Output",
    "group": "Group",
}


def words(field: str, text: str | None) -> str:
    """Put a field of a subject in words."""
    if text is None:
        return fmt.NONE
    return fmt.condition(text) if field == "condition" else text


def about(subject: Subject) -> str:
    """Name what a finding is about, in one line; clean speech goes without saying."""
    place = fmt.short(subject.checkpoint) + (f" on {fmt.short(subject.corpus)}" if subject.corpus else "")
    rest = [
        fmt.short(words(field, text))
        for field in ("cohort", "condition", "output", "group")
        if (text := getattr(subject, field)) and text != CLEAN
    ]
    return " · ".join([place, *rest])


def name(text: str) -> Cell:
    """Make the cell of a name: shortened, with the whole name behind it."""
    brief = fmt.short(text)
    return Cell(brief, title=fmt.visible(text) if brief != fmt.visible(text) else "")


def value(finding: Finding | None, below: bool = False, tint: int = 0) -> Cell:
    """Make the cell of a finding's value, with its interval below where asked for."""
    if finding is None:
        return Cell("")
    spread = fmt.interval(finding) if below else fmt.NONE
    missing = finding.estimate is None or finding.estimate.value is None
    return Cell(
        fmt.value(finding),
        title=finding.message if missing else fmt.trace(finding),
        below=() if not below or missing else ("no interval",) if spread == fmt.NONE else (spread,),
        verdict=finding.verdict if below and finding.counted else None,
        tint=0 if missing else tint,
        finding=finding,
    )


def _value(finding: Finding) -> Cell:
    """Make the cell of a value beside which all else but the method has a column."""
    cell = value(finding)
    if finding.estimate is None or finding.estimate.value is None:
        return cell
    return replace(cell, title=finding.estimate.method or "no interval")


def interval(finding: Finding) -> Cell:
    """Make the cell of a finding's interval."""
    text = fmt.interval(finding)
    return Cell(text, title=finding.message if text == fmt.NONE else "")


def _held(finding: Finding) -> Cell:
    """Make the cell of the interval that made a verdict; a measurement has none."""
    return interval(finding) if finding.counted else Cell(fmt.NONE)


def _alone(finding: Finding) -> Cell:
    """Make the cell of the interval that a number has alone, outside of its family."""
    alone = fmt.pointwise(finding)
    return Cell(alone) if alone != fmt.NONE or finding.counted else interval(finding)


def verdict(finding: Finding) -> Cell:
    """Make the cell of a verdict; a measurement has none."""
    if finding.counted or finding.estimate is None or finding.estimate.value is None:
        return Cell(fmt.WORDS[finding.verdict], verdict=finding.verdict)
    return Cell("measured", title="no limit is held against it, so it is not counted")


def limit(finding: Finding) -> Cell:
    """Make the cell of a limit, its source behind it."""
    return Cell(fmt.limit(finding.limit), title=finding.limit.source if finding.limit else "")


def detail(key: str) -> Callable[[Finding], Cell]:
    """Make cells of one detail of findings: a count, or a number with two decimals."""

    def cell(finding: Finding) -> Cell:
        found = finding.details.get(key)
        if isinstance(found, bool) or not isinstance(found, int | float):
            return Cell(fmt.NONE)
        return Cell(fmt.figure(found, 2 if isinstance(found, float) else None))

    return cell


def notes(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Say why values, intervals or verdicts are missing, each reason once."""
    findings = list(findings)
    bounded = {f.code for f in findings if f.estimate and f.estimate.low is not None}
    missing = [
        f"– {f.message}"
        for f in findings
        if f.estimate is None
        or f.estimate.value is None
        or (f.estimate.low is None and (f.code in bounded or f.verdict == "inconclusive"))
    ]
    held = [f.message.partition(WITHHELD)[2] for f in findings if f.verdict == "not_applicable"]
    return (
        *dict.fromkeys(missing),
        *dict.fromkeys(f"○ No verdict, as {reason}" for reason in held if reason),
    )


def varying(findings: Sequence[Finding]) -> tuple[list[str], str]:
    """Split the fields of subjects into those that vary, and words for what holds for all."""
    vary, same = [], []
    for field in SUBJECT:
        found = {getattr(f.subject, field) for f in findings}
        if len(found) > 1 and found != {None, CLEAN}:
            vary.append(field)
        elif not found <= {None, CLEAN}:
            same.append(fmt.short(words(field, found.pop())))
    return vary, " · ".join(same)


def listing(
    caption: str,
    findings: Sequence[Finding],
    extra: Mapping[str, Callable[[Finding], Cell]] | None = None,
    *,
    fold: str = "",
    messages: bool = False,
) -> Table:
    """List findings, one per row: subject, metric, value, interval, n, speakers, limit, verdict, code.

    Args:
        caption: of the table.
        findings: at least one.
        extra: further columns before the limit, by their label.
        fold: words that stand for the folded table; empty: open.
        messages: whether each finding's sentence is a column.
    """
    fields, context = varying(findings)
    measured = any(f.estimate is not None for f in findings)
    metrics = {f.metric for f in findings} - {None}
    columns: list[tuple[Column, Callable[[Finding], Cell]]] = [
        (Column(SUBJECT[field]), _named(field)) for field in fields
    ]
    if len(metrics) == 1 and fields:
        context = " · ".join(filter(None, (context, *metrics)))
    elif metrics:
        columns.append((Column("Metric"), lambda f: Cell(f.metric or fmt.NONE)))
    if measured:
        columns += [
            (Column("Value", True), _value),
            *_intervals(findings),
            (Column("n", True, "rows"), lambda f: Cell(fmt.count(f.estimate.n) if f.estimate else fmt.NONE)),
            (Column("Speakers", True), _speakers),
        ]
    columns += [(Column(label, True), cell) for label, cell in (extra or {}).items()]
    if any(f.limit is not None for f in findings):
        columns.append((Column("Limit", True), limit))
    columns.append((Column("Verdict"), verdict))
    if any(deciding.DETECTABLE in f.details for f in findings):
        columns.append((Column("Detectable", True, deciding.LEAST), deciding.detectable))
    if any(map(deciding.planned, findings)):
        columns.append((Column("Speakers to decide", True, deciding.AT_SEEN), deciding.speakers))
    if messages:
        sentence = Column("Finding", sentences=True)
        columns.insert(1, (sentence, lambda f: Cell(f.message, finding=f)))  # in sight on a phone
    columns.append((Column("Code"), lambda f: Cell(f.code, finding=f)))
    return Table(
        caption,
        tuple(column for column, _ in columns),
        tuple(tuple(cell(f) for _, cell in columns) for f in findings),
        context=context,
        notes=() if messages else notes(findings),
        fold=fold,
    )


def _intervals(findings: Sequence[Finding]) -> list[tuple[Column, Callable[[Finding], Cell]]]:
    """Columns of intervals: none, one, or the verdict's beside that of the value alone."""
    if any(fmt.pointwise(f) != fmt.NONE for f in findings):
        alone = Column("Alone", True, "the interval of this number alone")
        return [(Column("Verdict’s interval", True, HELD), _held), (alone, _alone)]
    return (
        [(Column("Interval", True), interval)] if any(fmt.interval(f) != fmt.NONE for f in findings) else []
    )


def _named(field: str) -> Callable[[Finding], Cell]:
    return lambda finding: name(words(field, getattr(finding.subject, field)))


def _speakers(finding: Finding) -> Cell:
    estimate = finding.estimate
    return Cell(fmt.count(estimate.speakers) if estimate and estimate.speakers else fmt.NONE)


def together(findings: Iterable[Finding]) -> list[Table]:
    """Tell of whole families, a sentence each; no table where there is none."""
    rows = tuple(
        (
            Cell(fmt.short(f.subject.corpus or fmt.NONE), below=_family(f.subject)),
            Cell(f.message, finding=f),
            verdict(f),
            Cell(f.code, title=fmt.trace(f)),
        )
        for f in findings
        if f.metric == TOGETHER
    )
    columns = (Column("Corpus"), Column("Finding", sentences=True), Column("Verdict"), Column("Code"))
    return [Table("Do all of them lie inside their limits?", columns, rows)] if rows else []


def _family(subject: Subject) -> tuple[str, ...]:
    """Say what a family has in common beside its corpus."""
    heard = "clean speech" if subject.condition == CLEAN else "over conditions"
    return fmt.short(subject.checkpoint), heard


def by(findings: Iterable[Finding], key: Callable[[Finding], Key]) -> dict[Key, list[Finding]]:
    """Group findings by ``key``, in their order."""
    groups: dict[Key, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(key(finding), []).append(finding)
    return groups


def first(findings: Iterable[Finding], key: Callable[[Finding], Key]) -> dict[Key, Finding]:
    """The first finding of each ``key``; later ones are left for a table of their own."""
    return {k: found[0] for k, found in by(findings, key).items()}
