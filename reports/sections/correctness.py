"""Correctness: every metric on clean speech; training speakers apart from those that verdicts rest on."""

from __future__ import annotations

from collections.abc import Sequence

from ser_audit.benchmark.cohorts import TRAINING
from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.manifest import Manifest

from .. import format as fmt
from ..model import Column, Part, Plot, Plots, Point, Table
from ..tables import by, detail, first, listing, name, notes, value

LEAD = "How near predictions on clean speech come to the truth, beside what chance would give. Verdicts rest \
on speakers that a checkpoint is not known to have been trained on; training speakers are measured apart."
MAIN = ("SER202", "SER205")
RECALL = "SER208"


def parts(findings: Sequence[Finding], manifest: Manifest) -> list[Part]:
    """A part per checkpoint."""
    return [
        Part(fmt.short(checkpoint), tuple(_blocks(found)))
        for checkpoint, found in by(findings, lambda f: f.subject.checkpoint).items()
    ]


def _blocks(findings: Sequence[Finding]) -> list[Table | Plots]:
    """The main metrics as a plot, then all of them, then training speakers, then recall per class."""
    judged = [f for f in findings if f.subject.cohort != TRAINING and f.code != RECALL]
    trained = [f for f in findings if f.subject.cohort == TRAINING and f.code != RECALL]
    recalls = [f for f in findings if f.code == RECALL and f.subject.group]
    blocks: list[Table | Plots] = [*_plots(findings)]
    chance = {"Chance": detail("chance")}
    if judged:
        blocks.append(listing("Metrics on clean speech", judged, chance, kinds={"SER201": "skill"}))
    if trained:
        caption = "Speakers it was trained on: how well it remembers them, never judged"
        blocks.append(listing(caption, trained, chance))
    if recalls:
        blocks.append(_recalls(recalls))
    return blocks


def _plots(findings: Sequence[Finding]) -> list[Plots]:
    """A plot of each main metric."""
    groups = by((f for f in findings if f.code in MAIN), lambda f: (f.subject.checkpoint, f.metric or ""))
    plots = [_plot(checkpoint, metric, found) for (checkpoint, metric), found in groups.items()]
    caption = "Bars are intervals over speakers; training speakers are never judged."
    return [Plots(caption, tuple(p for p in plots if p.points))] if any(p.points for p in plots) else []


def _plot(checkpoint: str, metric: str, findings: Sequence[Finding]) -> Plot:
    points = tuple(
        Point(
            label=_label(f, findings),
            value=f.estimate.value,
            low=f.estimate.low,
            high=f.estimate.high,
            verdict=f.verdict if f.counted else None,
            note=f"{fmt.count(f.estimate.n)} · {fmt.count(f.estimate.speakers)}",
            title=fmt.trace(f),
        )
        for f in findings
        if f.estimate is not None and f.estimate.value is not None
    )
    limits = {f.limit.low for f in findings if f.limit is not None and f.limit.low is not None}
    lines = {"limit": limits.pop()} if len(limits) == 1 else {}
    chances = {f.details.get("chance") for f in findings}
    chance = chances.pop() if len(chances) == 1 else None
    if isinstance(chance, int | float):
        lines["chance"] = chance
    said = "; ".join(f"{p.label} {fmt.figure(p.value, 2)}" for p in points)
    title = f"{metric} of {fmt.short(checkpoint, 30)}"
    return Plot(title, f"{title} on clean speech: {said}.", metric, points, lines, head="n · speakers")


def _label(finding: Finding, findings: Sequence[Finding]) -> str:
    """Name corpus, dimension, and the cohort where the corpus has another one too."""
    subject = finding.subject
    apart = len({f.subject.cohort for f in findings if f.subject.corpus == subject.corpus}) > 1
    output = subject.output if finding.metric == "CCC" else None
    cohort = (subject.cohort or "").removesuffix(" speakers") if apart else None
    return " · ".join(filter(None, (subject.corpus, output, cohort)))


def _recalls(findings: Sequence[Finding]) -> Table:
    """Classes × checkpoint, corpus and cohort."""
    cells = first(findings, lambda f: (f.subject.group or "", _place(f)))
    places = list(dict.fromkeys(place for _, place in cells))
    labels = list(dict.fromkeys(group for group, _ in cells))
    rows = [
        (
            name(label.removeprefix("class: ")),
            *(value(cells.get((label, p)), below=True, tint=_tint(cells.get((label, p)))) for p in places),
        )
        for label in labels
    ]
    columns = (Column("Class"), *(Column(" · ".join(map(fmt.short, place)), True) for place in places))
    return Table(
        "Recall of each class: share of its utterances that are recognised",
        columns,
        tuple(rows),
        notes=notes(findings),
    )


def _place(finding: Finding) -> tuple[str, ...]:
    subject = finding.subject
    return tuple(filter(None, (subject.corpus, subject.cohort)))


def _tint(finding: Finding | None) -> int:
    """Colour of a share: the more, the deeper."""
    found = finding.estimate.value if finding and finding.estimate else None
    return 0 if found is None else min(5, int(5 * found + 0.5))
