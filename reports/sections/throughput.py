"""Throughput: one row per checkpoint."""

from __future__ import annotations

from collections.abc import Sequence

from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.manifest import Manifest

from .. import format as fmt
from ..model import Cell, Column, Part, Table
from ..tables import first, name, notes, value

LEAD = "How long a checkpoint takes on this machine, and how large it is. These are measurements; they \
depend on the machine, the device and the number of threads."


def parts(findings: Sequence[Finding], manifest: Manifest) -> list[Part]:
    """Checkpoints × metrics; percentiles that are details stand in columns of their own."""
    cells = first((f for f in findings if f.metric), lambda f: (f.subject.checkpoint, f.metric))
    if not cells:
        return []
    metrics = list(dict.fromkeys(metric for _, metric in cells))
    names = list(dict.fromkeys(checkpoint for checkpoint, _ in cells))
    further = {m: _further([cells[n, m] for n in names if (n, m) in cells]) for m in metrics}
    columns = [Column("Checkpoint")]
    for metric in metrics:
        code = next(f.code for (_, m), f in cells.items() if m == metric)
        columns += [
            Column(_upper(str(metric)), True, code),
            *(Column(k, True, code) for k in further[metric]),
        ]
    rows = []
    for checkpoint in names:
        row = [name(str(checkpoint))]
        for metric in metrics:
            found = cells.get((checkpoint, metric))
            row += [value(found), *(_detail(found, key) for key in further[metric])]
        rows.append(tuple(row))
    machine = ", ".join(filter(None, (manifest.machine.get("gpu"), manifest.machine.get("cpu"))))
    context = (
        f"{manifest.device}{f' ({machine})' if machine else ''}, {fmt.count(manifest.threads, 'thread')}"
    )
    caption = "Time and size of each checkpoint"
    return [Part("", (Table(caption, tuple(columns), tuple(rows), context, notes(findings)),))]


def _further(findings: Sequence[Finding]) -> list[str]:
    return list(dict.fromkeys(key for f in findings for key in f.details if key in ("p90", "p99")))


def _detail(finding: Finding | None, key: str) -> Cell:
    found = finding.details.get(key) if finding else None
    text = fmt.figure(found, 2) if isinstance(found, int | float) else fmt.NONE
    return Cell(text, title=fmt.trace(finding) if finding else "")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
