"""What a condition does to one output: the change's statistics, summed once per speaker and truth cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

import numpy as np
from ser_audit.benchmark.estimand import Counted, Part, WeightedSum
from ser_audit.benchmark.manifest import ConditionRecord
from ser_audit.benchmark.metrics import CCC, offset
from ser_audit.benchmark.standardised import Standardised

from .cells import Summed, summed
from .changes import CCCChange, UARChange
from .groups import Groups
from .tally import Tally


@dataclass(frozen=True, eq=False)
class Beside:
    """Clean and perturbed predictions, read side by side for the rows that are asked for."""

    clean: np.ndarray
    perturbed: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        """Both values of some rows: (rows, 2)."""
        return np.stack([self.clean[rows], self.perturbed[rows]], axis=-1)


@dataclass(frozen=True, eq=False)
class Change:
    """The change that one condition makes to one output, of all rows or of one group."""

    tally: Tally
    metric: CCCChange | None  # None of classes: the labels of their UAR differ by pair
    chosen: np.ndarray  # bool (utterances,)
    predictions: Beside
    sums: (
        np.ndarray
    )  # float64 (speakers, cells, k); of classes the truths of the cell's class, and hits gained

    def only(self, rows: np.ndarray, members: np.ndarray) -> Change:
        """The part of some speakers, bool (speakers,), who have all of some rows, bool (utterances,)."""
        return replace(self, chosen=self.chosen & rows, sums=np.where(members[:, None, None], self.sums, 0.0))

    def counted(self, labels: tuple[int, ...]) -> Counted:
        """Rows, of classes those of ``labels``, and their speakers."""
        own = (self.sums[:, list(labels), 0] if labels else self.sums[..., 0]).sum(axis=1)
        return Counted(int(own.sum()), int(np.count_nonzero(own)))

    def part(self, labels: tuple[int, ...], weight: int) -> Part:
        """The change of UAR over some classes."""
        sums = self.sums[:, list(labels)].transpose(0, 2, 1).reshape(len(self.sums), -1)
        return Part(UARChange(labels), sums, Fraction(weight), self._rows())

    def cells(self, metric: CCCChange) -> Summed:
        """The change of CCC in truth cells."""
        tally = self.tally
        return Summed(metric, self._rows(), tally.cell, tally.count, (self.sums, self.sums[..., 0]))

    def _rows(self):
        scored = self.tally.scored
        return scored.rows(scored.truth(self.tally.output), cast(np.ndarray, self.predictions), self.chosen)


@dataclass(frozen=True)
class ChangeOfGap(WeightedSum):
    """The change of one group's UAR less that of another's; a speaker's own value is that in its group.

    So where no label changed at all, the interval is how many speakers might yet change (see ``resampling``).
    """

    @property
    def sides(self) -> tuple[float, float]:
        """Both groups' change; NaN where undefined."""
        first, second = (float(part.metric.finish(part.sums.sum(axis=0))) for part in self.parts)
        return first, second

    @property
    def shares(self) -> bool:
        """It is made of shares of rows."""
        return True

    @property
    def own(self) -> np.ndarray:
        """Change of each speaker's rows alone, with the sign of its group: float64 (speakers,)."""
        values = np.stack([float(part.weight) * part.metric.finish(part.sums) for part in self.parts])
        return np.where(np.isfinite(values).any(axis=0), np.nansum(values, axis=0), np.nan)


def gap(first: Change, second: Change, labels: tuple[int, ...]) -> Standardised | ChangeOfGap:
    """The first group's change less the second's, at equal truth; of classes, over ``labels``."""
    if first.metric is None:
        return ChangeOfGap((first.part(labels, 1), second.part(labels, -1)))
    return Standardised(first.cells(first.metric), second.cells(first.metric))


@dataclass(frozen=True, eq=False)
class _Clean:
    """What all conditions on the same rows share: where a row is summed, its truth, and the clean sums."""

    chosen: np.ndarray  # bool (utterances,)
    place: np.ndarray  # int64 (chosen,), index into (speakers, cells)
    truth: np.ndarray  # (chosen,), about its offset; of classes the class
    said: np.ndarray  # (chosen,), clean predictions
    sums: tuple[np.ndarray, ...]  # float64 (speakers, cells) each


class Changes:
    """The changes that conditions make to one output; what their reference gives is summed once for all."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self._kept: dict[str, _Clean] = {}  # by reference

    def of(self, record: ConditionRecord) -> Change:
        """Sum the change of one condition over the rows that are ok in it and in its reference."""
        tally, scored = self.tally, self.tally.scored
        clean = self._clean(record)
        perturbed = scored.predicted(tally.output, record.id)
        beside = Beside(scored.predicted(tally.output, record.reference), perturbed)
        said = perturbed[clean.chosen]
        if not isinstance(tally.main, CCC):
            gained = (said == clean.truth).astype(float) - (clean.said == clean.truth)
            sums = np.stack([*clean.sums, self._summed(clean.place, gained)], axis=-1)
            return Change(tally, None, clean.chosen, beside, sums)
        after = replace(tally.main, prediction_offset=offset(said))
        z = said - after.prediction_offset
        columns = (self._summed(clean.place, column) for column in (z, z * z, clean.truth * z))
        sums = np.stack([*clean.sums, *columns], axis=-1)
        return Change(tally, CCCChange(tally.main, after), clean.chosen, beside, sums)

    def _clean(self, record: ConditionRecord) -> _Clean:
        """Sum what the reference of a condition gives, unless it was before."""
        tally, scored = self.tally, self.tally.scored
        chosen = scored.usable(tally.output, record.reference, record.id)
        if tally.whole is not None:
            chosen = chosen & tally.chosen
        kept = self._kept.get(record.reference)
        if kept is not None and np.array_equal(kept.chosen, chosen):
            return kept
        place = scored.speakers[chosen] * tally.count + tally.cell[chosen]
        said = scored.predicted(tally.output, record.reference)[chosen]
        truth, columns = tally.cell[chosen], []
        if isinstance(tally.main, CCC):
            truth = scored.truth(tally.output)[chosen] - tally.main.truth_offset
            x = said - tally.main.prediction_offset
            columns = [self._summed(place, column) for column in (truth, truth * truth, x, x * x, truth * x)]
        made = _Clean(chosen, place, truth, said, (self._summed(place), *columns))
        self._kept[record.reference] = made
        return made

    def _summed(self, place: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """Sum rows, or their weights, per speaker and cell."""
        return summed(place, (len(self.tally.scored.cohort.speakers), self.tally.count), weights)


def sides(groups: Groups, whole: Changes, record: ConditionRecord) -> dict[str, Change]:
    """The change of every group: its speakers' part of the whole, or its rows summed anew."""
    column, found = groups.column, {}
    change = whole.of(record)
    for value, tally in groups.tallies.items():
        code = column.values.index(value)
        if column.fixed:
            found[value] = change.only(column.codes == code, column.group == code)
        else:
            found[value] = Changes(tally).of(record)
    return found
