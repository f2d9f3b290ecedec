"""The rows of one condition, in a Parquet file or in memory: only columns that are asked for are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

KEY = ("checkpoint", "corpus", "utterance", "condition")
NEEDED = (*KEY, "status", "speaker")


@dataclass(frozen=True, eq=False)
class Shard:
    """Where the rows of one condition lie, in any order.

    Raises:
        InputError: the file is no Parquet file, or a column is missing.
    """

    source: Path | pa.Table

    def __post_init__(self) -> None:
        missing = [c for c in NEEDED if c not in self.columns]
        if missing:
            raise InputError(f"predictions lack the column(s) {', '.join(missing)}")

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, in the order of the table."""
        if not isinstance(self.source, Path):
            return tuple(self.source.column_names)
        import pyarrow.parquet as pq

        with _readable(self.source):
            return tuple(pq.read_schema(self.source).names)

    @cached_property
    def keys(self) -> tuple[tuple[str, str, str], ...]:
        """The checkpoint, corpus and condition of the rows; more than one where it holds more."""
        names = ["checkpoint", "corpus", "condition"]
        found = self.read(names, coded=names).group_by(names).aggregate([])
        return tuple((row["checkpoint"], row["corpus"], row["condition"]) for row in found.to_pylist())

    def read(self, columns: Sequence[str] | None = None, coded: Sequence[str] = ()) -> pa.Table:
        """Read columns, or all of them; those ``coded`` as dictionaries: fast where values repeat."""
        if not isinstance(self.source, Path):
            table = self.source if columns is None else self.source.select(columns)
            for name in coded:
                place = table.column_names.index(name)
                table = table.set_column(place, name, table[name].dictionary_encode())
            return table
        import pyarrow.parquet as pq

        with _readable(self.source), pq.ParquetFile(self.source, read_dictionary=list(coded)) as file:
            return file.read(columns)


def split(frame: pd.DataFrame) -> list[Shard]:
    """Split a table into its conditions, in the order of their first rows."""
    import pyarrow as pa

    missing = [c for c in NEEDED if c not in frame]
    if missing:
        raise InputError(f"predictions lack the column(s) {', '.join(missing)}")
    parts = frame.groupby("condition", sort=False, dropna=False)
    return [Shard(pa.Table.from_pandas(rows, preserve_index=False)) for _, rows in parts]


def numbers(column: pa.ChunkedArray) -> np.ndarray:
    """A column of numbers: float64 (rows,), NaN where it has none."""
    import pyarrow as pa

    return column.cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False)


def texts(column: pa.ChunkedArray) -> tuple[np.ndarray, tuple[str, ...]]:
    """A column of texts: codes int64 (rows,), −1 where it has none, and the sorted texts they stand for."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    array = column.unify_dictionaries().combine_chunks()
    told = [None if v is None or v != v else str(v) for v in array.dictionary.to_pylist()]
    values = tuple(sorted({t for t in told if t}))
    places = {value: i for i, value in enumerate(values)}
    codes = np.array([places.get(t or "", -1) for t in told] + [-1])
    return codes[array.indices.fill_null(len(told)).to_numpy()], values


def names(utterances: pa.ChunkedArray) -> pa.ChunkedArray:
    """Names of utterances, one in every row."""
    import pyarrow as pa

    if utterances.null_count:
        raise InputError(f"predictions hold {utterances.null_count} row(s) without utterance")
    return utterances.cast(pa.large_string())


def sorting(utterances: pa.ChunkedArray) -> np.ndarray | None:
    """The order of rows by utterance: int64 (rows,); None where they lie in it."""
    import pyarrow.compute as pc

    if pc.all(pc.less_equal(utterances[:-1], utterances[1:])).as_py() is not False:
        return None
    return pc.sort_indices(utterances).to_numpy().astype(np.int64)


def check_unique(utterances: pa.ChunkedArray, condition: str) -> None:
    """Refuse sorted utterances of which two are the same."""
    import pyarrow.compute as pc

    place = pc.index(pc.equal(utterances[:-1], utterances[1:]), True).as_py()
    if place >= 0:
        name = utterances[place].as_py()
        raise InputError(f"utterance {name!r} stands twice in condition {condition!r}: keys are unique")


def check_same(utterances: pa.ChunkedArray, clean: pa.ChunkedArray, condition: str) -> None:
    """Refuse sorted utterances that are not those of clean."""
    if not utterances.equals(clean):
        odd = {*utterances.to_pylist()} ^ {*clean.to_pylist()}
        raise InputError(f"{condition!r} and 'clean' differ in {len(odd)} utterance(s), such as {min(odd)!r}")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Say in one line what is wrong with a file."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name} cannot be read as a table of predictions: {error}") from None
