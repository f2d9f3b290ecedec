"""The files of an audformat database, read without what could run code: pickles and YAML tags."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    import audformat
    import pandas as pd

HEADERS = ("db.yaml", "db.header.yaml")
STORED = ("parquet", "csv")


def read_header(name: str, folder: Path) -> audformat.Database:
    """The database's header; its tables hold no rows yet.

    ``audformat.Database.load`` is not used: it obeys YAML tags that construct any Python object.

    Args:
        name: of the corpus, for messages.
        folder: of the database.

    Raises:
        InputError: it is no readable header of an audformat database.
    """
    import audformat
    import yaml

    path = next(folder / header for header in HEADERS if (folder / header).is_file())
    try:
        header = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(header, dict):
            raise InputError(f"corpus {name}: {path} is no header of an audformat database")
        return audformat.Database.load_header_from_yaml(header)
    except InputError:
        raise
    except Exception as error:  # of any kind: the header is the user's, its checks are audformat's
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"corpus {name}: {path} is no header of an audformat database: {reason}") from None


def read_table(name: str, folder: Path, table: audformat.Table | audformat.MiscTable) -> pd.DataFrame:
    """The rows of a table, from its Parquet or CSV file.

    audformat prefers a pickle that lies beside them, so it is shown a folder without it.

    Raises:
        InputError: there is no such file, or it cannot be read.
    """
    files = [folder / f"db.{table._id}.{kind}" for kind in STORED]
    there = next((f for f in files if f.is_file()), None)
    if there is None:
        pickled = files[0].with_suffix(".pkl").is_file()
        raise InputError(
            f"corpus {name}: the table {table._id!r} has no file {files[0].name} or {files[1].name}"
            + (", only a pickle, which can run code: save it as CSV or Parquet" if pickled else "")
        )
    try:
        with tempfile.TemporaryDirectory() as empty:
            (Path(empty) / there.name).symlink_to(there.resolve())
            table.load(str(Path(empty) / there.name.removesuffix(there.suffix)))
            return table.df
    except Exception as error:  # of any kind: the file is the user's, its checks are audformat's
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"corpus {name}: {there} cannot be read: {reason}") from None
