"""Correctness: every metric on clean speech; training speakers apart from those that verdicts rest on."""

from __future__ import annotations

from collections.abc import Sequence

from ser_audit.benchmark.cohorts import TRAINING
from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.manifest import Manifest

from .. import format as fmt
from ..model import Cell, Column, Part, Plot, Plots, Point, Table
from ..tables import TOGETHER, by, detail, first, limit, listing, name, notes, together, value

LEAD = "How near predictions on clean speech come to the truth, beside what chance would give. Verdicts rest \
on speakers that a checkpoint is not known to have been trained on; training speakers are measured apart."
SKILL = {"SER201": "Over all speakers", "SER209": "Within speakers"}
MAIN = ("SER202", "SER205")
TINTED = ("recall", "precision", "consistency")  # shares, of which more is better


def parts(findings: Sequence[Finding], manifest: Manifest) -> list[Part]:
    """What holds of all together, then a part per checkpoint."""
    claims = together(findings)
    return [
        *([Part("All together", tuple(claims))] if claims else []),
        *(
            Part(fmt.short(checkpoint), tuple(_blocks(found)))
            for checkpoint, found in by(findings, lambda f: f.subject.checkpoint).items()
        ),
    ]


def _blocks(findings: Sequence[Finding]) -> list[Table | Plots]:
    """Skill, the main metrics as a plot, all of them, then by class and label; training speakers apart."""
    skills = [f for f in findings if _of_skill(f)]
    rest = [f for f in findings if not _of_skill(f) and f.metric != TOGETHER]
    judged = [f for f in rest if f.subject.cohort != TRAINING]
    trained = [f for f in rest if f.subject.cohort == TRAINING]
    blocks: list[Table | Plots] = [*([_skill(skills)] if skills else []), *_plots(findings)]
    for found, caption, who in (
        (judged, "Metrics on clean speech", ""),
        (
            trained,
            "Speakers it was trained on: how well it remembers them, never judged",
            "Training speakers: ",
        ),
    ):
        blocks += _metrics(caption, [f for f in found if not f.subject.group])
        blocks += _matrices([f for f in found if f.subject.group], who)
    return blocks


def _metrics(caption: str, findings: Sequence[Finding]) -> list[Table]:
    """List metrics of whole outputs; those without a limit folded, where others have one."""
    extra = {"Chance": detail("chance")}
    judged, measured = ([f for f in findings if f.counted is counted] for counted in (True, False))
    if not (judged and measured):
        return [listing(caption, findings, extra)] if findings else []
    title = f"{caption}, without a limit"
    fold = f"{title}: {fmt.count(len(measured), 'number')}"
    return [listing(caption, judged, extra), listing(title, measured, extra, fold=fold)]


def _of_skill(finding: Finding) -> bool:
    return finding.code in SKILL and finding.estimate is not None


def _skill(findings: Sequence[Finding]) -> Table:
    """Outputs × skill over all speakers and within them: both decide what may be judged."""
    cells = first(findings, lambda f: (f.subject.corpus, f.subject.cohort, f.subject.output, f.code))
    codes = [code for code in SKILL if any(key[-1] == code for key in cells)]
    rows = []
    for place in dict.fromkeys(key[:-1] for key in cells):
        own = [cells.get((*place, code)) for code in codes]
        some = next(f for f in own if f is not None)
        metric = f"{some.metric} of {place[2]}" if some.metric else str(place[2])
        head = Cell(metric, below=(" · ".join(map(fmt.short, filter(None, place[:2]))),))
        rows.append((head, *(value(f, below=True) for f in own), detail("chance")(some), limit(some)))
    columns = (
        Column("Skill of"),
        *(Column(SKILL[code], True, code) for code in codes),
        Column("Chance", True),
        Column("Limit", True, "chance and a margin"),
    )
    context = "Where one of them does not pass, nothing else of that output passes anywhere in this report"
    return Table("Skill: better than chance?", columns, tuple(rows), context, notes(findings))


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


def _matrices(findings: Sequence[Finding], who: str) -> list[Table]:
    """What is asked of each class or label: a table per kind of group, its rows the groups."""
    kinds = by(findings, lambda f: (f.subject.group or "").partition(": ")[0])
    return [_matrix(kind, found, who) for kind, found in kinds.items()]


def _matrix(kind: str, findings: Sequence[Finding], who: str) -> Table:
    """Groups × metric, output, corpus and cohort."""
    cells = first(findings, lambda f: (f.subject.group or "", _place(f)))
    places = dict.fromkeys(place for _, place in cells)
    same = {part for part in next(iter(places)) if all(part in place for place in places)}
    rows = [
        (
            name(label.partition(": ")[2] or label),
            *(value(cells.get((label, p)), below=True, tint=_tint(cells.get((label, p)))) for p in places),
        )
        for label in dict.fromkeys(group for group, _ in cells)
    ]
    heads = {p: " · ".join(fmt.short(part) for part in p if part not in same) for p in places}
    codes = {_place(f): f.code for f in findings}
    columns = (Column(kind.capitalize()), *(Column(heads[p] or p[0], True, codes[p]) for p in places))
    limits = ", ".join(
        f"{metric} {fmt.limit(found[0].limit)}"
        for metric, found in by(findings, lambda f: f.metric).items()
        if found[0].limit
    )
    context = " · ".join(
        filter(None, (*(p for p in next(iter(places)) if p in same), limits and f"limits: {limits}"))
    )
    return Table(f"{who}{'e' if who else 'E'}ach {kind}", columns, tuple(rows), context, notes(findings))


def _place(finding: Finding) -> tuple[str, ...]:
    """The column of a finding: metric, output, corpus, cohort."""
    subject = finding.subject
    return tuple(filter(None, (finding.metric, subject.output, subject.corpus, subject.cohort)))


def _tint(finding: Finding | None) -> int:
    """Colour of a share: the more, the deeper."""
    found = finding.estimate.value if finding and finding.estimate else None
    return (
        0
        if finding is None or found is None or finding.metric not in TINTED
        else min(5, int(5 * found + 0.5))
    )
