"""The table of one (checkpoint, corpus, condition) as a Parquet file, the same bytes for the same rows."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..checkpoint import Checkpoint
from ..corpus import Corpus
from ..files import write_atomically
from .journal import Row

if TYPE_CHECKING:
    import pyarrow as pa


def write_table(
    path: Path,
    checkpoint: Checkpoint,
    corpus: Corpus,
    condition: str,
    mapping: Mapping[str, str | None],
    rows: Sequence[Row],
    seconds: Sequence[float | None],
) -> None:
    """Write the rows, in the corpus's order.

    Scores are stored as float64 (of float32 values), so that whoever reduces them works in double
    precision; texts are strings, never categories, so that every condition has the same schema.
    """
    import pyarrow as pa

    utterances = corpus.utterances
    n = len(utterances)
    text, number = pa.string(), pa.float64()
    columns: dict[str, pa.Array] = {
        "checkpoint": pa.array([checkpoint.name] * n, text),
        "corpus": pa.array([corpus.name] * n, text),
        "utterance": pa.array([u.id for u in utterances], text),
        "condition": pa.array([condition] * n, text),
        "status": pa.array([r[0] for r in rows], text),
        "detail": pa.array([r[1] for r in rows], text),
        "input_hash": pa.array([r[2] for r in rows], text),
        "speaker": pa.array([u.speaker for u in utterances], text),
        "seconds": pa.array(seconds, number),
    }
    for group in sorted({g for u in utterances for g in u.groups}):
        columns[f"group.{group}"] = pa.array([u.groups.get(group) for u in utterances], text)
    if any("emotion" in u.truth for u in utterances):
        labels = [str(u.truth["emotion"]) if "emotion" in u.truth else None for u in utterances]
        columns["label.emotion"] = pa.array(labels, text)
        if checkpoint.info.classes:
            columns["truth.emotion"] = pa.array([mapping.get(label or "") for label in labels], text)
    for dimension in sorted({d for u in utterances for d in u.truth} - {"emotion"}):
        columns[f"truth.{dimension}"] = pa.array([u.truth.get(dimension) for u in utterances], number)
    for i, output in enumerate(checkpoint.info.outputs):
        columns[output.column] = pa.array([None if r[3] is None else r[3][i] for r in rows], number)
    _write(path, pa.table(columns))


def has_f0(path: Path) -> bool:
    """Whether there is a table with the column ``f0``: whether the utterances' mean F0 was measured."""
    import pyarrow.parquet as pq

    return path.is_file() and "f0" in pq.read_schema(path).names


def read_f0(path: Path) -> list[float | None]:
    """The column ``f0`` of a table that has it, Hz; None of an utterance that is not voiced."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(path).read(columns=["f0"])["f0"].to_pylist()


def add_f0(path: Path, f0: Sequence[float | None]) -> None:
    """Put the column ``f0`` [Hz] beside ``seconds`` of a table that lacks it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.ParquetFile(path).read()
    after = table.column_names.index("seconds") + 1
    _write(path, table.add_column(after, "f0", pa.array(f0, pa.float64())))


def _write(path: Path, table: pa.Table) -> None:
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    write_atomically(path, buffer.getvalue())
