"""Gaps of the main metric between two groups, always named "first − second", at equal truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ser_audit.benchmark.metrics import CCC
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.question import Question
from ser_audit.benchmark.resampling import Interval
from ser_audit.benchmark.wording import gap, number

from .groups import Groups
from .pairs import Pair, finite

ROUNDING = 0.005  # what two decimals hide


def gaps(groups: Groups, policy: Policy) -> Iterator[Question]:
    """Ask for the gap of every pair of groups, against the policy's limit of the column."""
    scored, output, column = groups.scored, groups.output, groups.column
    for first, second in groups.pairs:
        pair = Pair(groups, first, second)
        if not pair.comparable:
            continue
        both = pair.both
        words = gap(
            f"{pair.metric} of {output}", column.who(first), column.who(second), scored.place, both.speakers
        )
        yield Question(
            code="SER401",
            audit="fairness",
            metric=f"gap of {pair.metric}",
            subject=groups.subject(f"{first} − {second}"),
            estimand=pair.estimand,
            words=named(words, pair),
            limit=policy.fairness_limit(column.name, f"gap of {pair.metric}"),
            family="fairness",
            scope=column.name,
            null=0.0,
            details={**pair.details(), "permutation_p": pair.permutation_p(policy.seed)},
            note="; ".join(filter(None, [pair.unpermuted, scored.cohort.note])),
            counted=both,
        )


def named(words: Callable[[Interval, int], str], pair: Pair) -> Callable[[Interval, int], str]:
    """End a sentence on a gap with its name, and with the raw gap where that is another."""
    raw, column = finite(pair.raw.value), pair.groups.column
    name = f"{column.who(pair.first)} − {column.who(pair.second)}"

    def ended(interval: Interval, digits: int) -> str:
        told = words(interval, digits)
        told += "" if name in told else f", {name}"
        told += " at equal truth" if pair.metric == CCC.name else ""
        apart = raw is not None and abs(raw - (interval.value or 0.0)) > ROUNDING
        return f"{told} ({number(raw or 0.0, 2)} at each group's own)" if apart else told

    return ended
