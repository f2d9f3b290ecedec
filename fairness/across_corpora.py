"""Does a gap carry over? The gap of one corpus less that of another, for one checkpoint: measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from ser_audit.benchmark.estimand import Counted, Estimand
from ser_audit.benchmark.finding import Finding, Subject
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Question, answer
from ser_audit.benchmark.resampling import Draws, Interval
from ser_audit.benchmark.wording import number, spread

from .groups import Groups
from .pairs import Pair, finite


@dataclass(frozen=True, eq=False)
class Apart:
    """One estimand less another, over other speakers: those of the first come first."""

    first: Estimand
    second: Estimand

    @property
    def range(self) -> tuple[float, float]:
        """The least and the greatest value it can take."""
        (low, high), (least, greatest) = self.first.range, self.second.range
        return low - greatest, high - least

    @property
    def shares(self) -> bool:
        """Whether it is made of shares of rows."""
        return self.first.shares and self.second.shares

    @property
    def present(self) -> np.ndarray:
        """Speakers that have rows: bool (speakers,)."""
        return np.concatenate([self.first.present, self.second.present])

    @property
    def value(self) -> float:
        """The point estimate; NaN where undefined."""
        return self.first.value - self.second.value

    @property
    def own(self) -> np.ndarray:
        """A speaker is on one side only: float64 (speakers,), NaN."""
        return np.full(len(self.present), np.nan)

    def draw(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values and influences of speakers under weights; see :class:`~.estimand.Estimand`."""
        own, other = np.split(weights, [len(self.first.present)], axis=1)
        (one, by_one), (two, by_two) = self.first.draw(own), self.second.draw(other)
        return one - two, np.concatenate([by_one, -by_two], axis=1)

    def within(self) -> float | None:
        """Variance of the estimate from the sampling of rows within speakers alone."""
        one, other = self.first.within(), self.second.within()
        return None if one is None or other is None else one + other


def across_corpora(judged: Sequence[Sequence[Groups]], policy: Policy) -> list[Finding]:
    """Measure how far the gaps of judged columns differ between any two corpora of one checkpoint.

    Args:
        judged: of each corpus, the groups of judged columns on every output.
        policy: holds the confidence and the draws.
    """
    found: list[Finding] = []
    for one, other in combinations(judged, 2):
        for first in one:
            for second in other:
                if (first.column.name, first.output) == (second.column.name, second.output):
                    strata = [first.column.strata, second.column.strata]
                    apart = np.concatenate([strata[0], strata[1] + strata[0].max() + 1])
                    draws = Draws.of(apart, policy.draws, policy.seed)
                    found += answer(list(_questions(first, second)), policy, draws)
    return found


def _questions(one: Groups, other: Groups) -> Iterator[Question]:
    """Ask for the difference of every gap that both corpora have, over the classes that all show."""
    for first, second in one.pairs:
        if first not in other.values or second not in other.values:
            continue
        shared = [groups.shared(first, second) for groups in (one, other)]
        labels = tuple(c for c in shared[0] if c in shared[1])
        pairs = [Pair(groups, first, second, labels) for groups in (one, other)]
        if not pairs[0].comparable:
            continue
        estimand = Apart(pairs[0].estimand, pairs[1].estimand)
        both = [pair.both for pair in pairs]
        names = [groups.scored.predictions.corpus for groups in (one, other)]
        gaps = [finite(pair.estimand.value) for pair in pairs]
        counted = Counted(sum(b.n for b in both), sum(b.speakers for b in both))
        yield Question(
            code="SER412",
            audit="fairness",
            metric=f"difference of gap of {pairs[0].metric}",
            subject=Subject(
                checkpoint=one.scored.predictions.checkpoint,
                condition=CLEAN,
                output=one.output,
                group=f"{one.column.name}: {first} − {second}",
            ),
            estimand=estimand,
            words=_differs(
                f"gap {first} − {second} in {pairs[0].metric} of {one.output}", names, gaps, counted.speakers
            ),
            details={
                "column": one.column.name,
                "first": names[0],
                "second": names[1],
                "value_first": gaps[0],
                "value_second": gaps[1],
                **({"classes": len(labels)} if labels else {}),
            },
            note="the corpora differ in more than their speakers",
            counted=counted,
        )


def _differs(
    what: str, names: Sequence[str], gaps: Sequence[float | None], speakers: int
) -> Callable[[Interval, int], str]:
    """Word a difference of gaps: "The gap … is .10 (…) higher on nemo (.12) than on ravdess (.02)"."""
    on = [f"{name} ({number(gap or 0.0, 2)})" for name, gap in zip(names, gaps, strict=True)]

    def words(interval: Interval, digits: int) -> str:
        value = interval.value or 0.0
        falls = interval.high is not None and interval.high < 0
        shown = f"{number(-value if falls else value, digits)} {spread(interval, speakers, digits, falls)}"
        if falls or (interval.low is not None and interval.low > 0):
            return f"The {what} is {shown} {'lower' if falls else 'higher'} on {on[0]} than on {on[1]}"
        return f"No evidence that the {what} differs between {on[0]} and {on[1]}: the difference is {shown}"

    return words
