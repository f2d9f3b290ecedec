"""Table files (CSV, TSV, Parquet, JSON Lines) into columns of text: what stands there, nothing inferred."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterable
from pathlib import Path

from ..errors import InputError

Cells = dict[str, list[str | None]]
"""Column -> its cells as stripped text, None where empty; all columns are equally long."""

SUFFIXES = (".csv", ".tsv", ".parquet", ".jsonl", ".ndjson")

_WHOLE = re.compile(r"-?\d+\.0")


def read_cells(path: Path) -> Cells:
    """The table at ``path``, by its suffix.

    Numbers become the text that a CSV file would hold; columns of whole numbers that were stored as
    floats (as pandas does where some are missing) lose their ``.0``. Nested columns are left out.

    Raises:
        InputError: the file cannot be read as what its suffix says, or holds no row.
    """
    try:
        if path.suffix.lower() == ".parquet":
            columns = _parquet(path)
        elif path.suffix.lower() in (".jsonl", ".ndjson"):
            columns = _json_lines(path)
        else:
            columns = _delimited(path, "\t" if path.suffix.lower() == ".tsv" else ",")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text (byte {error.start}): save it as UTF-8") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    if not columns or not next(iter(columns.values())):
        raise InputError(f"{path} holds no rows")
    return {column: as_text(values) for column, values in columns.items()}


def as_text(values: Iterable[object]) -> list[str | None]:
    """Cells as stripped text; None for empty text, NaN and null."""
    cells = [_text(v) for v in values]
    if all(c is None or _WHOLE.fullmatch(c) for c in cells):
        return [c and c.removesuffix(".0") for c in cells]
    return cells


def _text(value: object) -> str | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    text = str(value).strip()
    return None if text in ("", "nan", "NaN") else text


def _delimited(path: Path, delimiter: str) -> dict[str, list[object]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        try:
            header = next(reader, [])
            repeated = [c for c in header if header.count(c) > 1]
            if repeated:
                raise InputError(f"{path} has two columns {repeated[0]!r}: give each a name of its own")
            columns: dict[str, list[object]] = {c: [] for c in header}
            for row in reader:
                if not row:
                    continue
                if len(row) != len(header):
                    raise InputError(
                        f"{path}, line {reader.line_num}: {len(row)} fields, but the header has {len(header)}"
                    )
                for column, cell in zip(header, row, strict=True):
                    columns[column].append(cell)
        except csv.Error as error:
            raise InputError(f"{path}, line {reader.line_num}: {error}") from None
    return columns


def _json_lines(path: Path) -> dict[str, list[object]]:
    rows: list[dict[str, object]] = []
    with path.open(encoding="utf-8-sig") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise InputError(f"{path}, line {number} is no JSON: {error.msg}") from None
            if not isinstance(row, dict):
                raise InputError(f"{path}, line {number} is no JSON object: each line must be one")
            rows.append(row)
    names = dict.fromkeys(key for row in rows for key in row)
    nested = {key for row in rows for key, value in row.items() if isinstance(value, (dict, list))}
    return {name: [row.get(name) for row in rows] for name in names if name not in nested}


def _parquet(path: Path) -> dict[str, list[object]]:
    import numpy as np
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(path).read()
    except pa.ArrowException as error:
        raise InputError(f"{path} is no readable Parquet file: {str(error).splitlines()[0]}") from None
    columns: dict[str, list[object]] = {}
    for field, column in zip(table.schema, table.columns, strict=True):
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            continue
        values = column.to_pylist()
        if pa.types.is_float32(kind) or pa.types.is_float16(kind):  # 4.2, not 4.199999809…
            values = [None if v is None else str(np.dtype(kind.to_pandas_dtype()).type(v)) for v in values]
        columns[field.name] = values
    return columns
