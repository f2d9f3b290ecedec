"""A table of utterances: CSV, TSV, Parquet or JSON Lines, with file, speaker and truth columns."""

from __future__ import annotations

from pathlib import Path

from ..corpus import CorpusOptions
from .readers import SUFFIXES, read_cells
from .tabular import TableCorpus, table_corpus


def recognises(path: str) -> bool:
    """Whether ``path`` is a file with the suffix of a table."""
    return Path(path).suffix.lower() in SUFFIXES and Path(path).is_file()


def open_corpus(name: str, path: str, options: CorpusOptions) -> TableCorpus:
    """The corpus that the table at ``path`` lists; its files are relative to the table's folder.

    Columns are recognised by their usual names (:data:`.columns.USUAL_NAMES`), or named in
    ``options.columns``. No audio is read.

    Raises:
        InputError: the table cannot be read, or says something that cannot be.
    """
    table = Path(path)
    return table_corpus(
        name, format="table", source=table.name, folder=table.parent, cells=read_cells(table), options=options
    )
