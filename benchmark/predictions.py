"""The one table: a row per (checkpoint, corpus, utterance, condition), checked on construction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from .errors import InputError

KEY = ["checkpoint", "corpus", "utterance", "condition"]
FIXED = [*KEY, "status", "detail", "input_hash", "speaker", "seconds"]
CLEAN = "clean"
OK = "ok"


@dataclass(frozen=True)
class Predictions:
    """Predictions of one checkpoint on one corpus, in all its conditions.

    Columns: ``checkpoint, corpus, utterance, condition, status, detail, input_hash, speaker,
    seconds, group.<name>, label.emotion, truth.<name>, score.<dimension>, score.emotion.<class>``.
    ``truth.emotion`` is the checkpoint's class that the corpus's ``label.emotion`` maps to, null
    where it maps to none. Dimensions are in [0, 1]. Rows whose status is not ``ok`` have no scores.

    Raises:
        InputError: keys repeat, scores of an ok row are not finite, a condition lacks utterances
            that another has, or there is no ``clean`` condition.
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        frame = self.frame
        missing = [c for c in [*KEY, "status", "speaker"] if c not in frame]
        if missing:
            raise InputError(f"predictions lack the column(s) {', '.join(missing)}")
        pairs = frame[["checkpoint", "corpus"]].drop_duplicates()
        if len(pairs) != 1:
            raise InputError(f"one table holds {len(pairs)} checkpoint × corpus pairs: give one")
        repeated = frame.duplicated(KEY)
        if repeated.any():
            row = frame.loc[repeated.idxmax()]
            raise InputError(
                f"utterance {row.utterance!r} stands twice in condition {row.condition!r}: keys are unique"
            )
        if CLEAN not in set(frame["condition"]):
            raise InputError("predictions have no 'clean' condition: every other is compared with it")
        scores = frame.loc[frame["status"] == OK, self.score_columns].to_numpy(dtype=float)
        if not np.isfinite(scores).all():
            raise InputError("predictions hold scores that are not finite in rows whose status is 'ok'")
        utterances = frame.groupby("condition", sort=False)["utterance"].agg(frozenset)
        for condition, found in utterances.items():
            odd = utterances[CLEAN] ^ found
            if odd:
                raise InputError(
                    f"{condition!r} and 'clean' differ in {len(odd)} utterance(s), such as {min(odd)!r}"
                )

    @property
    def checkpoint(self) -> str:
        """Name of the checkpoint."""
        return str(self.frame["checkpoint"].iat[0])

    @property
    def corpus(self) -> str:
        """Name of the corpus."""
        return str(self.frame["corpus"].iat[0])

    @property
    def score_columns(self) -> list[str]:
        """All score columns, in the checkpoint's order."""
        return [c for c in self.frame.columns if c.startswith("score.")]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Predicted dimensions that the corpus has truth for."""
        names = [c.removeprefix("score.") for c in self.score_columns if not c.startswith("score.emotion.")]
        return tuple(
            n for n in names if f"truth.{n}" in self.frame and self.frame[f"truth.{n}"].notna().any()
        )

    @property
    def output_classes(self) -> tuple[str, ...]:
        """All classes that the checkpoint can predict, in its order."""
        return tuple(
            c.removeprefix("score.emotion.") for c in self.score_columns if c.startswith("score.emotion.")
        )

    @property
    def scored_classes(self) -> tuple[str, ...]:
        """The output classes to which labels of the corpus map, in the checkpoint's order."""
        if "truth.emotion" not in self.frame:
            return ()
        present = set(self.frame["truth.emotion"].dropna())
        return tuple(c for c in self.output_classes if c in present)

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """Conditions, clean first, then in the order of the table."""
        found = list(dict.fromkeys(self.frame["condition"]))
        return (CLEAN, *[c for c in found if c != CLEAN])

    def condition(self, name: str) -> pd.DataFrame:
        """All rows of one condition (failed ones too), indexed by utterance, in one fixed order."""
        rows = self.frame[self.frame["condition"] == name]
        return rows.set_index("utterance").sort_index()
