"""A question put to the table, and its answer: families of questions become findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .estimand import Counted, Estimand
from .finding import Estimate, Finding, Limit, Subject
from .policy import Policy
from .resampling import Draws, Interval, intervals
from .verdict import clause, verdict
from .wording import decimals, number

Detail = float | int | str | bool | None


@dataclass(frozen=True)
class Question:
    """What a finding asks, before its interval is known."""

    code: str
    audit: str
    metric: str
    subject: Subject
    estimand: Estimand
    counted: Counted
    words: Callable[[Interval, int], str]  # interval, decimals -> the sentence without its verdict
    limit: Limit | None = None
    family: str | None = None  # table of the policy's families; None: pointwise
    details: Mapping[str, Detail] = field(default_factory=dict)
    note: str = ""  # what a reader must know beside it


def answer(questions: Sequence[Question], policy: Policy, draws: Draws) -> list[Finding]:
    """Answer questions over the same speakers, in their order.

    Questions of one code and metric whose subjects differ only in the fields that the policy declares
    for their family get intervals that hold simultaneously.
    """
    families: dict[tuple, list[int]] = {}
    for i, question in enumerate(questions):
        if question.family is None or question.limit is None:
            families[i,] = [i]
            continue
        varying = getattr(policy.families, question.family)
        fixed = question.subject.model_dump(exclude=set(varying))
        families.setdefault((question.code, question.metric, *fixed.items()), []).append(i)
    found: dict[int, Finding] = {}
    for members in families.values():
        answers = intervals([questions[i].estimand for i in members], draws, policy.confidence)
        for i, interval in zip(members, answers, strict=True):
            alone = interval
            if len(members) > 1:
                (alone,) = intervals([questions[i].estimand], draws, policy.confidence)
            found[i] = _finding(questions[i], interval, alone, len(members), policy)
    return [found[i] for i in range(len(questions))]


def _finding(question: Question, interval: Interval, alone: Interval, size: int, policy: Policy) -> Finding:
    """Hold one question's interval against its limit and put it in words.

    The effect is worded by its interval ``alone``; the verdict rests on the one that holds for all
    ``size`` of the family at once.
    """
    given = verdict(interval, question.limit)
    bounded = interval.low is not None
    return Finding(
        code=question.code,
        audit=question.audit,
        metric=question.metric,
        subject=question.subject,
        estimate=Estimate(
            value=interval.value,
            low=interval.low,
            high=interval.high,
            pointwise_low=alone.low if size > 1 else None,
            pointwise_high=alone.high if size > 1 else None,
            confidence=policy.confidence if bounded else None,
            method=interval.method,
            n=question.counted.n,
            speakers=question.counted.speakers,
        ),
        limit=question.limit,
        verdict=given,
        message=_message(question, alone)
        + (_together(question.metric.partition(" of ")[0], interval, alone, size) if size > 1 else "")
        + clause(given, question.limit, question.metric)
        + _note(question)
        + ".",
        details=dict(question.details),
    )


def _message(question: Question, interval: Interval) -> str:
    """Say the value and its interval in the question's words."""
    if interval.value is None:
        return (
            f"{question.metric} of {question.subject.output} is {interval.reason} ({question.counted.n} rows)"
        )
    return question.words(interval, decimals(interval, question.limit))


def _together(noun: str, interval: Interval, alone: Interval, size: int) -> str:
    """Add the interval that makes the verdict, where it is not the one of the effect alone."""
    if interval.low is None or interval.high is None or interval == alone:
        return ""
    digits = decimals(interval)
    low, high = number(interval.low, digits), number(interval.high, digits)
    return f"; with all {size} held together the {noun} is {low} to {high}"


def _note(question: Question) -> str:
    return f"; {question.note}" if question.note else ""
