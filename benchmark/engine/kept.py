"""Predictions that are kept for later runs: rows as bytes, exactly."""

from __future__ import annotations

import io
from collections.abc import Sequence

from .journal import Row


def to_bytes(rows: Sequence[Row]) -> bytes:
    """Rows of a table as a small Parquet file; scores are float32 values."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    status, detail, hashes, scores = zip(*rows, strict=True)
    text = pa.string()
    table = pa.table(
        {
            "status": pa.array(status, text),
            "detail": pa.array(detail, text),
            "input_hash": pa.array(hashes, text),
            "scores": pa.array(scores, pa.list_(pa.float32())),
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def from_bytes(kept: bytes) -> list[Row]:
    """The rows again."""
    import pyarrow.parquet as pq

    columns = pq.read_table(io.BytesIO(kept)).to_pydict()
    return list(
        zip(columns["status"], columns["detail"], columns["input_hash"], columns["scores"], strict=True)
    )
