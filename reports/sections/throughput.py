"""Throughput: a row per checkpoint, then what it was held against in turn."""

from __future__ import annotations

from collections.abc import Sequence

from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.manifest import Manifest

from .. import format as fmt
from ..model import Cell, Column, Part, Table
from ..tables import first, listing, name, notes, value

LEAD = "How long a checkpoint takes on this machine, and how large it is. Times depend on the machine, the \
device and the number of threads; a ratio of times that were measured in turn hardly does."
SERVER, BASELINE, VARIANTS = ("SER606",), ("SER607",), ("SER610", "SER611")


def parts(findings: Sequence[Finding], manifest: Manifest) -> list[Part]:
    """Times and sizes, utterances that arrive at random, the baseline, other arithmetics."""
    told = [f for f in findings if f.metric]
    apart = (*SERVER, *BASELINE, *VARIANTS)
    alone = [f for f in told if f.code not in apart]
    blocks = _table("Time and size of each checkpoint", alone, manifest)
    blocks += _table("Utterances that arrive at random", _of(told, SERVER), manifest)
    found = [Part("", tuple(blocks))] if blocks else []
    for title, codes in (("Against the baseline", BASELINE), ("In other arithmetics", VARIANTS)):
        if own := _of(told, codes):
            found.append(Part(title, (listing("Times in turn, and what changes", own, messages=True),)))
    return found


def _of(findings: Sequence[Finding], codes: Sequence[str]) -> list[Finding]:
    return [f for f in findings if f.code in codes]


def _table(caption: str, findings: Sequence[Finding], manifest: Manifest) -> list[Table]:
    """Checkpoints × metrics; percentiles that are details stand in columns of their own."""
    cells = first(findings, lambda f: (f.subject.checkpoint, f.metric))
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
    return [Table(caption, tuple(columns), tuple(rows), context, notes(findings))]


def _further(findings: Sequence[Finding]) -> list[str]:
    return list(dict.fromkeys(key for f in findings for key in f.details if key in ("p90", "p99")))


def _detail(finding: Finding | None, key: str) -> Cell:
    found = finding.details.get(key) if finding else None
    text = fmt.figure(found, 2) if isinstance(found, int | float) else fmt.NONE
    return Cell(text, title=fmt.trace(finding) if finding else "")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
