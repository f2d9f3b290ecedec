"""An audformat database: a folder with db.yaml, its tables as CSV or Parquet, and its media."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..corpus import DIMENSIONS, CorpusOptions
from ..errors import InputError
from ..plugins import nearest
from .audformat_files import HEADERS, read_header, read_table
from .columns import USUAL_NAMES, usual
from .readers import Cells, as_text
from .tabular import TableCorpus, table_corpus
from .truth import Scale

if TYPE_CHECKING:
    import audformat
    import pandas as pd

_TRUTH = ("emotion", *DIMENSIONS)
_OF_FILES = ("speaker", "sex", "language", "age", "transcript")  # roles that other tables may tell
_INDEX = ("file", "start", "end")


def recognises(path: str) -> bool:
    """Whether ``path`` is a folder with a database's header."""
    return any((Path(path) / header).is_file() for header in HEADERS)


def open_corpus(name: str, path: str, options: CorpusOptions) -> TableCorpus:
    """The corpus that one table of the database lists. No audio is read.

    The role ``table`` in ``options.columns`` names the table; without it, it is the only one with
    truth. Speaker, sex, language, age and transcript that it lacks come from the tables that tell
    them of the same files or segments, then from the labels of the speaker's scheme, and the
    language from a header that states just one. The minimum and maximum of a scheme declare a scale.

    Raises:
        InputError: the database cannot be read, or says something that cannot be.
    """
    folder = Path(path)
    database = read_header(name, folder)
    named = dict(options.columns)
    table = _chosen(name, database, named.pop("table", None), named)
    index = {level: level for level in _INDEX if level == "file" or table.is_segmented}
    wanted = set(named.values()) | set(options.rows)
    cells = _cells(name, folder, database, table, wanted)
    languages = database.languages
    return table_corpus(
        name,
        format="audformat",
        source=folder.resolve().name,
        folder=folder,
        cells=cells,
        options=replace(
            options,
            columns={**index, **named},
            language=options.language or (languages[0] if len(languages) == 1 else None),
        ),
        declared=_declared(database, table),
    )


def _chosen(
    name: str, database: audformat.Database, table_id: str | None, named: dict[str, str]
) -> audformat.Table:
    """The table of that id, else the only one with truth."""
    if table_id is not None:
        if table_id not in database.tables:
            raise InputError(
                f"corpus {name}: the database has no table {table_id!r}: {nearest(table_id, database.tables)}"
            )
        return database.tables[table_id]
    truth = set().union(*(USUAL_NAMES[role] for role in _TRUTH))
    as_truth = {column for role, column in named.items() if role in _TRUTH}
    with_truth = [
        table_id
        for table_id, table in database.tables.items()
        if any(usual(c) in truth or c in as_truth for c in table.columns)
    ]
    if len(with_truth) != 1:
        what = "several tables with truth" if with_truth else "no table with a usual column of truth"
        tables = ", ".join(with_truth or database.tables) or "none"
        raise InputError(
            f"corpus {name}: the database has {what} (tables: {tables}):"
            f" choose one with --column {name}:table=TABLE"
        )
    return database.tables[with_truth[0]]


def _cells(
    name: str, folder: Path, database: audformat.Database, table: audformat.Table, wanted: set[str]
) -> Cells:
    """The table's cells, with those that belong to it but stand elsewhere."""
    for scheme in database.schemes.values():  # first: audformat checks other tables' cells against them
        if scheme.uses_table:
            read_table(name, folder, database.misc_tables[scheme.labels])
    frame = read_table(name, folder, table)
    cells: Cells = {"file": [str(f) for f in frame.index.get_level_values("file")]}
    if table.is_segmented:
        for level in ("start", "end"):
            cells[level] = as_text(frame.index.get_level_values(level).total_seconds())
    schemes: dict[str, audformat.Scheme | None] = {}
    for column in table.columns:
        cells[column] = _text(frame[column])
        schemes[column] = _scheme(database, table, column)
    lacking = {r for r in _OF_FILES if not any(usual(c) in USUAL_NAMES[r] for c in table.columns)}
    for other in database.tables.values():
        if other is table or (other.is_segmented and not table.is_segmented):
            continue
        roles = {c: {r for r in lacking if usual(c) in USUAL_NAMES[r]} for c in other.columns}
        taken = [c for c in other.columns if c not in table.columns and (roles[c] or c in wanted)]
        if taken:
            found = read_table(name, folder, other)
            for column in taken:
                _join(name, cells, column, frame.index, found[column])
                schemes.setdefault(column, _scheme(database, other, column))
    _look_up_speakers(database, cells, schemes)
    for column, scheme in schemes.items():
        if usual(column) in USUAL_NAMES["transcript"] and scheme and isinstance(scheme.labels, dict):
            texts = {str(k): v for k, v in scheme.labels.items() if isinstance(v, str)}
            cells[column] = [None if c is None else texts.get(c, c) for c in cells[column]]
    return cells


def _join(name: str, cells: Cells, column: str, index: pd.Index, values: pd.Series) -> None:
    """Add another table's column to ``cells``, by file or, where both have segments, by segment."""
    keys = index if values.index.nlevels == index.nlevels else index.get_level_values("file")
    told = dict(zip(values.index, _text(values), strict=True))
    before = cells.get(column, [None] * len(keys))
    after = [told.get(key) for key in keys]
    for file, old, new in zip(cells["file"], before, after, strict=True):
        if old is not None and new is not None and old != new:
            raise InputError(
                f"corpus {name}: the database's tables contradict each other: {column} of {file} is"
                f" {old!r} and {new!r}"
            )
    cells[column] = [new if old is None else old for old, new in zip(before, after, strict=True)]


def _look_up_speakers(
    database: audformat.Database, cells: Cells, schemes: dict[str, audformat.Scheme | None]
) -> None:
    """Add what the labels of the speaker's scheme tell of the speakers: sex, language, age."""
    speaker = next((c for c in schemes if usual(c) in USUAL_NAMES["speaker"]), None)
    scheme = schemes[speaker] if speaker else None
    if speaker is None or scheme is None or scheme.labels is None or isinstance(scheme.labels, list):
        return
    if scheme.uses_table:
        misc = database.misc_tables[scheme.labels].df
        facts = {c: dict(zip(map(str, misc.index), _text(misc[c]), strict=True)) for c in misc.columns}
    else:
        told = {str(k): v for k, v in scheme.labels.items() if isinstance(v, dict)}
        fields = dict.fromkeys(field for v in told.values() for field in v)
        facts = {f: dict(zip(told, as_text(v.get(f) for v in told.values()), strict=True)) for f in fields}
    for role in ("sex", "language", "age"):
        if any(usual(c) in USUAL_NAMES[role] for c in cells):
            continue
        for field in facts:
            if usual(field) in USUAL_NAMES[role]:
                cells[field] = [facts[field].get(s or "") for s in cells[speaker]]


def _declared(database: audformat.Database, table: audformat.Table) -> dict[str, Scale]:
    """Column -> minimum and maximum of its scheme, where it has both."""
    schemes = {column: _scheme(database, table, column) for column in table.columns}
    return {
        column: (scheme.minimum, scheme.maximum)
        for column, scheme in schemes.items()
        if scheme and scheme.minimum is not None and scheme.maximum is not None
    }


def _scheme(database: audformat.Database, table: audformat.Table, column: str) -> audformat.Scheme | None:
    scheme_id = table.columns[column].scheme_id
    return database.schemes[scheme_id] if scheme_id is not None else None


def _text(values: pd.Series) -> list[str | None]:
    return as_text(None if empty else v for v, empty in zip(values.tolist(), values.isna(), strict=True))
