"""Integrity: proofs at loading, label coverage, rows without a prediction, what was handled."""

from __future__ import annotations

from collections.abc import Sequence

from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.manifest import CorpusRecord, Coverage, Manifest

from .. import format as fmt
from ..model import Cell, Column, Part, Table
from ..tables import listing, name, value, verdict

LEAD = "Whether the numbers below can be believed: what was proven of each checkpoint when it was loaded, \
which labels were scored, and which rows have no prediction."
CHECKS = {
    "SER101": "Weights complete",
    "SER102": "Repeats identical",
    "SER103": "Batches exact",
    "SER104": "Training speakers",
    "SER105": "Training data known",
    "SER107": "Label coverage",
}


def parts(findings: Sequence[Finding], manifest: Manifest) -> list[Part]:
    """Proofs, coverage, failed rows, handled input."""
    classes = {c.name for c in manifest.checkpoints if any(o.kind == "class" for o in c.outputs)}
    covered = [f for f in findings if f.code == "SER107" and f.subject.checkpoint in classes]
    checks = [f for f in findings if f.code != "SER106" and f not in covered]
    made = []
    if checks:
        made.append(Part("Checks", (_checks(checks),)))
    coverages = {
        c.name: [m for m in manifest.coverage if m.corpus == c.name and m.checkpoint in classes]
        for c in manifest.corpora
    }
    tables = [_coverage(c, coverages[c.name], covered) for c in manifest.corpora if coverages[c.name]]
    if tables:
        text = "How each corpus's own labels map to the classes that a checkpoint predicts. Labels without a \
class are not scored; a prediction of a class outside of the mapping counts as wrong."
        made.append(Part("Labels", tuple(tables), text))
    failed = [f for f in findings if f.code == "SER106"]
    if failed:
        made.append(Part("Rows", (_failed(failed), *_handled(manifest))))
    return made


def _checks(findings: Sequence[Finding]) -> Table:
    """What was checked, in words: they name the checkpoint and the corpus."""
    rows = [
        (
            Cell(CHECKS.get(f.code, f.metric or f.code)),
            Cell(f.message),
            verdict(f),
            Cell(f.code, title=fmt.trace(f), finding=f),
        )
        for f in findings
    ]
    columns = (Column("Check"), Column("Finding", sentences=True), Column("Verdict"), Column("Code"))
    return Table("Checks of each checkpoint and of its speakers", columns, tuple(rows))


def _coverage(corpus: CorpusRecord, coverages: Sequence[Coverage], findings: Sequence[Finding]) -> Table:
    """Labels of one corpus × checkpoints with classes: the class that each maps to."""
    labels = corpus.labels
    shares = {f.subject.checkpoint: f for f in findings if f.subject.corpus == corpus.name}
    rows = []
    for label in dict.fromkeys(label for c in coverages for label in c.mapping):
        targets = [c.mapping.get(label) for c in coverages]
        cells = [name(t) if t is not None else Cell("not scored", verdict="not_applicable") for t in targets]
        rows.append((name(label), Cell(fmt.count(labels.get(label, 0))), *cells))
    last = [_share(shares.get(c.checkpoint)) for c in coverages]
    rows.append((Cell("Share scored"), Cell(fmt.count(sum(labels.values()))), *last))
    columns = (
        Column("Label"),
        Column("Utterances", True),
        *(Column(fmt.short(c.checkpoint)) for c in coverages),
    )
    return Table(f"Labels of {fmt.short(corpus.name)}", columns, tuple(rows))


def _share(finding: Finding | None) -> Cell:
    if finding is None or finding.estimate is None or finding.estimate.value is None:
        return value(finding)
    return Cell(f"{100 * finding.estimate.value:.0f} %", title=fmt.trace(finding), finding=finding)


def _failed(findings: Sequence[Finding]) -> Table:
    """Rows without a prediction, by their status."""
    statuses = sorted({status for f in findings for status in f.details})
    extra = {status: lambda f, s=status: Cell(fmt.count(int(f.details.get(s) or 0))) for status in statuses}
    return listing("Rows without a prediction, by status", findings, extra, messages=True)


def _handled(manifest: Manifest) -> list[Table]:
    """What was wrong with the input, and handled."""
    rows = [
        (name(corpus.name), Cell(visible), Cell(fmt.count(n)))
        for corpus in manifest.corpora
        for visible, n in corpus.handled.items()
    ]
    columns = (Column("Corpus"), Column("Handled"), Column("Utterances", True))
    return [Table("Input that was handled and counted", columns, tuple(rows))] if rows else []
