"""The rows of one cohort as aligned arrays: truth, predictions and speakers, condition by condition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, TypeVar

import numpy as np

from .cohorts import Cohort, cohorts
from .estimand import Counted, Rows, WeightedSum, single
from .finding import Finding, Subject
from .manifest import CheckpointRecord
from .metrics import CCC, UAR, Metric, offset
from .predictions import CLEAN, EMOTION, Predictions, fixed
from .resampling import Draws
from .run import Run

T = TypeVar("T")


@dataclass(frozen=True)
class Scored:
    """Predictions of one cohort; in every condition the same utterances in the same order.

    All arrays are (utterances,) and read-only, and those of one question are those of the next. Classes
    are indices into the checkpoint's output classes, −1 where an utterance has none.
    """

    predictions: Predictions
    cohort: Cohort
    checkpoint: CheckpointRecord

    @property
    def conditions(self) -> tuple[str, ...]:
        """Conditions, clean first."""
        return self.predictions.conditions

    @cached_property
    def _members(self) -> np.ndarray | None:
        """Which utterances of the table are the cohort's: int64 (utterances,); None: all of them."""
        codes, names = self.predictions.text("speaker")
        members = np.isin(names, self.cohort.speakers)
        return None if members.all() else np.flatnonzero(members[codes])

    @cached_property
    def _kept(self) -> dict[tuple, Any]:
        return {}

    def _once(self, key: tuple, make: Callable[[], T]) -> T:
        """Give what was made for ``key`` before, or make it."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def _of(self, values: np.ndarray) -> np.ndarray:
        """The cohort's part of an array of the table."""
        return values if self._members is None else fixed(values[self._members])

    @cached_property
    def speakers(self) -> np.ndarray:
        """Index of each row's speaker in ``cohort.speakers``: int64."""
        codes, names = self.predictions.text("speaker")
        return fixed(np.searchsorted(self.cohort.speakers, names)[self._of(codes)])

    @cached_property
    def classes(self) -> tuple[int, ...]:
        """The scored classes: those that occur as truth in this cohort, in the checkpoint's order."""
        if not self.predictions.scored_classes:
            return ()
        return tuple(int(c) for c in np.unique(self.truth(EMOTION)) if c >= 0)

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """Outputs that can be scored: dimensions with truth, and emotion where two classes have truth."""
        dimensions = [d for d in self.predictions.dimensions if self.known(d).any()]
        return (*dimensions, EMOTION) if len(self.classes) > 1 else tuple(dimensions)

    def truth(self, output: str) -> np.ndarray:
        """Truth of an output: float64 with NaN, or int64 class indices with −1."""
        return self._once(("truth", output), lambda: self._truth(output))

    def _truth(self, output: str) -> np.ndarray:
        if output != EMOTION:
            return self.number(f"truth.{output}")
        codes, names = self.predictions.text("truth.emotion")
        classes = self.predictions.output_classes
        indices = np.array([*(classes.index(n) if n in classes else -1 for n in names), -1])
        return fixed(indices[self._of(codes)])

    def number(self, column: str) -> np.ndarray:
        """Values of a column of numbers, such as ``seconds``: float64, NaN where unknown."""
        return self._once(("number", column), lambda: self._of(self.predictions.number(column)))

    def group(self, column: str) -> np.ndarray:
        """Values of a column ``group.<column>``: object, None where unknown; an array of your own."""
        codes, values = self.coded(column)
        return np.array([*values, None], dtype=object)[codes]

    def coded(self, column: str) -> tuple[np.ndarray, tuple[str, ...]]:
        """Values of a column ``group.<column>`` as int64 codes, −1 where unknown, and the sorted values.

        Comparing codes takes a tenth of the time that comparing texts does.
        """
        codes, values = self.predictions.text(f"group.{column}")
        return self._once(("group", column), lambda: self._of(codes)), values

    def ok(self, condition: str) -> np.ndarray:
        """Rows that were predicted in a condition: bool."""
        return self._once(("ok", condition), lambda: self._of(self.predictions.ok(condition)))

    def known(self, output: str) -> np.ndarray:
        """Rows that have truth for an output: bool."""
        return self._once(("known", output), lambda: self._known(output))

    def _known(self, output: str) -> np.ndarray:
        truth = self.truth(output)
        return fixed(truth >= 0 if output == EMOTION else np.isfinite(truth))

    def usable(self, output: str | None, *conditions: str) -> np.ndarray:
        """Rows that are ok in all of some conditions, and have truth for an output if one is given: bool.

        Rows that are the same are the same array, as a table holds thousands of such choices.
        """
        return self._once(("usable", output, *conditions), lambda: self._usable(output, conditions))

    def _usable(self, output: str | None, conditions: tuple[str, ...]) -> np.ndarray:
        known = [] if output is None else [self.known(output)]
        rows = np.logical_and.reduce([*known, *(self.ok(c) for c in conditions)])
        return self._once(("rows", _digest(rows)), lambda: fixed(rows))

    def predicted(self, output: str, condition: str, restricted: bool = False) -> np.ndarray:
        """Predictions in a condition: float64, or int64 argmax over all classes (or over scored ones).

        Of rows that are not ok in the condition they mean nothing.
        """
        key = ("predicted", output, condition, restricted)
        return self._once(key, lambda: self._predicted(output, condition, restricted))

    def _predicted(self, output: str, condition: str, restricted: bool) -> np.ndarray:
        if output != EMOTION or not restricted:
            return self._of(self.predictions.score(output, condition))
        allowed = np.array(self.classes)
        return fixed(allowed[np.argmax(self.class_scores(condition)[:, allowed], axis=1)])

    def class_scores(self, condition: str) -> np.ndarray:
        """Scores of all output classes: float64 (utterances, classes), NaN where a row is not ok.

        Read from the table whenever it is asked for: 40 conditions of them do not fit into memory.
        """
        return self._of(self.predictions.class_scores(condition))

    def main(self, output: str, rows: np.ndarray, condition: str = CLEAN) -> CCC | UAR:
        """Build an output's main metric, CCC or UAR, for ``rows`` bool (utterances,) of a condition."""
        if output == EMOTION:
            return UAR(self.classes)
        return CCC(offset(self.truth(output)[rows]), offset(self.predicted(output, condition)[rows]))

    def rows(self, truth: np.ndarray, prediction: np.ndarray, chosen: np.ndarray) -> Rows:
        """Gather the ``chosen`` rows, bool (utterances,), for a metric of ``truth`` and ``prediction``."""
        return Rows(truth, prediction, chosen, self.speakers, len(self.cohort.speakers))

    def measured(
        self, metric: Metric, output: str, chosen: np.ndarray, condition: str = CLEAN
    ) -> tuple[Metric, Rows]:
        """Gather the ``chosen`` rows of one output in one condition, with the metric to take over them."""
        return metric, self.rows(self.truth(output), self.predicted(output, condition), chosen)

    def level(self, output: str, condition: str, chosen: np.ndarray) -> WeightedSum:
        """Estimate the main metric in a condition on ``chosen`` rows, bool (utterances,).

        The same rows are summed once: what holds the estimate against another shares its part.
        """
        return self._once(
            ("level", output, condition, _digest(chosen)),
            lambda: single(*self.measured(self.main(output, chosen, condition), output, chosen, condition)),
        )

    def counted(self, rows: np.ndarray) -> Counted:
        """Count ``rows`` and their speakers, as a finding's estimate holds them."""
        return self._once(("counted", _digest(rows)), lambda: self._counted(rows))

    def _counted(self, rows: np.ndarray) -> Counted:
        found = np.bincount(self.speakers[rows], minlength=len(self.cohort.speakers))
        return Counted(int(found.sum()), int(np.count_nonzero(found)))

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


def _digest(rows: np.ndarray) -> bytes:
    """What tells a choice of rows, bool (utterances,), from every other."""
    return blake2b(np.packbits(rows).tobytes(), digest_size=16).digest()
