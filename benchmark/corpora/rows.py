"""Which rows of a table belong to the corpus."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import InputError
from ..plugins import nearest
from .readers import Cells

_SHOWN = 12  # values in a message


def choose_rows(
    corpus: str, cells: Cells, chosen: Mapping[str, tuple[str, ...]], corpus_column: str | None
) -> list[int]:
    """Rows whose cells hold the wanted values in every column of ``chosen``.

    Where the table holds several corpora and the user does not choose between them, the corpus's
    own name does, if it is one of theirs.

    Args:
        corpus: its name.
        cells: the table.
        chosen: column -> values of which a row must hold one.
        corpus_column: the column that says which corpus a row is of, if there is one.

    Returns:
        Row numbers from 0, ascending, at least one.

    Raises:
        InputError: a column or value does not occur, no row is left, or the rows left are of
            several corpora.
    """
    wanted = dict(chosen)
    for column, values in wanted.items():
        if column not in cells:
            raise InputError(
                f"corpus {corpus}: there is no column {column!r} to choose rows by: {nearest(column, cells)}"
            )
        present = _values(cells, column)
        for value in values:
            if value not in present:
                raise InputError(
                    f"corpus {corpus}: no row has {column}={value}; values present: {_listed(present)}"
                )
    if corpus_column and corpus_column not in wanted:
        corpora = _values(cells, corpus_column)
        if len(corpora) > 1 and corpus in corpora:
            wanted[corpus_column] = (corpus,)
    size = len(next(iter(cells.values())))
    rows = [i for i in range(size) if all(cells[c][i] in values for c, values in wanted.items())]
    if not rows:
        terms = " and ".join(f"{c}={'|'.join(values)}" for c, values in wanted.items())
        raise InputError(f"corpus {corpus}: no row has {terms}: each occurs, but never together")
    if corpus_column and corpus_column not in wanted:
        left = {v for v in (cells[corpus_column][i] for i in rows) if v is not None}
        if len(left) > 1:
            raise InputError(
                f"corpus {corpus}: the column {corpus_column!r} holds several corpora"
                f" ({_listed(left)}): choose with --rows {corpus}:{corpus_column}=VALUE"
            )
    return rows


def check_filled(corpus: str, role: str, column: str, cells: Cells, rows: list[int]) -> None:
    """Refuse rows that lack what every utterance has.

    Raises:
        InputError: with their number, and how to go on.
    """
    empty = [i for i in rows if cells[column][i] is None]
    if empty:
        why = ": intervals resample speakers, so every row needs one" if role == "speaker" else ""
        raise InputError(
            f"corpus {corpus}: {len(empty)} of {len(rows)} rows have no {role}, the first is row"
            f" {empty[0] + 1}{why}: fill the column {column!r}, or leave these rows out"
        )


def _values(cells: Cells, column: str) -> set[str]:
    return {v for v in cells[column] if v is not None}


def _listed(values: set[str]) -> str:
    shown = sorted(values)
    more = f", … ({len(shown)} in all)" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more
