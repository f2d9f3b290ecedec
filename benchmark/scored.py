"""The rows of one cohort as aligned arrays: truth, predictions and speakers, condition by condition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from .cohorts import Cohort, cohorts
from .estimand import Counted, per_speaker
from .finding import Finding, Subject
from .manifest import CheckpointRecord
from .metrics import CCC, UAR, Metric, offset
from .predictions import CLEAN, OK, Predictions
from .resampling import Draws
from .run import Run

EMOTION = "emotion"


@dataclass(frozen=True)
class Scored:
    """Predictions of one cohort; in every condition the same utterances in the same order.

    All arrays are (utterances,). Classes are indices into the checkpoint's output classes, −1 where an
    utterance has none.
    """

    predictions: Predictions
    cohort: Cohort
    checkpoint: CheckpointRecord

    @cached_property
    def _frames(self) -> dict[str, pd.DataFrame]:
        frame = self.predictions.frame
        frame = frame[frame["speaker"].astype(str).isin(self.cohort.speakers)]
        return {
            str(name): rows.sort_values("utterance") for name, rows in frame.groupby("condition", sort=False)
        }

    @property
    def conditions(self) -> tuple[str, ...]:
        """Conditions, clean first."""
        return self.predictions.conditions

    @cached_property
    def speakers(self) -> np.ndarray:
        """Index of each row's speaker in ``cohort.speakers``: int64."""
        return np.searchsorted(self.cohort.speakers, self._frames[CLEAN]["speaker"].to_numpy(dtype=str))

    @cached_property
    def classes(self) -> tuple[int, ...]:
        """The scored classes: those that occur as truth in this cohort, in the checkpoint's order."""
        if not self.predictions.scored_classes:
            return ()
        return tuple(int(c) for c in np.unique(self.truth(EMOTION)) if c >= 0)

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """Outputs that can be scored: dimensions with truth, and emotion where two classes have truth."""
        dimensions = [d for d in self.predictions.dimensions if np.isfinite(self.truth(d)).any()]
        return (*dimensions, EMOTION) if len(self.classes) > 1 else tuple(dimensions)

    def truth(self, output: str) -> np.ndarray:
        """Truth of an output: float64 with NaN, or int64 class indices with −1."""
        values = self._frames[CLEAN][f"truth.{output}"]
        if output != EMOTION:
            return values.to_numpy(dtype=float, na_value=np.nan)
        return pd.Index(self.predictions.output_classes).get_indexer(values).astype(np.int64)

    def group(self, column: str) -> np.ndarray:
        """Values of a column ``group.<column>``: object, None where unknown."""
        name = f"group.{column}"
        if name not in self._frames[CLEAN]:
            return np.full(len(self.speakers), None, dtype=object)
        values = self._frames[CLEAN][name].astype(object)
        return np.array([str(v) if pd.notna(v) and str(v) else None for v in values], dtype=object)

    def ok(self, condition: str) -> np.ndarray:
        """Rows that were predicted in a condition: bool."""
        return (self._frames[condition]["status"] == OK).to_numpy(dtype=bool)

    def known(self, output: str) -> np.ndarray:
        """Rows that have truth for an output: bool."""
        truth = self.truth(output)
        return truth >= 0 if output == EMOTION else np.isfinite(truth)

    def predicted(self, output: str, condition: str, restricted: bool = False) -> np.ndarray:
        """Predictions in a condition: float64, or int64 argmax over all classes (or over scored ones).

        Of rows that are not ok in the condition they mean nothing.
        """
        frame = self._frames[condition]
        if output != EMOTION:
            return frame[f"score.{output}"].to_numpy(dtype=float, na_value=np.nan)
        allowed = np.array(self.classes) if restricted else np.arange(len(self.predictions.output_classes))
        columns = [f"score.emotion.{self.predictions.output_classes[i]}" for i in allowed]
        return allowed[np.argmax(frame[columns].to_numpy(dtype=float, na_value=np.nan), axis=1)]

    def main(self, output: str, rows: np.ndarray, condition: str = CLEAN) -> CCC | UAR:
        """Build an output's main metric, CCC or UAR, for ``rows`` bool (utterances,) of a condition."""
        if output == EMOTION:
            return UAR(self.classes)
        return CCC(offset(self.truth(output)[rows]), offset(self.predicted(output, condition)[rows]))

    def sums(self, metric: Metric, truth: np.ndarray, prediction: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Sum a metric's statistics over ``rows`` of each speaker: float64 (speakers, k)."""
        statistics = metric.rows(truth[rows], prediction[rows])
        return per_speaker(statistics, self.speakers[rows], len(self.cohort.speakers))

    def counted(self, rows: np.ndarray) -> Counted:
        """Count ``rows`` and their speakers, as a finding's estimate holds them."""
        return Counted(int(rows.sum()), len(np.unique(self.speakers[rows])))

    def draws(self, count: int, seed: int) -> Draws:
        """Draw all speakers of the cohort from one stratum."""
        return Draws.pooled(len(self.cohort.speakers), count, seed)

    def subject(
        self, condition: str | None = None, output: str | None = None, group: str | None = None
    ) -> Subject:
        """Name what a finding is about."""
        return Subject(
            checkpoint=self.predictions.checkpoint,
            corpus=self.predictions.corpus,
            cohort=self.cohort.name,
            condition=condition,
            output=output,
            group=group,
        )

    @property
    def place(self) -> str:
        """The cohort in a sentence: "unseen speakers of ravdess"."""
        return f"{self.cohort.name} of {self.predictions.corpus}"

    def unscored(self) -> dict[str, str]:
        """Say of each of the checkpoint's outputs that cannot be scored why, in a sentence."""
        emotion = (EMOTION,) if any(o.kind == "class" for o in self.checkpoint.outputs) else ()
        names = (*(o.name for o in self.checkpoint.outputs if o.kind == "dimension"), *emotion)
        return {name: self._why_unscored(name) for name in names if name not in self.outputs}

    def _why_unscored(self, output: str) -> str:
        if output != EMOTION:
            return f"Not scored: {self.place} have no truth for {output}."
        if self.classes:
            return f"Not scored: {self.place} show one class only, and its recall alone tells nothing."
        return f"Not scored: no emotion label of {self.place} maps to a class of the checkpoint."


def tables(run: Run) -> Iterator[tuple[Scored, ...]]:
    """Give the cohorts of each checkpoint × corpus of a run, in its order; training speakers last."""
    records = {record.name: record for record in run.manifest.checkpoints}
    for checkpoint, corpus in run.pairs():
        predictions, record = run.predictions(checkpoint, corpus), records[checkpoint]
        yield tuple(Scored(predictions, cohort, record) for cohort in cohorts(predictions, record))


def unscored(code: str, audit: str, scored: Scored) -> list[Finding]:
    """Make the findings of a judged cohort's outputs that cannot be scored."""
    reasons = scored.unscored().items() if scored.cohort.judged else ()
    return [_not_applicable(code, audit, scored.subject(output=name), reason) for name, reason in reasons]


def unjudged(code: str, audit: str, scored: Scored) -> list[Finding]:
    """Make the finding that a cohort of training speakers alone cannot be judged; none for others."""
    if scored.cohort.judged:
        return []
    reason = (
        f"Not judged: all {len(scored.cohort.speakers)} scored speakers of {scored.predictions.corpus} "
        f"were training speakers of {scored.predictions.checkpoint}."
    )
    return [_not_applicable(code, audit, scored.subject(), reason)]


def _not_applicable(code: str, audit: str, subject: Subject, reason: str) -> Finding:
    return Finding(code=code, audit=audit, subject=subject, verdict="not_applicable", message=reason)
