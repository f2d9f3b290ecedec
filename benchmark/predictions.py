"""The one table: a row per (checkpoint, corpus, utterance, condition), checked on construction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from .errors import InputError
from .shard import Shard, check_same, check_unique, names, numbers, sorting, split, texts

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

CLEAN = "clean"
OK = "ok"
EMOTION = "emotion"
A = TypeVar("A", np.ndarray, "pa.ChunkedArray")
SCORE, CLASS = "score.", "score.emotion."


@dataclass(frozen=True)
class Failures:
    """The rows of one condition that were not predicted."""

    counts: dict[str, int]  # by status
    utterance: str  # the first of them by name
    detail: str | None  # why that one has no prediction


@dataclass(frozen=True, eq=False)
class _Condition:
    """What is kept of one condition: 8 bytes per row and output, and one more."""

    order: np.ndarray | None  # int64 (utterances,), rows of the shard by utterance; None: as they lie
    ok: np.ndarray  # bool (utterances,)
    scores: dict[str, np.ndarray]  # (utterances,): float64 of a dimension, int64 of emotion
    failures: Failures | None


class Predictions:
    """Predictions of one checkpoint on one corpus, in all its conditions.

    Columns: ``checkpoint, corpus, utterance, condition, status, detail, input_hash, speaker,
    seconds, group.<name>, label.emotion, truth.<name>, score.<dimension>, score.emotion.<class>``.
    ``truth.emotion`` is the checkpoint's class that the corpus's ``label.emotion`` maps to, null
    where it maps to none. Dimensions are in [0, 1]. Rows whose status is not ``ok`` have no scores.

    The conditions are read one after the other, and of each the scores alone are kept; what an utterance
    is (speaker, groups, truth) is told by its row in ``clean``. Arrays are (utterances,), in the order of
    the utterances' names whatever the order of rows in the tables, and read-only.

    Args:
        tables: one frame of all conditions, or their Parquet files, a condition in each.

    Raises:
        InputError: keys repeat, scores of an ok row are not finite, a condition lacks utterances
            that another has, or there is no ``clean`` condition.
    """

    def __init__(self, tables: pd.DataFrame | Sequence[Path]) -> None:
        shards = [Shard(path) for path in tables] if isinstance(tables, Sequence) else split(tables)
        self._shards = _by_condition(shards)
        self._clean = self._shards[CLEAN]
        self._numbers: dict[str, np.ndarray] = {}
        self._texts: dict[str, tuple[np.ndarray, tuple[str, ...]]] = {}
        self._lying = names(self._clean.read(["utterance"])["utterance"])
        self._order = sorting(self._lying)
        self.utterances: pa.ChunkedArray = _ordered(self._lying, self._order)
        check_unique(self.utterances, CLEAN)
        nobody = int((self.text("speaker")[0] < 0).sum())
        if nobody:
            raise InputError(f"predictions hold {nobody} row(s) without a speaker: intervals need one")
        self._conditions = {name: self._read(name) for name in self.conditions}

    @property
    def checkpoint(self) -> str:
        """Name of the checkpoint."""
        return self._clean.keys[0][0]

    @property
    def corpus(self) -> str:
        """Name of the corpus."""
        return self._clean.keys[0][1]

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """Conditions, clean first, then in the order of the tables."""
        return (CLEAN, *(name for name in self._shards if name != CLEAN))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns of the clean condition."""
        return self._clean.columns

    @property
    def speakers(self) -> tuple[str, ...]:
        """Names of all speakers, sorted; what :meth:`text` codes of ``speaker`` stand for."""
        return self.text("speaker")[1]

    @property
    def score_columns(self) -> list[str]:
        """All score columns, in the checkpoint's order."""
        return [c for c in self.columns if c.startswith(SCORE)]

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """Predicted dimensions that the corpus has truth for."""
        found = [c.removeprefix(SCORE) for c in self.score_columns if not c.startswith(CLASS)]
        return tuple(n for n in found if np.isfinite(self.number(f"truth.{n}")).any())

    @property
    def output_classes(self) -> tuple[str, ...]:
        """All classes that the checkpoint can predict, in its order."""
        return tuple(c.removeprefix(CLASS) for c in self.score_columns if c.startswith(CLASS))

    @property
    def scored_classes(self) -> tuple[str, ...]:
        """The output classes to which labels of the corpus map, in the checkpoint's order."""
        present = self.text("truth.emotion")[1]
        return tuple(c for c in self.output_classes if c in present)

    def number(self, column: str) -> np.ndarray:
        """A column of numbers of the clean condition: float64, NaN where unknown or where it is absent."""
        if column not in self._numbers:
            found = np.full(len(self.utterances), np.nan)
            if column in self.columns:
                found = _ordered(numbers(self._clean.read([column])[column]), self._order)
            self._numbers[column] = fixed(found)
        return self._numbers[column]

    def text(self, column: str) -> tuple[np.ndarray, tuple[str, ...]]:
        """A column of texts of the clean condition: int64 codes, −1 where unknown, and the sorted texts."""
        if column not in self._texts:
            codes, values = np.full(len(self.utterances), -1), tuple[str, ...]()
            if column in self.columns:
                codes, values = texts(self._clean.read([column], coded=[column])[column])
            self._texts[column] = fixed(_ordered(codes, self._order)), values
        return self._texts[column]

    def score(self, output: str, condition: str) -> np.ndarray:
        """Scores of a dimension, float64, or of emotion the class of the highest one, int64.

        Of rows that are not ok in the condition they mean nothing.
        """
        return self._conditions[condition].scores[output]

    def class_scores(self, condition: str) -> np.ndarray:
        """Scores of all output classes: float64 (utterances, classes); read when asked for, and not kept."""
        columns = [CLASS + name for name in self.output_classes]
        table, order = self._shards[condition].read(columns), self._conditions[condition].order
        return np.stack([_ordered(numbers(table[c]), order) for c in columns], axis=-1)

    def ok(self, condition: str) -> np.ndarray:
        """Utterances that were predicted in a condition: bool."""
        return self._conditions[condition].ok

    def failures(self, condition: str) -> Failures | None:
        """The rows of a condition that were not predicted; None where all were."""
        return self._conditions[condition].failures

    @property
    def frame(self) -> pd.DataFrame:
        """All columns of all conditions, in the order of the tables; read when asked for, and not kept."""
        import pandas as pd

        return pd.concat([s.read().to_pandas() for s in self._shards.values()], ignore_index=True)

    def condition(self, name: str) -> pd.DataFrame:
        """All rows of one condition (failed ones too), indexed by utterance, in one fixed order."""
        return self._shards[name].read().to_pandas().set_index("utterance").sort_index()

    def _read(self, condition: str) -> _Condition:
        """Read and check what is kept of a condition; mostly its rows lie as those of clean do."""
        shard, order = self._shards[condition], self._order
        lacking = [c for c in self.score_columns if c not in shard.columns]
        if lacking:
            raise InputError(f"predictions in {condition!r} lack the column(s) {', '.join(lacking)}")
        table = shard.read(["utterance", "status", *self.score_columns], coded=["status"])
        lying = names(table["utterance"])
        if not lying.equals(self._lying):
            order = sorting(lying)
            found = _ordered(lying, order)
            check_unique(found, condition)
            check_same(found, self.utterances, condition)
        status, kinds = texts(table["status"])
        status = _ordered(status, order)
        ok = status == (kinds.index(OK) if OK in kinds else len(kinds))
        columns = {c: _ordered(numbers(table[c]), order) for c in self.score_columns}
        if not all(np.isfinite(values)[ok].all() for values in columns.values()):
            raise InputError("predictions hold scores that are not finite in rows whose status is 'ok'")
        scores = {c.removeprefix(SCORE): fixed(v) for c, v in columns.items() if not c.startswith(CLASS)}
        if self.output_classes:
            classes = np.stack([columns[CLASS + name] for name in self.output_classes], axis=-1)
            scores[EMOTION] = fixed(np.argmax(classes, axis=-1))
        failures = None
        if not ok.all():
            counts = Counter(kinds[code] if code >= 0 else "unknown" for code in status[~ok])
            first = int(np.argmin(ok))
            lies, detail = first if order is None else int(order[first]), None
            if "detail" in shard.columns:
                detail = shard.read(["detail"])["detail"][lies].as_py()
            failures = Failures(dict(sorted(counts.items())), self.utterances[first].as_py(), detail)
        return _Condition(order, fixed(ok), scores, failures)


def _by_condition(shards: Sequence[Shard]) -> dict[str, Shard]:
    """Tell the conditions of one checkpoint × corpus apart."""
    pairs = {key[:2] for shard in shards for key in shard.keys}
    if len(pairs) != 1:
        raise InputError(f"one table holds {len(pairs)} checkpoint × corpus pairs: give one")
    found: dict[str, Shard] = {}
    for shard in shards:
        held = [condition for *_, condition in shard.keys]
        if len(held) != 1 or held[0] in found:
            raise InputError(f"conditions {', '.join(held)}: a table holds one, and no other holds it too")
        found[held[0]] = shard
    if CLEAN not in found:
        raise InputError("predictions have no 'clean' condition: every other is compared with it")
    return found


def _ordered(values: A, order: np.ndarray | None) -> A:
    """Values of rows in the order of the utterances' names."""
    return values if order is None else values.take(order)


def fixed(values: np.ndarray) -> np.ndarray:
    """Make an array read-only: it is shared by all audits."""
    values.flags.writeable = False
    return values
