"""Gaps of a group to everybody, "group − all", as ser-tests has them: all includes the group.

Of two groups of one size the gap to all is half of that between them. Truth is each one's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from ser_audit.benchmark.estimand import Counted, Part, WeightedSum
from ser_audit.benchmark.finding import Detail
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.question import Question
from ser_audit.benchmark.scored import EMOTION
from ser_audit.benchmark.wording import gap

from .by_class import FEWEST, Kind, kinds, sentence
from .groups import PAIRED, Groups, detailed

NOTE = "all includes the group"
CLASSES = ("recall", "precision", "share")


def to_all(groups: Groups, policy: Policy) -> Iterator[Question]:
    """Ask for the main metric of every group less that of all groups together, over the group's classes.

    And for recalls, precisions, shares and means, where the policy limits them, or where they are not
    compared in pairs.
    """
    everybody, name = groups.everybody, groups.tally.main.name
    asked = [kind for each in CLASSES if _asked(groups, each, policy) for kind in kinds(groups, each)]
    if groups.output != EMOTION and _asked(groups, "mean", policy):
        asked.append(Kind("mean"))
    others = [(kind, kind.level(everybody, -1)) for kind in asked]
    for value, tally in groups.tallies.items():
        labels = groups.shared(value)
        if groups.comparable(labels):
            levels = tally.level(labels), everybody.level(labels, -1)
            known: dict[str, Detail] = {"classes": len(labels)} if labels else {}
            what = f"{name} of {groups.output}"
            yield _question(groups, policy, value, name, what, levels, tally.over(labels), "", known)
        for kind, every in others:
            counted = kind.counted(tally)
            if counted.n >= FEWEST:
                levels = kind.level(tally), every
                ended, known = kind.group(tally), kind.details(tally)
                yield _question(
                    groups, policy, value, kind.name, kind.what(tally), levels, counted, ended, known
                )


def _asked(groups: Groups, kind: str, policy: Policy) -> bool:
    """Whether groups are compared with all in a kind."""
    limited = policy.fairness_limit(groups.column.name, f"gap to all of {kind}") is not None
    return limited or (not detailed(groups.column) and len(groups.column.values) <= PAIRED)


def _question(
    groups: Groups,
    policy: Policy,
    value: str,
    metric: str,
    what: str,
    levels: tuple[Part, Part],
    counted: Counted,
    ended: str,
    known: dict[str, Detail],
) -> Question:
    """Ask for one metric of a group less that of all."""
    scored, column = groups.scored, groups.column
    return Question(
        code="SER410",
        audit="fairness",
        metric=f"gap to all of {metric}",
        subject=groups.subject(f"{value} − all{ended}"),
        estimand=WeightedSum(levels),
        words=sentence(gap(what, column.who(value), "all", scored.place, counted.speakers)),
        limit=policy.fairness_limit(column.name, f"gap to all of {metric}"),
        family="fairness",
        scope=column.name,
        null=0.0,
        details={
            "column": column.name,
            "value": value,
            "value_group": levels[0].value,
            "value_all": levels[1].value,
            **known,
        },
        note=NOTE,
        counted=counted,
    )
