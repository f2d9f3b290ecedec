"""A table of predictions made elsewhere (.csv, .tsv, .parquet, .jsonl): one row per utterance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ser_audit.benchmark.checkpoint import CheckpointInfo, Output, Padding
from ser_audit.benchmark.errors import InputError
from ser_audit.benchmark.plugins import nearest

from ..corpora.readers import read_cells
from .hashing import revision
from .outputs import to_scores

if TYPE_CHECKING:
    import pandas as pd
    from ser_audit.benchmark.manifest import Proofs

SUFFIXES = (".csv", ".tsv", ".parquet", ".jsonl")
UTTERANCE = ("utterance", "file", "filename", "path", "id")
CLEAN = "clean"


def recognises(reference: str) -> bool:
    """Whether it is a file with the suffix of a table."""
    return reference.endswith(SUFFIXES) and Path(reference).is_file()


def facts(reference: str) -> dict[str, Any]:
    """Outputs from columns named as in the project's own tables, ``score.<name>``, in their order.

    Such scores are in [0, 1] and activated already. No audio is needed, so no sampling rate.
    """
    known: dict[str, Any] = {"sampling_rate": None}
    for column in _read(Path(reference)).columns:
        if column.startswith("score.emotion."):
            known.setdefault("classes", []).append(column.removeprefix("score.emotion."))
        elif column.startswith("score."):
            known.setdefault("dimensions", []).append(column.removeprefix("score."))
    if "classes" in known:
        known["activation"] = "none"
    if "dimensions" in known:
        known["value_range"] = [0.0, 1.0]
    return known


def files(reference: str) -> list[Path]:
    """The table."""
    return [Path(reference)]


def open_checkpoint(
    reference: str, info: CheckpointInfo, name: str, device: str, threads: int = 2
) -> TableCheckpoint:
    """Read the table and check its keys and scores.

    Raises:
        InputError: a column is missing, an utterance stands twice, or a score is no number.
    """
    path = Path(reference)
    frame = _read(path)
    found = [column for column in UTTERANCE if column in frame]
    if not found:
        raise InputError(f"{path.name} has no column of utterances: expected one of {', '.join(UTTERANCE)}")
    if "checkpoint" in frame and frame["checkpoint"].nunique() > 1:
        several = ", ".join(map(str, frame["checkpoint"].unique()[:5]))
        raise InputError(f"{path.name} holds several checkpoints ({several}): give one table for each")
    keys = frame[[found[0]]].astype(str).set_axis(["utterance"], axis=1)
    keys["condition"] = frame["condition"].fillna(CLEAN) if "condition" in frame else CLEAN
    if CLEAN not in set(keys["condition"]):
        raise InputError(f"{path.name} has no row of the condition 'clean': every other is compared with it")
    if "corpus" in frame:
        keys["corpus"] = frame["corpus"].astype(str)
    repeated = keys.duplicated()
    if repeated.any():
        row = keys[repeated].iloc[0]
        raise InputError(
            f"{path.name} holds the utterance {row.utterance!r} twice in the condition"
            f" {row.condition!r}: give each once"
        )
    scores = to_scores(_numbers(frame, info, path.name), info)
    return TableCheckpoint(name, path.name, revision([path]), info, keys, scores)


@dataclass(frozen=True)
class TableCheckpoint:
    """A :class:`~ser_audit.benchmark.checkpoint.Checkpoint` that looks its predictions up."""

    name: str
    source: str
    revision: str
    info: CheckpointInfo
    keys: pd.DataFrame  # utterance, condition, and corpus where the table tells it
    scores: np.ndarray  # float32 (rows, outputs); NaN rows where the table has none
    format: str = "table"
    parameters: int | None = None
    padding: Padding = "no audio"
    proofs: Proofs | None = None

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """The conditions of the table, clean first, then in its order."""
        found = list(dict.fromkeys(self.keys["condition"]))
        return tuple(sorted(found, key=lambda condition: condition != CLEAN))

    @cached_property
    def _places(self) -> dict[tuple[str | None, str], dict[str, int]]:
        """(corpus, condition) -> utterance -> row; the corpus is None where the table has no such column."""
        corpora = self.keys["corpus"] if "corpus" in self.keys else [None] * len(self.keys)
        places: dict[tuple[str | None, str], dict[str, int]] = {}
        rows = zip(corpora, self.keys["condition"], self.keys["utterance"], strict=True)
        for row, (corpus, condition, utterance) in enumerate(rows):
            places.setdefault((corpus, condition), {})[utterance] = row
        return places

    def lookup(self, corpus: str, condition: str, utterances: Sequence[str]) -> np.ndarray:
        """The scores of utterances, float32 (utterances, outputs); NaN where the table has no row.

        Raises:
            InputError: it has no such corpus or condition, or none of these utterances.
        """
        if "corpus" in self.keys and corpus not in (known := set(self.keys["corpus"])):
            raise InputError(f"{self.source} has no corpus {corpus!r}: {nearest(corpus, known)}")
        if condition not in self.conditions:
            raise InputError(
                f"{self.source} has no condition {condition!r}: {nearest(condition, self.conditions)}"
            )
        places = self._places.get((corpus if "corpus" in self.keys else None, condition), {})
        rows = np.array([places.get(utterance, -1) for utterance in utterances], dtype=np.int64)
        if len(rows) and (rows < 0).all():
            example = next(iter(places), "none")
            raise InputError(
                f"{self.source} has none of the {len(rows)} utterances of {corpus!r} in {condition!r}:"
                f" looked for {utterances[0]!r}, it has {example!r}"
            )
        return np.where(rows[:, None] >= 0, self.scores[rows], np.float32(np.nan))

    def predict(self, waves: Sequence[np.ndarray]) -> np.ndarray:
        """Refuse: a table cannot predict.

        Raises:
            InputError: always.
        """
        raise InputError(f"{self.source} is a table of predictions: it cannot predict other audio")

    def macs(self, samples: int) -> int | None:
        """Unknown."""
        return None


def _read(path: Path) -> pd.DataFrame:
    """All columns as text: identifiers such as 007 stay, scores become numbers below."""
    import pandas as pd

    return pd.DataFrame(read_cells(path), dtype=object)


def _numbers(frame: pd.DataFrame, info: CheckpointInfo, source: str) -> np.ndarray:
    """Raw scores, float64 (rows, outputs); a row without all of its scores is NaN throughout."""
    import pandas as pd

    columns = []
    for output in info.outputs:
        column = _column(output, list(frame.columns), source)
        text = frame[column].replace("", None)
        number = pd.to_numeric(text, errors="coerce")
        wrong = number.isna() & text.notna() & (text.astype(str).str.lower() != "nan")
        if wrong.any():
            raise InputError(f"{source}: {text[wrong].iloc[0]!r} in the column {column!r} is no number")
        columns.append(number.to_numpy(dtype=np.float64, na_value=np.nan))
    scores = np.stack(columns, axis=1)
    scores[~np.isfinite(scores).all(axis=1)] = np.nan
    return scores


def _column(output: Output, columns: list[str], source: str) -> str:
    for name in (output.column, f"score.{output.name}", output.name):
        if name in columns:
            return name
    raise InputError(
        f"{source} has no column for the output {output.name!r}: {nearest(output.name, columns)}"
    )
