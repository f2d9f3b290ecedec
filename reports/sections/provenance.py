"""Provenance: what is needed to make the same numbers again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ser_audit.benchmark.manifest import ConditionRecord, Manifest
from ser_audit.benchmark.predictions import CLEAN

from .. import format as fmt
from ..model import Cell, Column, Part, Section, Table
from ..tables import name

LEAD = "Versions, seeds, revisions and the machine: what is needed to make the same numbers again."


def section(manifest: Manifest, policy: str, questions: Mapping[str, str]) -> Section:
    """Settings, checkpoints, corpora, conditions, versions, and the codes of findings."""
    settings = {
        "ser-audit": manifest.version,
        "Policy": policy,
        "Seed": str(manifest.seed),
        "Device": manifest.device,
        "Threads": str(manifest.threads),
        "Batch size": str(manifest.batch_size),
        "Utterances per corpus": f"{manifest.limit} at most" if manifest.limit else "all",
        **{
            key.upper() if len(key) < 4 else key[:1].upper() + key[1:]: text
            for key, text in manifest.machine.items()
        },
    }
    blocks = [
        _pairs("Settings and machine", "Setting", "Value", settings.items()),
        _pairs("Versions", "Software", "Version", manifest.versions.items()),
        _checkpoints(manifest),
        _corpora(manifest),
        *([_packs(manifest)] if manifest.packs else []),
        _conditions(manifest),
    ]
    if questions:
        blocks.append(_codes(questions))
    return Section("provenance", "Provenance", LEAD, {}, 0, (Part("", tuple(blocks)),))


def _pairs(caption: str, key: str, text: str, rows: Iterable[tuple[str, str]], fold: str = "") -> Table:
    cells = tuple((Cell(k), Cell(v)) for k, v in rows)
    return Table(caption, (Column(key), Column(text)), cells, fold=fold)


def _codes(questions: Mapping[str, str]) -> Table:
    rows = tuple(
        (Cell(code), Cell(asked), Cell(f"ser-audit explain {code}")) for code, asked in questions.items()
    )
    columns = (Column("Code"), Column("Question"), Column("Formula, limit, source, what to do"))
    return Table(
        "Codes of findings", columns, rows, fold=f"Codes of findings: all {len(rows)}, and how to read on"
    )


def _checkpoints(manifest: Manifest) -> Table:
    """Facts × checkpoints."""
    facts = [
        {
            "Format": c.format,
            "Source": c.source,
            "Revision": c.revision,
            "Licence": c.licence or "unknown",
            "Outputs, in order": ", ".join(o.name for o in c.outputs),
            "Activation": c.activation,
            "Value range": " to ".join(fmt.figure(end) for end in c.value_range),
            "Sampling rate": f"{fmt.count(c.sampling_rate)} Hz" if c.sampling_rate else fmt.NONE,
            "Shortest input": f"{fmt.figure(c.shortest_input)} s",
            "Parameters": fmt.figure(c.parameters),
            "Batches": c.padding,
            "Weights": c.proofs.weights if c.proofs else "a table of predictions: there are none",
        }
        for c in manifest.checkpoints
    ]
    return _transposed("Checkpoints", [c.name for c in manifest.checkpoints], facts)


def _corpora(manifest: Manifest) -> Table:
    """Facts × corpora."""
    facts = [
        {
            "Format": c.format,
            "Source": c.source,
            "Revision": c.revision,
            "Truth scales": ", ".join(
                f"{d} {fmt.figure(a)} to {fmt.figure(b)}" for d, (a, b) in c.scales.items()
            )
            or "none declared",
            "Recorded by": c.reference or "one recording of each take",
            "Groups": "; ".join(_groups(column, values) for column, values in c.groups.items()) or "none",
        }
        for c in manifest.corpora
    ]
    return _transposed("Corpora", [c.name for c in manifest.corpora], facts)


def _transposed(caption: str, names: Sequence[str], facts: Sequence[Mapping[str, str]]) -> Table:
    rows = tuple((Cell(key), *(Cell(one[key]) for one in facts)) for key in (facts[0] if facts else {}))
    return Table(caption, (Column("Fact"), *(Column(name) for name in names)), rows)


def _groups(column: str, values: Mapping[str, int]) -> str:
    shown = [f"{fmt.short(value, 24)} {fmt.count(n)}" for value, n in list(values.items())[:8]]
    more = [f"{len(values) - 8} more"] if len(values) > 8 else []
    return f"{column}: {', '.join(shown + more)}"


def _packs(manifest: Manifest) -> Table:
    rows = [
        (
            name(pack.name),
            Cell(pack.layout),
            Cell(fmt.revision(pack.revision), title=pack.revision),
            Cell(", ".join(f"{fmt.visible(kind)} {fmt.count(n)}" for kind, n in pack.clips.items())),
        )
        for pack in manifest.packs
    ]
    columns = (Column("Pack"), Column("Layout"), Column("Revision"), Column("Clips of each category"))
    return Table("Noise packs", columns, tuple(rows))


def _conditions(manifest: Manifest) -> Table:
    """Conditions: how to make them again, and what they are compared with."""
    columns: list[tuple[Column, Callable[[ConditionRecord], Cell]]] = [
        (Column("Condition"), lambda c: Cell(fmt.condition(c.id))),
        (Column("Id"), lambda c: Cell(c.id)),
        (Column("Version", True), lambda c: Cell(str(c.version))),
        (Column("Label preserving"), lambda c: Cell("yes" if c.label_preserving else "no: never judged")),
    ]
    if any(c.reference != CLEAN for c in manifest.conditions):
        columns.append((Column("Compared with"), _reference))
    if any(c.source for c in manifest.conditions):
        columns.append((Column("Sounds taken from"), lambda c: Cell(c.source or fmt.NONE)))
    rows = tuple(tuple(cell(c) for _, cell in columns) for c in manifest.conditions)
    heads = tuple(column for column, _ in columns)
    return Table("Conditions", heads, rows, fold=f"Conditions: all {len(rows)}")


def _reference(condition: ConditionRecord) -> Cell:
    return Cell(fmt.NONE if condition.id == CLEAN else fmt.condition(condition.reference))
