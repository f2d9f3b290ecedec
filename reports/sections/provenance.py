"""Provenance: what is needed to make the same numbers again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ser_audit.benchmark.manifest import Manifest

from .. import format as fmt
from ..model import Cell, Column, Part, Section, Table

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
        **{key.upper() if len(key) < 4 else key.capitalize(): text for key, text in manifest.machine.items()},
    }
    blocks = [
        _pairs("Settings and machine", "Setting", "Value", settings.items()),
        _pairs("Versions", "Software", "Version", manifest.versions.items()),
        _checkpoints(manifest),
        _corpora(manifest),
        _conditions(manifest),
    ]
    if questions:
        blocks.append(
            _pairs("Codes of findings", "Code", "Question", questions.items(), fold="Codes of findings")
        )
    return Section("provenance", "Provenance", LEAD, {}, 0, (Part("", tuple(blocks)),))


def _pairs(caption: str, key: str, text: str, rows: Iterable[tuple[str, str]], fold: str = "") -> Table:
    cells = tuple((Cell(k), Cell(v)) for k, v in rows)
    return Table(caption, (Column(key), Column(text)), cells, fold=fold)


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


def _conditions(manifest: Manifest) -> Table:
    rows = [
        (
            Cell(fmt.condition(c.id)),
            Cell(c.id),
            Cell(str(c.version)),
            Cell("yes" if c.label_preserving else "no: measured, never judged"),
        )
        for c in manifest.conditions
    ]
    columns = (Column("Condition"), Column("Id"), Column("Version", True), Column("Label preserving"))
    return Table("Conditions", columns, tuple(rows), fold=f"Conditions: all {len(rows)}")
