"""What can be said of a checkpoint by itself, as data: facts, size, cost, and the proof of its batches."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ser_audit.benchmark.finding import Record
from ser_audit.benchmark.manifest import OutputRecord, Proofs, TrainingRecord

from .table import TableCheckpoint

if TYPE_CHECKING:
    from ser_audit.benchmark.checkpoint import Checkpoint


class FileRecord(Record):
    """A file that a checkpoint is loaded from."""

    name: str  # within the checkpoint's folder; of a file elsewhere its name alone
    bytes: int


class TableRecord(Record):
    """The extent of a table of predictions."""

    rows: int
    rows_without_scores: int
    corpora: tuple[str, ...] | None  # None: the table does not tell
    conditions: tuple[str, ...]


class Inspection(Record):
    """A checkpoint, opened and proven; None where a fact is unknown or does not apply."""

    name: str
    format: str
    source: str  # file or folder name, never a path
    architecture: str | None
    outputs: tuple[OutputRecord, ...]  # in the order of the columns
    output: str | None  # of a graph: the one of its outputs that holds these columns
    activation: str | None  # of the raw outputs of the classes
    value_range: tuple[float, float] | None  # of the raw dimensions
    sampling_rate: int | None  # Hz
    shortest_input: float | None  # seconds; shorter audio gets zeros at its end
    longest_input: float | None  # seconds; the model does not hear what comes after
    parameters: int | None
    macs_per_second: int | None  # multiply-accumulates of a second of audio
    padding: str
    proofs: Proofs | None
    licence: str | None
    trained_on: tuple[TrainingRecord, ...] | None
    files: tuple[FileRecord, ...]
    revision: str
    revision_is_complete: bool  # whether the predictions depend on these files alone
    device: str | None
    threads: int | None
    table: TableRecord | None


def inspect_checkpoint(
    reference: str | Path,
    *,
    info_file: str | Path | None = None,
    device: str = "cpu",
    threads: int = 2,
    trust: bool = False,
) -> Inspection:
    """Open a checkpoint as an audit would, and say what it is.

    Args:
        reference: a file, a folder, ``file.py:name``, or ``bundled``.
        info_file: a sidecar TOML; default: the one beside the checkpoint.
        device: such as cpu, cuda or cuda:1.
        threads: of the CPU, for one forward pass.
        trust: open also what runs code of its own.

    Raises:
        InputError: what a run would refuse, with the same words.
    """
    from ser_audit.benchmark import plugins
    from ser_audit.benchmark.checkpoint import elsewhere

    from . import describe, open_checkpoint, resolve, revision_of

    format_name, _, info = describe(reference, info_file, trust=trust)
    module, resolved = plugins.load("checkpoints", format_name), resolve(reference)
    with ThreadPoolExecutor(1) as pool:  # hashes the files while libraries are imported; kept by `hashing`
        pool.submit(revision_of, reference, format_name)
        checkpoint = open_checkpoint(
            reference, info_file=info_file, device=device, threads=threads, trust=trust
        )
    heard = not elsewhere(checkpoint)
    return Inspection(
        name=checkpoint.name,
        format=format_name,
        source=checkpoint.source,
        architecture=_architecture(resolved),
        outputs=tuple(OutputRecord(name=o.name, kind=o.kind) for o in info.outputs),
        output=info.output,
        activation=info.activation if info.classes else None,
        value_range=info.value_range if info.dimensions else None,
        sampling_rate=info.sampling_rate if heard else None,
        shortest_input=info.shortest_input if heard else None,
        longest_input=_longest(resolved),
        parameters=checkpoint.parameters,
        macs_per_second=_macs_per_second(checkpoint) if heard else None,
        padding=checkpoint.padding,
        proofs=checkpoint.proofs,
        licence=info.licence,
        trained_on=None
        if info.trained_on is None
        else tuple(TrainingRecord(corpus=t.corpus, speakers=t.speakers) for t in info.trained_on),
        files=_files(module.files(resolved), resolved),
        revision=checkpoint.revision,
        revision_is_complete=getattr(module, "complete", lambda _: True)(resolved),
        device=getattr(checkpoint, "device", device) if heard else None,
        threads=threads if heard else None,
        table=_table(checkpoint) if isinstance(checkpoint, TableCheckpoint) else None,
    )


def _architecture(resolved: str) -> str | None:
    from .folder import architectures

    return ", ".join(architectures(Path(resolved))) or None


def _longest(resolved: str) -> float | None:
    from .folder import PREPROCESSORS, longest_input, preprocessor

    folder = Path(resolved)
    known = any((folder / name).is_file() for name in PREPROCESSORS)
    return longest_input(preprocessor(folder)) if known else None


def _macs_per_second(checkpoint: Checkpoint) -> int | None:
    """Of one second of audio, or of the shortest input where that is longer."""
    info = checkpoint.info
    seconds = max(1.0, info.shortest_input)
    macs = checkpoint.macs(round(seconds * info.sampling_rate))
    return None if macs is None else round(macs / seconds)


def _files(files: list[Path], resolved: str) -> tuple[FileRecord, ...]:
    path = Path(resolved.rpartition(":")[0] if ".py:" in resolved else resolved).absolute()
    folder = path if path.is_dir() else path.parent
    return tuple(FileRecord(name=_within(file, folder), bytes=file.stat().st_size) for file in files)


def _within(file: Path, folder: Path) -> str:
    """The path within the folder; of a file elsewhere its name alone."""
    inside = Path(os.path.normpath(file.absolute()))
    return inside.relative_to(folder).as_posix() if inside.is_relative_to(folder) else file.name


def _table(table: TableCheckpoint) -> TableRecord:
    import numpy as np

    corpora = tuple(sorted(set(table.keys["corpus"]))) if "corpus" in table.keys else None
    return TableRecord(
        rows=len(table.keys),
        rows_without_scores=int(np.isnan(table.scores).any(axis=1).sum()),
        corpora=corpora,
        conditions=table.conditions,
    )
