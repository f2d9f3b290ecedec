"""One row of a table, as an utterance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..corpus import DIMENSIONS, Utterance
from ..errors import InputError
from .columns import GROUP
from .decode import Source
from .identity import located, utterance_id
from .readers import Cells
from .truth import Scale, number, outside, to_unit, undeclared

SEXES = {
    "f": "female",
    "female": "female",
    "w": "female",
    "weiblich": "female",
    "m": "male",
    "male": "male",
    "männlich": "male",
}
"""Spellings of the two commonest values of ``sex``, in lower case; any other value is kept as it is."""


@dataclass(frozen=True)
class RowReader:
    """Reads rows of a table as utterances; its errors name corpus, row and file."""

    corpus: str
    cells: Cells
    columns: Mapping[str, str]  # role -> column
    scales: Mapping[str, Scale]  # dimension -> declared scale
    language: str | None  # of rows that tell none
    folder: Path  # where relative file names start
    names: Mapping[int, str]  # row -> name of its file

    def check_declared(self, rows: Iterable[int]) -> None:
        """Refuse a dimension that has values in ``rows`` but no scale.

        Raises:
            InputError: with the range of its values, and how to declare a scale.
        """
        for dimension in DIMENSIONS:
            if dimension in self.columns and dimension not in self.scales:
                values = [v for v in (self._number(dimension, i) for i in rows) if v is not None]
                if values:
                    raise undeclared(self.corpus, dimension, values)

    def utterance(self, row: int) -> Utterance:
        """The utterance of row number ``row`` (from 0).

        Raises:
            InputError: a number is none, a segment ends before it starts, or truth lies outside of its scale.
        """
        start, end = self._number("start", row), self._number("end", row)
        for role, value in (("start", start), ("end", end)):
            if value is not None and not (value >= 0 and math.isfinite(value)):
                raise InputError(f"{self._where(role, row)} is {value:g}: give seconds, 0 or more")
        if end is not None and end <= (start or 0.0):
            raise InputError(
                f"{self._where('end', row)} is {end:g} s, not after the start at {start or 0.0:g} s"
            )
        return Utterance(
            id=utterance_id(self.names[row], start, end),
            speaker=self._cell("speaker", row) or "",
            truth=self._truth(row),
            groups=self._groups(row),
            load=Source(located(self._cell("file", row) or "", self.folder), start, end),
            transcript=self._cell("transcript", row),
        )

    def _cell(self, role: str, row: int) -> str | None:
        return self.cells[self.columns[role]][row] if role in self.columns else None

    def _number(self, role: str, row: int) -> float | None:
        return number(self._cell(role, row), self._where(role, row))

    def _where(self, role: str, row: int) -> str:
        return f"corpus {self.corpus}: {role} in row {row + 1} ({self.names[row]})"

    def _truth(self, row: int) -> dict[str, float | str]:
        truth: dict[str, float | str] = {}
        for dimension in DIMENSIONS:
            value = self._number(dimension, row)
            if value is None:
                continue
            scale = self.scales[dimension]
            if not scale[0] <= value <= scale[1]:
                raise outside(self._where(dimension, row), value, self.corpus, dimension, scale)
            truth[dimension] = to_unit(value, scale)
        label = self._cell("emotion", row)
        return truth if label is None else {**truth, "emotion": label}

    def _groups(self, row: int) -> dict[str, str]:
        sex = self._cell("sex", row)
        groups = {
            "sex": sex and SEXES.get(sex.casefold(), sex),
            "language": self._cell("language", row) or self.language,
            "age": self._cell("age", row),
        }
        groups |= {r.removeprefix(GROUP): self._cell(r, row) for r in self.columns if r.startswith(GROUP)}
        return {group: value for group, value in groups.items() if value}
