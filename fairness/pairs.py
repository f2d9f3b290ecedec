"""Two groups on one output: their gap at equal truth, and the permutation test of no difference."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from ser_audit.benchmark.estimand import Counted, Estimand, WeightedSum, contrast
from ser_audit.benchmark.finding import Detail
from ser_audit.benchmark.metrics import CCC, UAR
from ser_audit.benchmark.standardised import Standardised

from . import permutation
from .columns import FEWEST
from .groups import Groups
from .tally import Tally


class Pair:
    """Two groups on one output: their gap at equal truth, and what else there is to say of them.

    At equal truth CCCs are taken with the same shares of truth bins in both groups. UARs, over the classes
    that both show, are means of recalls, which class shares do not move.
    """

    def __init__(
        self, groups: Groups, first: str, second: str, labels: tuple[int, ...] | None = None
    ) -> None:
        self.groups, self.first, self.second = groups, first, second
        self.labels = groups.shared(first, second) if labels is None else labels

    @property
    def comparable(self) -> bool:
        """Whether there is a metric to compare: one recall alone tells nothing."""
        return self.groups.comparable(self.labels)

    @property
    def metric(self) -> str:
        """CCC or UAR."""
        return self.groups.tally.main.name

    @property
    def tallies(self) -> tuple[Tally, Tally]:
        """Both groups' rows."""
        return self.groups.tallies[self.first], self.groups.tallies[self.second]

    @cached_property
    def raw(self) -> WeightedSum:
        """The gap with each group's own truth."""
        first, second = self.tallies
        return WeightedSum((first.level(self.labels), second.level(self.labels, -1)))

    @cached_property
    def estimand(self) -> Estimand:
        """The gap at equal truth."""
        if self.metric == UAR.name:
            return self.raw
        first, second = self.tallies
        return Standardised(first.main_cells(), second.main_cells())

    @property
    def sides(self) -> tuple[float | None, float | None]:
        """Both groups' metric at equal truth; None where undefined."""
        if isinstance(self.estimand, Standardised):
            first, second = self.estimand.sides
            return finite(first), finite(second)
        return self.raw.parts[0].value, self.raw.parts[1].value

    @property
    def counted(self) -> tuple[Counted, Counted]:
        """Rows and speakers of each."""
        first, second = self.tallies
        return first.over(self.labels), second.over(self.labels)

    @property
    def both(self) -> Counted:
        """Rows and speakers of both together."""
        one, other = self.counted
        sums = self.raw.parts[0].sums + self.raw.parts[1].sums
        return Counted(one.n + other.n, int(np.count_nonzero(np.any(sums != 0, axis=1))))

    def details(self) -> dict[str, Detail]:
        """What a finding on them holds, beside its estimate."""
        first, second = self.sides
        of_first, of_second = self.counted
        dropped = sum(self.estimand.dropped) if isinstance(self.estimand, Standardised) else 0
        return {
            "column": self.groups.column.name,
            "first": self.first,
            "second": self.second,
            "value_first": first,
            "value_second": second,
            "raw_first": self.raw.parts[0].value,
            "raw_second": self.raw.parts[1].value,
            "raw_gap": finite(self.raw.value),
            "speakers_first": of_first.speakers,
            "speakers_second": of_second.speakers,
            "without_overlap": dropped,
            **({"classes": len(self.labels)} if self.labels else {}),
        }

    def permutation_p(self, seed: int) -> float | None:
        """P-value of "no difference"; None where there is no gap, a lone speaker, or too many rows."""
        if not np.isfinite(self.estimand.value) or min(side.speakers for side in self.counted) < FEWEST:
            return None
        if self.groups.column.fixed:
            return self._speakers_permuted(seed)
        return None if self.unpermuted else self._rows_permuted(seed)

    @property
    def unpermuted(self) -> str:
        """Why rows are not permuted, to stand beside a message; empty where they are, or speakers."""
        first, second = self.tallies
        rows = int(first.chosen.sum() + second.chosen.sum())
        if self.groups.column.fixed or rows <= permutation.ROWS:
            return ""
        return f"no permutation test, as {rows} rows are too many to permute within speakers"

    def _speakers_permuted(self, seed: int) -> float:
        """Permute whole speakers, with the studentised gap as statistic."""
        one, other = (tally.counts.sum(axis=1) > 0 for tally in self.tallies)
        members = one | other
        pooled = [(a + b)[members] for a, b in zip(*(self._sums(t) for t in self.tallies), strict=True)]
        blank = [np.zeros_like(sums) for sums in pooled]
        sides = [
            [np.concatenate(halves) for halves in zip(*order, strict=True)]
            for order in ((pooled, blank), (blank, pooled))
        ]
        first = one[members].astype(np.int64)
        dealt = np.concatenate([first[None], permutation.shuffled(first, seed)]).astype(float)
        sizes = permutation.studentised(self._gap(*sides), dealt, 1 - dealt)
        return permutation.p_value(sizes[1:], float(sizes[0]))

    def _rows_permuted(self, seed: int) -> float:
        """Permute rows within speakers, with the gap itself as statistic."""
        first, second = self.tallies
        chosen = first.chosen | second.chosen
        rows = replace(first.rows(first.scored.truth(first.output)), chosen=chosen)
        statistics = rows.statistics(self._metric)
        shape: tuple[int, ...] = statistics.shape[1:]
        if self.metric == CCC.name:  # the statistics and a one, in the cell of the row
            shape = first.count, statistics.shape[1] + 1
            spread = np.zeros((len(statistics), *shape))
            spread[np.arange(len(statistics)), first.cell[chosen], :-1] = statistics
            spread[np.arange(len(statistics)), first.cell[chosen], -1] = 1
            statistics = spread.reshape(len(statistics), -1)
        codes, speakers = second.chosen[chosen].astype(np.int64), first.scored.speakers[chosen]
        dealt = permutation.rows_dealt(codes, speakers, statistics, 2, seed)
        sides = [side.reshape(-1, *shape) for side in dealt]
        if self.metric == CCC.name:
            estimand = self._gap(*([side[..., :-1], side[..., -1]] for side in sides))
        else:
            estimand = self._gap(*([side] for side in sides))
        gaps = estimand.draw(np.eye(permutation.PERMUTATIONS))[0]
        return permutation.p_value(np.abs(gaps), abs(self.estimand.value))

    @property
    def _metric(self) -> CCC | UAR:
        main = self.groups.tally.main
        return main if isinstance(main, CCC) else UAR(self.labels)

    def _sums(self, tally: Tally) -> list[np.ndarray]:
        """A group's sums per speaker: of CCC by cell, with the rows of each cell."""
        if self.metric == CCC.name:
            return [tally.moments, tally.counts]
        return [tally.level(self.labels).sums]

    def _gap(self, first: list[np.ndarray], second: list[np.ndarray]) -> Estimand:
        """The gap of sums that were dealt out anew."""
        if self.metric == UAR.name:
            return contrast((self._metric, first[0]), (self._metric, second[0]))
        cells = self.tallies[0].main_cells()
        return Standardised(*(replace(cells, known=(sums, counts)) for sums, counts in (first, second)))


def finite(value: float) -> float | None:
    """None where undefined."""
    return float(value) if np.isfinite(value) else None
