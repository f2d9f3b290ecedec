"""Robustness: per checkpoint heat maps of change and PUP, the metric in each condition, all numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from math import ceil

from ser_audit.benchmark.finding import VERDICTS, Finding
from ser_audit.benchmark.manifest import ConditionRecord, Manifest
from ser_audit.benchmark.naming import family
from ser_audit.benchmark.predictions import CLEAN

from .. import format as fmt
from ..model import Cell, Column, Curves, Part, Plot, Plots, Point, Table
from ..tables import by, detail, first, listing, notes, together, value
from .family_curves import curves
from .family_means import mean_table

LEAD = "What each condition does to the metric and to single predictions, compared on the same utterances \
with and without it; where a condition says so, with another condition instead of clean speech. Intervals of \
verdicts hold for all conditions and outputs of a table at once."
CHANGES = ("SER301", "SER302")
PUP = "SER303"
LEVEL = "SER304"
PROBE = "may change what a listener hears"
HEARD = f"Probes: {PROBE}"
MOST_ROWS = 40  # of an open heat map


def parts(findings: Sequence[Finding], manifest: Manifest) -> list[Part]:
    """All together; per checkpoint, corpus and output the curves of families; then every condition."""
    claims = together(findings)
    made = [Part("All together", tuple(claims))] if claims else []
    for checkpoint, found in by(findings, lambda f: f.subject.checkpoint).items():
        changes = [f for f in found if f.code in CHANGES and f.subject.condition and f.metric]
        pups = [f for f in found if f.code == PUP and f.subject.condition and f.metric]
        levels = [f for f in found if f.code == LEVEL and f.subject.condition]
        name = fmt.short(checkpoint)
        for (corpus, cohort, output), own in by(found, _place).items():
            title = f"{name}: {fmt.short(output or '')} on {fmt.short(corpus or '')}"
            made += _families(
                title, [f for f in changes if _place(f) == (corpus, cohort, output)], own, manifest
            )
        blocks: list[Table | Plots | Curves] = [
            *_heat(changes, pups, manifest),
            *_numbers(changes, pups, levels),
        ]
        if blocks:
            made.append(Part(f"{name}: every condition", tuple(blocks)))
    return made


def _place(finding: Finding) -> tuple[str | None, str | None, str | None]:
    return finding.subject.corpus, finding.subject.cohort, finding.subject.output


def _families(
    title: str, changes: Sequence[Finding], findings: Sequence[Finding], manifest: Manifest
) -> list[Part]:
    """Means and curves of families, and the other conditions; of one checkpoint, corpus and output."""
    records = {c.id: c for c in manifest.conditions}
    levels = [f for f in findings if f.code == LEVEL and f.subject.condition and f.metric]
    verdicts = first(changes, lambda f: f.subject.condition or "")
    what = f"{levels[0].metric} of {title.partition(': ')[2]}" if levels else title
    plain, probes, seen = curves(what, levels, verdicts, records)
    rest = [
        f
        for f in levels
        if f.subject.condition not in seen and f.estimate is not None and f.estimate.value is not None
    ]
    alone = _plot(what, rest, verdicts) if {f.subject.condition for f in rest} - {CLEAN} else None
    blocks = (mean_table(findings, _loss, probes=False), plain, alone)
    apart = (mean_table(findings, _loss, probes=True), probes)
    made = ((title, blocks), (HEARD, apart))
    kept = ((heading, tuple(b for b in found if b is not None)) for heading, found in made)
    return [Part(heading, found) for heading, found in kept if found]


def _heat(changes: Sequence[Finding], pups: Sequence[Finding], manifest: Manifest) -> list[Table]:
    """Heat maps of changes and of PUP; folded by family where there are too many rows for one table."""
    names = dict.fromkeys((f.metric or "").removeprefix("change of ") for f in changes)
    metrics = " and ".join(names)
    if len({f.subject.condition for f in (*changes, *pups)}) > MOST_ROWS:
        kinds = by((*changes, *pups), lambda f: str(f.details.get("family") or ""))
        return [_folded(kind, metrics, found, manifest) for kind, found in kinds.items()]
    captions = (
        (f"Change of {metrics}: condition less its reference", changes),
        ("PUP: share of predictions left unchanged", pups),
    )
    return [_heat_map(caption, found, manifest) for caption, found in captions if found]


def _folded(kind: str, metrics: str, findings: Sequence[Finding], manifest: Manifest) -> Table:
    """Change and PUP in the conditions of one family, folded behind its name and verdicts."""
    counts = Counter(f.verdict for f in findings if f.counted)
    verdicts = ", ".join(f"{counts[v]} {fmt.WORDS[v]}" for v in VERDICTS if counts[v])
    conditions = fmt.count(len({f.subject.condition for f in findings}), "condition")
    fold = f"{family(kind)}: {', '.join(filter(None, (conditions, verdicts or 'measured')))}"
    return replace(_heat_map(f"{family(kind)}: change of {metrics}, and PUP", findings, manifest), fold=fold)


def _heat_map(caption: str, findings: Sequence[Finding], manifest: Manifest) -> Table:
    """Conditions × corpus and output: number, interval, verdict and colour."""
    metrics = {f.metric for f in findings}
    cells = first(findings, lambda f: (f.subject.condition or "", _column(f, metrics)))
    places = list(dict.fromkeys(column[:2] for _, column in cells))
    columns = sorted(dict.fromkeys(column for _, column in cells), key=lambda c: places.index(c[:2]))
    records = {c.id: c for c in manifest.conditions}
    rows = [
        (
            Cell(fmt.condition(name), below=_below(records.get(name))),
            *(_tinted(cells.get((name, column))) for column in columns),
        )
        for name in _by_family(findings)
    ]
    heads = (
        Column(" · ".join(map(fmt.short, filter(None, column))), True, findings[0].code) for column in columns
    )
    context = f"Limit: {_limits(findings)}"
    return Table(caption, (Column("Condition"), *heads), tuple(rows), context=context, notes=notes(findings))


def _by_family(findings: Sequence[Finding]) -> list[str]:
    """The conditions, those of a family beside each other."""
    kinds = {f.subject.condition or "": f.details.get("family") for f in findings}
    order = list(dict.fromkeys(kinds.values()))
    return sorted(kinds, key=lambda name: order.index(kinds[name]))


def _limits(findings: Sequence[Finding]) -> str:
    """The limits of a heat map; with their conditions where those of one kind differ."""
    kinds = by(findings, lambda f: (f.metric or "").partition(" of ")[0])
    said = []
    for kind, own in kinds.items():
        limits = by(own, lambda f: fmt.limit(f.limit) if f.limit else "none")
        of = f"of {kind} " if len(kinds) > 1 else ""
        said += [
            f"{of}{text} ({_conditions(found)})" if len(limits) > 1 else f"{of}{text}"
            for text, found in limits.items()
        ]
    return ", ".join(said)


def _below(record: ConditionRecord | None) -> tuple[str, ...]:
    """What a reader must know of a condition: that it is a probe, and what it is compared with."""
    if record is None:
        return ()
    against = f"against {fmt.condition(record.reference, within=True)}" if record.reference != CLEAN else ""
    return tuple(filter(None, (against, "" if record.label_preserving else PROBE)))


def _conditions(findings: Sequence[Finding]) -> str:
    names = list(dict.fromkeys(fmt.condition(f.subject.condition or "") for f in findings))
    return ", ".join(names) if len(names) < 4 else f"{len(names)} conditions"


def _column(finding: Finding, metrics: Set[str | None]) -> tuple[str, ...]:
    """Corpus, output, and the metric where there are several."""
    metric = finding.metric or ""
    if "PUP" not in metrics:
        metric = metric.removeprefix("change of ")
    return finding.subject.corpus or "", finding.subject.output or "", metric if len(metrics) > 1 else ""


def _tinted(finding: Finding | None) -> Cell:
    if finding is None:
        return Cell(fmt.NONE, title="not predicted here")
    found = finding.estimate.value if finding.estimate else None
    tint = _changed if finding.metric == "PUP" else _loss
    return value(finding, below=True, tint=0 if found is None else tint(found))


def _loss(change: float) -> int:
    """Colour of a change: a step per .1, a loss negative."""
    steps = min(5, ceil(abs(change) / 0.1 - 1e-9)) if abs(change) >= 0.02 else 0
    return steps if change > 0 else -steps


def _changed(pup: float) -> int:
    """Colour of a PUP: a step per .15 of predictions that change, always a loss."""
    return -min(5, ceil((1 - pup) / 0.15 - 1e-9)) if pup <= 0.98 else 0


def _plot(title: str, levels: Sequence[Finding], verdicts: Mapping[str, Finding]) -> Plots:
    """The metric in each condition that is in no curve."""
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
        for f in levels
        if f.estimate is not None and f.estimate.value is not None
        for change in [verdicts.get(f.subject.condition or "")]
    )
    lines = {p.label.lower(): p.value for p in points if p.label == fmt.condition(CLEAN)}
    chance = levels[0].details.get("chance")
    if isinstance(chance, int | float):
        lines["chance"] = chance
    low, high = min(points, key=lambda p: p.value), max(points, key=lambda p: p.value)
    description = (
        f"{title} in {len(points)} conditions, from {fmt.figure(low.value, 2)} ({low.label}) "
        f"to {fmt.figure(high.value, 2)} ({high.label})."
    )
    cohort = levels[0].subject.cohort or "all speakers"
    caption = f"Pointwise intervals over {cohort}; a point bears the verdict on its change."
    return Plots(caption, (Plot(title, description, levels[0].metric or "", points, lines),))


def _numbers(changes: Sequence[Finding], pups: Sequence[Finding], levels: Sequence[Finding]) -> list[Table]:
    """Every number with its n, speakers and limit, folded."""
    compared = {
        "Reference": detail("value_reference"),
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
