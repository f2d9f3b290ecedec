"""Transfer: the matrix of checkpoints and corpora, with those a checkpoint was trained on marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.manifest import Manifest

from .. import format as fmt
from ..model import Cell, Column, Part, Table
from ..tables import first, listing, notes, value

LEAD = "The main metric of every checkpoint on every corpus, on clean speech and on speakers that may be \
judged. Nothing is held against a limit here: what may be lost depends on what the checkpoint is for."
CELL = "SER501"
MARK = "◆ the checkpoint was trained on other speakers of this corpus"


def parts(findings: Sequence[Finding], manifest: Manifest) -> list[Part]:
    """The matrix, then every number."""
    cells = [f for f in findings if f.code == CELL]
    if not cells:
        return []
    fold = f"Transfer: all {len(cells)} numbers"
    extra = {"Chance": lambda f: Cell(_chance(f) or fmt.NONE)}
    return [Part("", (_matrix(cells), listing("Transfer, every number", cells, extra, fold=fold)))]


def _matrix(findings: Sequence[Finding]) -> Table:
    cells = first(findings, lambda f: (f.subject.checkpoint, f.subject.output, f.metric, f.subject.corpus))
    corpora = list(dict.fromkeys(key[3] for key in cells))
    languages = {f.subject.corpus: f.details.get("language") for f in findings}
    unknown = {
        f.subject.checkpoint: ("training data unknown",)
        for f in findings
        if f.details.get("in_domain") is None
    }
    rows = [
        (
            Cell(
                fmt.short(row[0]),
                below=(" of ".join(filter(None, (row[2], row[1]))), *unknown.get(row[0], ())),
            ),
            *(_cell(cells.get((*row, corpus))) for corpus in corpora),
        )
        for row in dict.fromkeys(key[:3] for key in cells)
    ]
    heads = [" · ".join(filter(None, (fmt.short(c or ""), str(languages[c] or "")))) for c in corpora]
    return Table(
        "Checkpoint × corpus",
        (Column("Checkpoint"), *(Column(head, True) for head in heads)),
        tuple(rows),
        context=MARK if any(f.details.get("in_domain") is True for f in findings) else "",
        notes=notes(findings),
    )


def _cell(finding: Finding | None) -> Cell:
    cell = value(finding, below=True)
    if finding is None or finding.estimate is None:
        return cell
    estimate = finding.estimate
    size = f"n {fmt.count(estimate.n)} · {fmt.count(estimate.speakers, 'speaker')}"
    chance = f" · chance {_chance(finding)}" if _chance(finding) else ""
    mark = ("◆ trained on this corpus",) if finding.details.get("in_domain") is True else ()
    return replace(cell, below=(*cell.below, size + chance, *mark))


def _chance(finding: Finding) -> str:
    found = finding.details.get("chance")
    return fmt.figure(found, 2) if isinstance(found, int | float) else ""
