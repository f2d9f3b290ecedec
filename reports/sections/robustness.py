"""Robustness: per checkpoint heat maps of change and PUP, the metric in each condition, all numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.manifest import Manifest
from ser_audit.benchmark.predictions import CLEAN

from .. import format as fmt
from ..model import Cell, Column, Part, Plot, Plots, Point, Table
from ..tables import by, detail, first, listing, notes, value

LEAD = "What each condition does to the metric and to single predictions, compared on the same utterances \
with and without it. Intervals of verdicts hold for all conditions and outputs of a table at once."
CHANGES = ("SER301", "SER302")
PUP = "SER303"
LEVEL = "SER304"
PROBE = ("may change what a listener hears",)


def parts(findings: Sequence[Finding], manifest: Manifest) -> list[Part]:
    """A part per checkpoint."""
    made = []
    for checkpoint, found in by(findings, lambda f: f.subject.checkpoint).items():
        changes = [f for f in found if f.code in CHANGES and f.subject.condition and f.metric]
        pups = [f for f in found if f.code == PUP and f.subject.condition]
        levels = [f for f in found if f.code == LEVEL and f.subject.condition]
        blocks: list[Table | Plots] = []
        if changes:
            names = dict.fromkeys((f.metric or "").removeprefix("change of ") for f in changes)
            caption = f"Change of {' and '.join(names)}: condition less clean"
            blocks.append(_heat_map(caption, changes, manifest, _loss))
        if pups:
            caption = "PUP: share of predictions left unchanged"
            blocks.append(_heat_map(caption, pups, manifest, _changed))
        if levels:
            blocks.append(_plots(levels, changes))
        blocks += _numbers(changes, pups, levels)
        if blocks:
            made.append(Part(fmt.short(checkpoint), tuple(blocks)))
    return made


def _heat_map(caption: str, findings: Sequence[Finding], manifest: Manifest, tint) -> Table:
    """Conditions × corpus and output: number, interval, verdict and colour."""
    metrics = {f.metric for f in findings}
    cells = first(findings, lambda f: (f.subject.condition or "", _column(f, len(metrics) > 1)))
    columns = list(dict.fromkeys(column for _, column in cells))
    probes = {c.id for c in manifest.conditions if not c.label_preserving}
    rows = [
        (
            Cell(fmt.condition(name), below=PROBE if name in probes else ()),
            *(_tinted(cells.get((name, column)), tint) for column in columns),
        )
        for name in dict.fromkeys(name for name, _ in cells)
    ]
    heads = (Column(" · ".join(map(fmt.short, column)), True, findings[0].code) for column in columns)
    limits = by(findings, lambda f: fmt.limit(f.limit) if f.limit else "none")
    said = [f"{text} ({_conditions(found)})" if len(limits) > 1 else text for text, found in limits.items()]
    context = f"Limit: {', '.join(said)}"
    return Table(caption, (Column("Condition"), *heads), tuple(rows), context=context, notes=notes(findings))


def _conditions(findings: Sequence[Finding]) -> str:
    names = list(dict.fromkeys(fmt.condition(f.subject.condition or "") for f in findings))
    return ", ".join(names) if len(names) < 4 else f"{len(names)} conditions"


def _column(finding: Finding, named: bool) -> tuple[str, ...]:
    subject = finding.subject
    metric = (finding.metric or "").removeprefix("change of ") if named else None
    return tuple(filter(None, (subject.corpus, subject.output, metric)))


def _tinted(finding: Finding | None, tint) -> Cell:
    found = finding.estimate.value if finding and finding.estimate else None
    return value(finding, below=True, tint=0 if found is None else tint(found))


def _loss(change: float) -> int:
    """Colour of a change: a step per .1, a loss negative."""
    steps = min(5, ceil(abs(change) / 0.1 - 1e-9)) if abs(change) >= 0.02 else 0
    return steps if change > 0 else -steps


def _changed(pup: float) -> int:
    """Colour of a PUP: a step per .15 of predictions that change, always a loss."""
    return -min(5, ceil((1 - pup) / 0.15 - 1e-9)) if pup <= 0.98 else 0


def _plots(levels: Sequence[Finding], changes: Sequence[Finding]) -> Plots:
    """The metric in each condition, a plot per corpus and output."""
    judged = {(f.subject.corpus, f.subject.cohort, f.subject.condition, f.subject.output): f for f in changes}
    groups = by(levels, lambda f: (f.subject.corpus, f.subject.cohort, f.subject.output, f.metric))
    plots = []
    for (corpus, cohort, output, metric), found in groups.items():
        points = tuple(
            Point(
                label=fmt.condition(f.subject.condition or ""),
                value=f.estimate.value,
                low=f.estimate.low,
                high=f.estimate.high,
                verdict=change.verdict if change and change.counted else None,
                series=str(f.details.get("family") or ""),
                title=fmt.trace(f),
            )
            for f in found
            if f.estimate is not None and f.estimate.value is not None
            for change in [judged.get((corpus, cohort, f.subject.condition, output))]
        )
        if points:
            plots.append(
                _plot(f"{metric} of {output} on {fmt.short(corpus or '')}", metric or "", points, found)
            )
    caption = (
        f"Pointwise intervals over {_cohorts(levels)}; a point bears the verdict on its change from clean."
    )
    return Plots(caption, tuple(plots))


def _cohorts(findings: Sequence[Finding]) -> str:
    return " or ".join(dict.fromkeys(f.subject.cohort or "all speakers" for f in findings))


def _plot(title: str, metric: str, points: tuple[Point, ...], findings: Sequence[Finding]) -> Plot:
    lines = {p.label.lower(): p.value for p in points if p.label == fmt.condition(CLEAN)}
    chances = [f.details.get("chance") for f in findings]
    if isinstance(chances[0], int | float):
        lines["chance"] = chances[0]
    low, high = min(points, key=lambda p: p.value), max(points, key=lambda p: p.value)
    description = (
        f"{title} in {len(points)} conditions, from {fmt.figure(low.value, 2)} ({low.label}) "
        f"to {fmt.figure(high.value, 2)} ({high.label})."
    )
    return Plot(title, description, metric, points, lines)


def _numbers(changes: Sequence[Finding], pups: Sequence[Finding], levels: Sequence[Finding]) -> list[Table]:
    """Every number with its n, speakers and limit, folded."""
    compared = {
        "Clean": detail("value_clean"),
        "Perturbed": detail("value_perturbed"),
        "Unpaired": detail("unpaired"),
    }
    tables = (
        ("Changes of the metric", changes, compared),
        ("PUP", pups, {"Unpaired": detail("unpaired")}),
        ("The metric in each condition", levels, {"Chance": detail("chance")}),
    )
    return [
        listing(f"{caption}, every number", found, extra, fold=f"{caption}: all {len(found)} numbers")
        for caption, found, extra in tables
        if found
    ]
