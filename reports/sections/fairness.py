"""Fairness: forest plots of groups, gaps between them, and how single speakers differ."""

from __future__ import annotations

from collections.abc import Sequence

from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.manifest import Manifest

from .. import format as fmt
from ..model import Cell, Column, Part, Plot, Plots, Point, Table
from ..tables import by, detail, first, listing, name, notes, value

LEAD = "Gaps of the metric between groups of speakers, and how single speakers differ, on clean speech. Each \
finding is about one gap; none says anything of the checkpoint as a whole, and no evidence of a gap is not \
evidence of none."
GAP, GROUP, SPEAKER, SPREAD, LANGUAGES = "SER401", "SER402", "SER403", "SER404", "SER405"
ROWS = 60  # speakers that a plot shows one by one


def parts(findings: Sequence[Finding], manifest: Manifest) -> list[Part]:
    """A part per checkpoint."""
    return [
        Part(fmt.short(checkpoint), tuple(blocks))
        for checkpoint, found in by(findings, lambda f: f.subject.checkpoint).items()
        if (blocks := _blocks(found))
    ]


def _blocks(findings: Sequence[Finding]) -> list[Table | Plots]:
    codes = by(findings, lambda f: f.code)
    blocks: list[Table | Plots] = []
    forests = _forests(codes.get(GROUP, []))
    if forests.plots:
        blocks.append(forests)
    sides = {"First": detail("value_first"), "Second": detail("value_second")}
    if GAP in codes:
        sizes = {"Their speakers": _sizes}
        blocks.append(listing("Gaps between groups: first − second", codes[GAP], {**sides, **sizes}))
    if LANGUAGES in codes:
        caption = "Gaps between corpora of different languages; the corpora differ in more than that"
        places = {"Corpora": _corpora}
        blocks.append(listing(caption, codes[LANGUAGES], {**sides, **places}))
    if GROUP in codes:
        fold = f"Groups: all {len(codes[GROUP])} numbers"
        blocks.append(listing("The metric of each group", codes[GROUP], fold=fold))
    if SPREAD in codes:
        keys = {
            "Lowest": "lowest",
            "Median": "median",
            "Highest": "highest",
            "By sampling alone": "sampling_sd",
        }
        extra = {label: detail(key) for label, key in keys.items()}
        blocks.append(
            listing("How far speakers differ: standard deviation of their values", codes[SPREAD], extra)
        )
    speakers = [f for f in codes.get(SPEAKER, []) if (f.subject.group or "").startswith("speaker: ")]
    if speakers:
        blocks.append(_speaker_plots(speakers))
        blocks += [_speaker_table(found) for found in by(speakers, lambda f: f.subject.corpus).values()]
    return blocks


def _sizes(finding: Finding) -> Cell:
    first_, second = (finding.details.get(k) for k in ("speakers_first", "speakers_second"))
    return Cell(f"{first_} + {second}" if first_ is not None and second is not None else fmt.NONE)


def _corpora(finding: Finding) -> Cell:
    first_, second = (finding.details.get(k) for k in ("first", "second"))
    return name(f"{first_} − {second}") if first_ and second else Cell(fmt.NONE)


def _forests(findings: Sequence[Finding]) -> Plots:
    """A forest plot per corpus and column; groups of each output beneath each other."""
    groups = by(findings, lambda f: (f.subject.corpus, f.details.get("column"), f.metric))
    plots = []
    for (corpus, column, metric), found in groups.items():
        several = len({f.subject.output for f in found}) > 1
        points = tuple(
            Point(
                label=f"{f.subject.output} · {f.details.get('value')}"
                if several
                else str(f.details.get("value")),
                value=f.estimate.value,
                low=f.estimate.low,
                high=f.estimate.high,
                note=f"{fmt.count(f.estimate.n)} · {fmt.count(f.estimate.speakers)}",
                title=fmt.trace(f),
            )
            for f in found
            if f.estimate is not None and f.estimate.value is not None
        )
        if len({p.label for p in points}) > len(
            {f.subject.output for f in found}
        ):  # one group is compared with nothing
            title = f"{metric} by {column} on {fmt.short(corpus or '')}"
            said = "; ".join(f"{p.label} {fmt.figure(p.value, 2)}" for p in points)
            plots.append(Plot(title, f"{title}: {said}.", str(metric), points, head="n · speakers"))
    return Plots(
        "Each group's metric with its pointwise interval over the speakers of the group.", tuple(plots)
    )


def _speaker_plots(findings: Sequence[Finding]) -> Plots:
    """Speakers from the lowest to the highest, or their distribution where there are too many for rows."""
    plots = []
    for (corpus, output, metric), found in by(
        findings, lambda f: (f.subject.corpus, f.subject.output, f.metric)
    ).items():
        points = sorted((p for f in found if (p := _speaker(f))), key=lambda p: p.value)
        if not points:
            continue
        values = [p.value for p in points]
        middle = (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
        title = f"{metric} of {output} by speaker, {fmt.short(corpus or '')}"
        description = (
            f"{title}: {fmt.count(len(points), 'speaker')} from {fmt.figure(values[0], 2)} to "
            f"{fmt.figure(values[-1], 2)}, median {fmt.figure(middle, 2)}."
        )
        many = len(points) > ROWS
        plots.append(
            Plot(title, description, str(metric), tuple(points), {"median": middle}, distribution=many)
        )
    caption = "Single speakers. Bars: ± the standard deviation that a speaker's few utterances alone give; \
they describe, and are no intervals."
    return Plots(caption, tuple(plots))


def _speaker(finding: Finding) -> Point | None:
    estimate, sd = finding.estimate, finding.details.get("sampling_sd")
    if estimate is None or estimate.value is None:
        return None
    half = sd if isinstance(sd, int | float) else None
    return Point(
        label=(finding.subject.group or "").removeprefix("speaker: "),
        value=estimate.value,
        low=None if half is None else estimate.value - half,
        high=None if half is None else estimate.value + half,
        note=fmt.count(estimate.n),
        title=fmt.trace(finding),
    )


def _speaker_table(findings: Sequence[Finding]) -> Table:
    """Speakers × outputs of one corpus, folded."""
    cells = first(findings, lambda f: (f.subject.group, f.subject.cohort, f.subject.output, f.metric))
    outputs = list(dict.fromkeys(key[2:] for key in cells))
    speakers = list(dict.fromkeys(key[:2] for key in cells))
    rows = []
    for speaker in speakers:
        own = [cells.get((*speaker, *output)) for output in outputs]
        shown = [f for f in own if f is not None and f.estimate is not None]
        n = max((f.estimate.n for f in shown if f.estimate), default=0)
        label = (speaker[0] or "").removeprefix("speaker: ")
        rows.append((name(label), Cell(fmt.count(n)), *(_plain(f) for f in own)))
    heads = (
        Column(f"{metric} of {output}", True, f"{SPEAKER}, one speaker, no interval")
        for output, metric in outputs
    )
    corpus = fmt.short(findings[0].subject.corpus or "")
    return Table(
        f"Speakers of {corpus} ({SPEAKER}); one speaker has no interval over speakers",
        (Column("Speaker"), Column("n", True, "rows"), *heads),
        tuple(rows),
        notes=notes(findings),
        fold=f"Speakers of {corpus}: all {len(speakers)}",
    )


def _plain(finding: Finding | None) -> Cell:
    """A value whose column says what lies behind it: thousands of rows must stay small."""
    cell = value(finding)
    return Cell(cell.text, finding=finding)
