"""Fairness: gaps between groups and what would decide them, then how single speakers differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from ser_audit.benchmark.finding import VERDICTS, Finding
from ser_audit.benchmark.manifest import Manifest

from .. import format as fmt
from ..model import Cell, Column, Part, Plot, Plots, Point, Table
from ..tables import by, detail, listing, notes, together
from . import gaps, speakers

LEAD = "Gaps between groups of speakers, and how single speakers differ. A gap is always first − second, \
between groups of the same truth where its column says so. Each finding is about one gap; none says anything \
of the checkpoint as a whole, and no evidence of a gap is not evidence of none."
GAP, GROUP, LANGUAGES, PERTURBED, CLASSES, SHIFTS, TO_ALL, EXTREMES, CORPORA = (
    "SER401", "SER402", "SER405", "SER407", "SER408", "SER409", "SER410", "SER411", "SER412",
)  # fmt: skip
OPEN_ROWS = 12  # of an open table; longer ones are folded
PLOTS = 6  # of groups, of a checkpoint


def parts(findings: Sequence[Finding], manifest: Manifest) -> list[Part]:
    """What holds of all together; then by checkpoint the gaps, and single speakers."""
    claims = together(findings)
    made = [Part("All together", tuple(claims))] if claims else []
    for checkpoint, found in by(findings, lambda f: f.subject.checkpoint).items():
        who = fmt.short(checkpoint)
        broken = speakers.named(found)
        for title, blocks in (
            (f"{who}: single speakers who may be broken", broken),
            (f"{who}: gaps between groups", _gaps(found)),
            (f"{who}: how single speakers differ", speakers.blocks(found)),
        ):
            if blocks:
                made.append(Part(title, tuple(blocks)))
    return made


def _gaps(findings: Sequence[Finding]) -> list[Table | Plots]:
    """Judged gaps, groups as plots, the worst group; all else folded where it is long."""
    codes = by((f for f in findings if f.metric), lambda f: f.code)
    found = codes.get(GAP, [])
    judged, measured = [f for f in found if f.limit], [f for f in found if not f.limit]
    blocks: list[Table | Plots] = []
    if judged:
        blocks.append(gaps.of_groups("Gaps between groups that are held against a limit", judged))
    if GROUP in codes:
        blocks += _forests(codes[GROUP], {str(f.details.get("column")) for f in judged})
    if measured:
        blocks += _split(gaps.of_groups, "Gaps between other groups", measured)
    if EXTREMES in codes:
        blocks.append(_extremes(codes[EXTREMES]))
    if PERTURBED in codes:
        blocks += _split(gaps.changed, "How conditions change a gap, the largest first", codes[PERTURBED])
    for code, caption in (
        (LANGUAGES, "Gaps between corpora of different languages; the corpora differ in more than that"),
        (CORPORA, "How far a gap differs between corpora"),
    ):
        if code in codes:
            blocks += _split(gaps.between, caption, codes[code])
    for make, code, caption in (
        (gaps.of_groups, CLASSES, "Gaps of recall and precision per class or bin"),
        (gaps.of_groups, SHIFTS, "Gaps of the mean, and of the share of each class or bin"),
        (gaps.to_all, TO_ALL, "Group − all, as ser-tests has it: all includes the group"),
    ):
        if code in codes:
            blocks += _by_column(make, caption, codes[code])
    if GROUP in codes:
        fold = f"Groups: all {len(codes[GROUP])} numbers"
        blocks.append(listing("The metric of each group", codes[GROUP], fold=fold))
    remarks = [f for f in findings if not f.metric and f.subject.group]
    if remarks:
        blocks.append(_remarks(remarks))
    return blocks


def _remarks(findings: Sequence[Finding]) -> Table:
    """Say what was not compared, and why; of columns that a policy limits the first screen says it too."""
    rows = tuple(
        (Cell(fmt.short(f.subject.group or "")), Cell(f.message, finding=f), Cell(f.code)) for f in findings
    )
    columns = (Column("Column"), Column("Finding", sentences=True), Column("Code"))
    fold = f"What was left out, and why: {fmt.count(len(rows), 'remark')}"
    return Table("What was left out, and why", columns, rows, fold=fold)


def _split(make: Callable[..., Table], caption: str, findings: Sequence[Finding]) -> list[Table]:
    """One open table of few findings, else one that is folded behind its verdicts."""
    fold = "" if len(findings) <= OPEN_ROWS else f"{caption}: {_tally(findings)}"
    return [make(caption, findings, fold)]


def _by_column(make: Callable[..., Table], caption: str, findings: Sequence[Finding]) -> list[Table]:
    """Fold the findings of each column behind its verdicts."""
    columns = by(findings, lambda f: str(f.details.get("column") or ""))
    return [
        make(f"{caption}, by {column}", own, f"{caption}, by {column}: {_tally(own)}")
        for column, own in columns.items()
    ]


def _tally(findings: Sequence[Finding]) -> str:
    """Count findings, and their verdicts: "24, of which 2 fail, 22 measured"."""
    counts = Counter(f.verdict for f in findings if f.counted)
    told = [f"{counts[v]} {fmt.WORDS[v]}" for v in VERDICTS if counts[v]]
    measured = len(findings) - counts.total()
    return ", ".join([*told, *([f"{measured} measured"] if measured else [])])


def _extremes(findings: Sequence[Finding]) -> Table:
    """The worst group and the range between groups, beside what chance alone gives."""
    rows = tuple(
        (
            Cell(str(f.details.get("column")), below=(_where(f),)),
            _named(f, "worst"),
            _named(f, "best"),
            Cell(fmt.value(f), title=fmt.trace(f), finding=f),
            detail("null_median")(f),
            detail("null_95")(f),
            gaps.p_value(f),
            Cell(f.code, title=fmt.visible(f.message)),
        )
        for f in findings
    )
    columns = (
        Column("Column"),
        Column("Worst group", True),
        Column("Best group", True),
        Column("Apart", True, "best − worst"),
        Column("By chance", True, "the middle one of groups of these sizes that are dealt out at random"),
        Column("In 5 % by chance above", True),
        Column("p", True, "share of random groups that lie as far apart"),
        Column("Code"),
    )
    context = (
        "The largest gap of many small groups is large by chance alone; so it is described, never judged"
    )
    return Table("Worst and best group", columns, rows, context, notes(findings))


def _named(finding: Finding, side: str) -> Cell:
    found = finding.details.get(f"value_{side}")
    text = fmt.figure(found, 2) if isinstance(found, float) else fmt.NONE
    return Cell(text, below=(fmt.short(str(finding.details.get(side))),))


def _where(finding: Finding) -> str:
    metric = (finding.metric or "").removeprefix("range of ")
    places = (f"{metric} of {finding.subject.output}", finding.subject.corpus)
    return " · ".join(fmt.short(place) for place in places if place)


def _forests(findings: Sequence[Finding], judged: set[str]) -> list[Plots]:
    """Groups of one column and corpus beneath each other: of judged columns first, of few plots at most."""
    found = by(findings, lambda f: (f.subject.corpus, str(f.details.get("column")), f.metric))
    ordered = sorted(found.items(), key=lambda item: item[0][1] not in judged)
    plots = [p for (corpus, column, metric), own in ordered if (p := _forest(corpus, column, metric, own))]
    caption = "Each group's metric with its pointwise interval over the speakers of the group."
    if len(plots) > PLOTS:
        caption += f" {len(plots) - PLOTS} more columns stand in the table of groups below."
    return [Plots(caption, tuple(plots[:PLOTS]))] if plots else []


def _forest(corpus: str | None, column: str, metric: str | None, findings: Sequence[Finding]) -> Plot | None:
    """One plot; none where a group is compared with nothing."""
    outputs = {f.subject.output for f in findings}
    points = tuple(
        Point(
            label=f"{f.subject.output} · {f.details.get('value')}"
            if len(outputs) > 1
            else str(f.details.get("value")),
            value=f.estimate.value,
            low=f.estimate.low,
            high=f.estimate.high,
            note=f"{fmt.count(f.estimate.n)} · {fmt.count(f.estimate.speakers)}",
            title=fmt.trace(f),
        )
        for f in findings
        if f.estimate is not None and f.estimate.value is not None
    )
    if len({p.label for p in points}) <= len(outputs):
        return None
    title = f"{metric} by {fmt.short(column)} on {fmt.short(corpus or '')}"
    said = "; ".join(f"{p.label} {fmt.figure(p.value, 2)}" for p in points)
    return Plot(title, f"{title}: {said}.", str(metric), points, head="n · speakers")
