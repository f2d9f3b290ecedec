"""The table of one (checkpoint, corpus, condition) as a Parquet file, the same bytes for the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..checkpoint import Checkpoint
from ..corpus import Corpus
from ..files import write_atomically
from .journal import Row


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
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

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
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd")
    write_atomically(path, buffer.getvalue())
