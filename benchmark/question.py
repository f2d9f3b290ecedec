"""A question put to the table, and its answer: families of questions become findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .estimand import Counted, Estimand
from .finding import Detail, Estimate, Finding, Limit, Subject
from .planning import detectable, greatest, plan, sentence
from .policy import Family, Policy
from .resampling import Draws, Interval, Studentised, bounds, studentise
from .verdict import clause, verdict
from .wording import decimals, number

EQUIVALENCE = 0.9  # two one-sided tests at 5 %


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
    family: str | None = None  # of the policy; None: pointwise
    scope: str | None = None  # what a family never crosses beside its subject, such as a column of groups
    null: float | None = None  # the value if nothing is wrong: 0 of a gap or a change
    details: Mapping[str, Detail] = field(default_factory=dict)
    note: str = ""  # what a reader must know beside it

    @property
    def noun(self) -> str:
        """What is estimated, in a sentence: "gap", "change", "CCC"."""
        return self.metric.partition(" of ")[0]


def answer(questions: Sequence[Question], policy: Policy, draws: Draws, share: float = 1.0) -> list[Finding]:
    """Answer questions over the same speakers, in their order.

    Questions of one declared family whose subjects differ only in the fields that the policy lets vary get
    intervals that hold simultaneously, whatever their metrics.

    Args:
        questions: all over the speakers of ``draws``.
        policy: declares the families and their errors.
        draws: the shared multiplicities.
        share: of a family's error that these questions may use, where other calls use the rest.
    """
    resampled = [studentise(question.estimand, draws) for question in questions]
    found: dict[int, Finding] = {}
    for key, members in _families(questions, policy).items():
        declared = _declared(questions[members[0]], policy)
        confidence = 1 - declared.error * share if declared else policy.confidence
        answers = bounds([resampled[i] for i in members], confidence)
        for i, interval in zip(members, answers, strict=True):
            held = _Held(interval, resampled[i], confidence, len(members), key if declared else None)
            found[i] = _finding(questions[i], held, policy)
    return [found[i] for i in range(len(questions))]


def _declared(question: Question, policy: Policy) -> Family | None:
    """The declared family of a question; None where it stands alone."""
    if question.family is None or question.limit is None:
        return None
    return getattr(policy.families, question.family)


def _families(questions: Sequence[Question], policy: Policy) -> dict[str, list[int]]:
    """Group questions by a name of the family that they are held together in."""
    families: dict[str, list[int]] = {}
    for i, question in enumerate(questions):
        declared = _declared(question, policy)
        if declared is None:
            families[f"alone {i}"] = [i]
            continue
        fixed = question.subject.model_dump(exclude_none=True)
        named = [question.family, question.scope]
        named += [value for part, value in fixed.items() if part not in declared.varying]
        families.setdefault(" · ".join(str(part) for part in named if part), []).append(i)
    return families


@dataclass(frozen=True)
class _Held:
    """An interval that makes a verdict, and what it was held together with."""

    interval: Interval
    resampled: Studentised
    confidence: float
    size: int
    family: str | None

    def alone(self, confidence: float) -> Interval:
        """The interval of this value alone."""
        return bounds([self.resampled], confidence)[0]


def _finding(question: Question, held: _Held, policy: Policy) -> Finding:
    """Hold one question's interval against its limit and put it in words.

    The effect is worded by its interval alone; the verdict rests on the one that holds for the family.
    """
    interval, limit = held.interval, question.limit
    alone = held.alone(policy.confidence) if held.family else interval
    both = held.alone(EQUIVALENCE) if held.family else None
    given = verdict(interval, limit)
    bounded = interval.low is not None
    known: dict[str, Detail] = {}
    if limit is not None and question.null is not None:
        known["detectable"] = detectable(interval, limit, greatest(question.estimand.range))
    if limit is not None and given == "inconclusive":
        known |= plan(interval, limit, question.null, question.counted.speakers, question.estimand.within)
    parts = [
        _message(question, alone)
        + _together(question.noun, held, alone)
        + clause(given, limit, question.metric),
        sentence(known, question.noun),
        question.note,
    ]
    return Finding(
        code=question.code,
        audit=question.audit,
        metric=question.metric,
        subject=question.subject,
        estimate=Estimate(
            value=interval.value,
            low=interval.low,
            high=interval.high,
            pointwise_low=alone.low if held.family else None,
            pointwise_high=alone.high if held.family else None,
            equivalence_low=both.low if both else None,
            equivalence_high=both.high if both else None,
            confidence=held.confidence if bounded else None,
            method=interval.method,
            n=question.counted.n,
            speakers=question.counted.speakers,
        ),
        limit=limit,
        verdict=given,
        family=held.family,
        message="; ".join(filter(None, parts)) + ".",
        details={**question.details, **known},
    )


def _message(question: Question, interval: Interval) -> str:
    """Say the value and its interval in the question's words."""
    if interval.value is None:
        return (
            f"{question.metric} of {question.subject.output} is {interval.reason} ({question.counted.n} rows)"
        )
    return question.words(interval, decimals(interval, question.limit))


def _together(noun: str, held: _Held, alone: Interval) -> str:
    """Add the interval that makes the verdict, where it is not the one of the effect alone."""
    interval = held.interval
    if interval == alone or interval.value is None:
        return ""
    if interval.low is None or interval.high is None:
        return f"; held together with {held.size - 1} others it has {interval.reason}"
    digits = decimals(interval)
    span = f"{number(interval.low, digits)} to {number(interval.high, digits)}"
    sure = f"{100 * held.confidence:.4g} %"
    if held.size == 1:
        return f"; at {sure} the {noun} is {span}"
    return f"; with all {held.size} held together at {sure} the {noun} is {span}"
