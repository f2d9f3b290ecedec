"""Single speakers: who is broken, how far they differ beyond sampling, and each one's own value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ser_audit.benchmark.finding import Finding

from .. import format as fmt
from ..model import Cell, Column, Plot, Plots, Point, Table
from ..tables import by, detail, first, name, notes, value, verdict

SPEAKER, SPREAD, BROKEN = "SER403", "SER404", "SER406"
ROWS = 60  # speakers that a plot shows one by one
CAPTION = "Single speakers, from the lowest to the highest. Bars: ± the standard deviation that a speaker's \
few utterances alone give; they describe, and are no intervals. The upright stroke is the value drawn to the \
mean of all speakers for that; the band is the median speaker ± the standard deviation between speakers \
beyond sampling."


def blocks(findings: Sequence[Finding]) -> list[Table | Plots]:
    """How speakers of one checkpoint differ: the spread, a plot, and every speaker, folded."""
    spreads = [f for f in findings if f.code == SPREAD]
    found = [f for f in findings if f.code == SPEAKER and (f.subject.group or "").startswith("speaker: ")]
    broken = {_place(f, f.subject.group) for f in findings if f.code == BROKEN and f.verdict == "fail"}
    made: list[Table | Plots] = [_spread(spreads)] if spreads else []
    if found:
        made.append(_plots(found, first(spreads, _place), broken))
        made += [_table(own) for own in by(found, lambda f: f.subject.corpus).values()]
    return made


def named(findings: Sequence[Finding]) -> list[Table]:
    """Tell whether speakers are broken, a sentence each: the named first, what could not be judged folded."""
    found = sorted((f for f in findings if f.code == BROKEN), key=lambda f: f.verdict != "fail")
    judged = [f for f in found if f.verdict != "not_applicable"]
    rest = [f for f in found if f.verdict == "not_applicable"]
    tables = []
    if judged:
        context = "Only who is named here is broken; low values in the plots and tables below name nobody"
        tables.append(_broken("Is a speaker broken?", judged, context))
    if rest:
        caption = "Where it could not be judged whether a speaker is broken"
        tables.append(_broken(caption, rest, fold=f"{caption}: {fmt.count(len(rest), 'finding')}"))
    return tables


def _broken(caption: str, findings: Sequence[Finding], context: str = "", fold: str = "") -> Table:
    rows = tuple(
        (
            Cell((f.subject.group or "nobody named").removeprefix("speaker: "), below=(_where(f),)),
            Cell(f.message, finding=f),
            verdict(f),
            Cell(f.code, title=fmt.trace(f)),
        )
        for f in findings
    )
    columns = (Column("Speaker"), Column("Finding", sentences=True), Column("Verdict"), Column("Code"))
    return Table(caption, columns, rows, context, fold=fold)


def _place(finding: Finding, *more: str | None) -> tuple[str | None, ...]:
    subject = finding.subject
    return subject.corpus, subject.cohort, subject.output, *more


def _where(finding: Finding) -> str:
    places = (finding.subject.output, finding.subject.corpus)
    return " · ".join(fmt.short(place) for place in places if place)


def _spread(findings: Sequence[Finding]) -> Table:
    """The natural spread of each output, beside what is seen and what sampling alone gives."""
    keys = {
        "Seen": "sd",
        "By sampling alone": "sampling_sd",
        "Lowest": "lowest",
        "Worst tenth below": "worst_decile",
        "Median": "median",
        "Highest": "highest",
    }
    rows = tuple(
        (
            Cell((f.metric or "").removeprefix("spread of "), below=(_where(f),)),
            value(f, below=True),
            *(detail(key)(f) for key in keys.values()),
            Cell(fmt.count(f.estimate.speakers) if f.estimate else fmt.NONE),
            Cell(f.code, title=fmt.trace(f), finding=f),
        )
        for f in findings
    )
    columns = (
        Column("Spread of"),
        Column("Natural spread", True, "standard deviation between speakers beyond sampling"),
        *(Column(label, True) for label in keys),
        Column("Speakers", True),
        Column("Code"),
    )
    return Table("How far speakers differ", columns, rows, notes=notes(findings))


def _plots(
    findings: Sequence[Finding],
    spreads: Mapping[tuple[str | None, ...], Finding],
    broken: set[tuple[str | None, ...]],
) -> Plots:
    """Speakers from the lowest to the highest, or their distribution where there are too many for rows."""
    plots = []
    for place, found in by(findings, _place).items():
        points = sorted((p for f in found if (p := _point(f, broken))), key=lambda p: p.value)
        if not points:
            continue
        spread, metric = spreads.get(place), found[0].metric or ""
        middle = spread.details.get("median") if spread else None
        width = spread.estimate.value if spread and spread.estimate else None
        title = f"{metric} of {place[2]} by speaker, {fmt.short(place[0] or '')}"
        told = f", median {fmt.figure(middle, 2)}" if isinstance(middle, float) else ""
        description = (
            f"{title}: {fmt.count(len(points), 'speaker')} from {fmt.figure(points[0].value, 2)} to "
            f"{fmt.figure(points[-1].value, 2)}{told}."
        )
        plot = Plot(title, description, metric, tuple(points), head="n", distribution=len(points) > ROWS)
        if isinstance(middle, float):
            plot = replace(plot, lines={"median": middle})
            if width is not None:
                plot = replace(plot, band=(middle - width, middle + width))
        plots.append(plot)
    return Plots(CAPTION, tuple(plots))


def _point(finding: Finding, broken: set[tuple[str | None, ...]]) -> Point | None:
    estimate, sd = finding.estimate, finding.details.get("sampling_sd")
    if estimate is None or estimate.value is None:
        return None
    half = sd if isinstance(sd, int | float) else None
    shrunken = finding.details.get("shrunken")
    return Point(
        label=(finding.subject.group or "").removeprefix("speaker: "),
        value=estimate.value,
        low=None if half is None else estimate.value - half,
        high=None if half is None else estimate.value + half,
        second=shrunken if isinstance(shrunken, float) else None,
        verdict="fail" if _place(finding, finding.subject.group) in broken else None,
        note=fmt.count(estimate.n),
        title=fmt.trace(finding),
    )


def _table(findings: Sequence[Finding]) -> Table:
    """Speakers × outputs of one corpus, folded."""
    cells = first(findings, lambda f: (f.subject.group, f.subject.cohort, f.subject.output, f.metric))
    outputs = list(dict.fromkeys(key[2:] for key in cells))
    speakers = list(dict.fromkeys(key[:2] for key in cells))
    rows = []
    for speaker in speakers:
        own = [cells.get((*speaker, *output)) for output in outputs]
        n = max((f.estimate.n for f in own if f is not None and f.estimate), default=0)
        label = (speaker[0] or "").removeprefix("speaker: ")
        rows.append((name(label), Cell(fmt.count(n)), *(_plain(f) for f in own)))
    heads = (
        Column(
            f"{metric} of {output}", True, f"{SPEAKER}, one speaker, no interval; small: drawn to the mean"
        )
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
    shrunken = finding.details.get("shrunken") if finding else None
    below = (fmt.figure(shrunken, 2),) if isinstance(shrunken, float) else ()
    return Cell(value(finding).text, below=below, finding=finding)
