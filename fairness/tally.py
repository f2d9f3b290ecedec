"""A tally: the clean rows of one output summed once per speaker and cell; every group takes its part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
from ser_audit.benchmark.estimand import Counted, Part, Rows
from ser_audit.benchmark.metrics import CCC, UAR, Mean, Precision
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.scored import EMOTION, Scored
from ser_audit.benchmark.standardised import Cells

from .cells import COARSE, FINE, Share, Summed, binned, summed

BINS = ("below .25", ".25 to .5", ".5 to .75", ".75 and above")


@dataclass(frozen=True, eq=False)
class Tally:
    """The clean rows of one output, summed per speaker and cell; of all rows, or of one group.

    The sums of a group of whole speakers are the whole's, without the other speakers: rows are read once.
    """

    scored: Scored
    output: str
    chosen: np.ndarray  # bool (utterances,)
    whole: Tally | None = None  # that this is a part of
    members: np.ndarray | None = None  # bool (speakers,), of the part; None: it is summed anew

    @classmethod
    def of(cls, scored: Scored, output: str) -> Tally:
        """Take all clean rows that have truth."""
        return cls(scored, output, scored.usable(output, CLEAN))

    def part(self, rows: np.ndarray, members: np.ndarray | None) -> Tally:
        """Take a group: its rows, bool (utterances,), and its speakers where it has all their rows."""
        return Tally(self.scored, self.output, self.chosen & rows, self, members)

    @property
    def classes(self) -> tuple[str, ...]:
        """What rows can be predicted as: the checkpoint's classes, or bins of a dimension."""
        if self.output == EMOTION:
            return self.scored.predictions.output_classes
        return BINS

    @cached_property
    def cell(self) -> np.ndarray:
        """Truth cell of each row: int64 (utterances,); an emotion, or one of ``FINE`` bins on [0, 1]."""
        if self.whole is not None:
            return self.whole.cell
        truth = self.scored.truth(self.output)
        return np.maximum(truth, 0) if self.output == EMOTION else binned(truth, FINE)

    @cached_property
    def label(self) -> np.ndarray:
        """Which of ``classes`` each row is by its truth: int64 (utterances,)."""
        if self.whole is not None:
            return self.whole.label
        return self.cell if self.output == EMOTION else self.cell // (FINE // COARSE)

    @cached_property
    def predicted(self) -> np.ndarray:
        """Which of ``classes`` each row is predicted as: int64 (utterances,)."""
        if self.whole is not None:
            return self.whole.predicted
        predicted = self.scored.predicted(self.output, CLEAN)
        return predicted if self.output == EMOTION else binned(predicted, COARSE)

    @property
    def count(self) -> int:
        """Truth cells."""
        return len(self.classes) if self.output == EMOTION else FINE

    @property
    def cell_label(self) -> np.ndarray:
        """Which of ``classes`` each truth cell belongs to: int64 (cells,)."""
        cells = np.arange(self.count)
        return cells if self.output == EMOTION else cells // (FINE // COARSE)

    @cached_property
    def joint(self) -> np.ndarray:
        """Rows per speaker, truth cell and predicted class: float64 (speakers, cells, classes)."""
        return self._taken(lambda whole: whole.joint, self._joint)

    def _joint(self) -> np.ndarray:
        shape = len(self.scored.cohort.speakers), self.count, len(self.classes)
        rows = self.chosen
        place = self.scored.speakers[rows] * self.count + self.cell[rows]
        return summed(place * len(self.classes) + self.predicted[rows], shape)

    @cached_property
    def counts(self) -> np.ndarray:
        """Rows per speaker and truth cell: float64 (speakers, cells)."""
        return self.joint.sum(axis=-1)

    @cached_property
    def moments(self) -> np.ndarray:
        """Sums of the CCC's statistics per speaker and truth cell: float64 (speakers, cells, 6)."""
        return self._taken(lambda whole: whole.moments, self._moments)

    def _moments(self) -> np.ndarray:
        rows = self.rows(self.scored.truth(self.output))
        return Cells(self.main, rows, self.cell, self.count).sums

    @cached_property
    def main(self) -> CCC | UAR:
        """The output's main metric, about offsets that all groups share."""
        return self.whole.main if self.whole is not None else self.scored.main(self.output, self.chosen)

    def _taken(self, of: Callable[[Tally], np.ndarray], make: Callable[[], np.ndarray]) -> np.ndarray:
        """Take the members' part of the whole's sums, or sum the rows."""
        if self.whole is None or self.members is None:
            return make()
        taken = of(self.whole)
        return np.where(self.members.reshape(-1, *[1] * (taken.ndim - 1)), taken, 0.0)

    def rows(self, truth: np.ndarray, prediction: np.ndarray | None = None) -> Rows:
        """Gather its rows, with what a metric takes for truth and for prediction (None: the scores)."""
        scores = self.scored.predicted(self.output, CLEAN) if prediction is None else prediction
        return self.scored.rows(truth, scores, self.chosen)

    def shown(self) -> tuple[int, ...]:
        """The scored classes that its truth shows, in the checkpoint's order; of an emotion output."""
        present = self.counts.sum(axis=0) > 0
        return tuple(c for c in self.scored.classes if present[c])

    def level(self, labels: tuple[int, ...] = (), weight: int = 1) -> Part:
        """Take the main metric: CCC, or UAR over ``labels``."""
        truth = self.scored.truth(self.output)
        if isinstance(self.main, CCC):
            return Part(self.main, self.moments.sum(axis=1), Fraction(weight), self.rows(truth))
        picked = list(labels)
        sums = np.concatenate([self.counts[:, picked], self.joint[:, picked, picked]], axis=-1)
        rows = self.rows(truth)
        if labels != self.shown():
            rows = replace(rows, chosen=rows.chosen & np.isin(truth, labels))
        return Part(UAR(labels), sums, Fraction(weight), rows)

    def over(self, labels: tuple[int, ...]) -> Counted:
        """How many rows of some classes it holds, and of how many speakers; of a dimension all."""
        counts = self.counts[:, list(labels)] if self.output == EMOTION else self.counts
        return Counted(int(counts.sum()), int(np.count_nonzero(counts.sum(axis=1))))

    def main_cells(self) -> Summed:
        """The main metric of a dimension, in cells."""
        return self._cells(self.main, self.moments, self.rows(self.scored.truth(self.output)))

    def class_cells(self, kind: str, label: int) -> Summed:
        """The recall, precision or share of one of ``classes``, in cells."""
        hits, said = np.zeros_like(self.counts), self.joint[:, :, label]
        inside = self.cell_label == label
        hits[:, inside] = said[:, inside]
        rows = self.rows(self.label, self.predicted)
        if kind == "recall":
            truth = np.where(inside, self.counts, 0.0)
            return self._cells(UAR((label,)), np.stack([truth, hits], axis=-1), rows)
        if kind == "precision":
            return self._cells(Precision((label,)), np.stack([hits, said], axis=-1), rows)
        return self._cells(Share(label), np.stack([self.counts, said], axis=-1), rows)

    def mean_cells(self) -> Summed:
        """The mean prediction of a dimension: in cells of emotion where all rows have one, else of truth."""
        rows = self.rows(self.scored.truth(self.output))
        if self.emotion is None:
            n, x = self.moments[..., 0], self.moments[..., 2]
            offset = self.main.prediction_offset if isinstance(self.main, CCC) else 0.0
            return self._cells(Mean(), np.stack([n, x + offset * n], axis=-1), rows)
        codes, count = self.emotion
        return Summed(Mean(), rows, codes, count, (self.by_emotion, self.by_emotion[..., 0]))

    @cached_property
    def emotion(self) -> tuple[np.ndarray, int] | None:
        """The corpus's own emotion of each row, int64 (utterances,), and how many; None where any is null."""
        if self.whole is not None:
            return self.whole.emotion
        codes, names = self.scored.predictions.text("label.emotion")
        speakers, known = self.scored.predictions.text("speaker")
        codes = codes[np.isin(known, self.scored.cohort.speakers)[speakers]]
        return (codes, len(names)) if len(names) > 1 and (codes[self.chosen] >= 0).all() else None

    @cached_property
    def by_emotion(self) -> np.ndarray:
        """Sums of the mean's statistics per speaker and emotion: float64 (speakers, emotions, 2)."""
        return self._taken(lambda whole: whole.by_emotion, self._by_emotion)

    def _by_emotion(self) -> np.ndarray:
        codes, count = self.emotion or (self.cell, self.count)
        return Cells(Mean(), self.rows(self.scored.truth(self.output)), codes, count).sums

    def _cells(self, metric, sums: np.ndarray, rows: Rows) -> Summed:
        return Summed(metric, rows, self.cell, self.count, (sums, self.counts))
