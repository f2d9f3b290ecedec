"""A question of correctness: a value on clean speech, held against the policy's limit of its metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ser_audit.benchmark.estimand import Counted, Estimand
from ser_audit.benchmark.finding import Detail, Finding
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Question
from ser_audit.benchmark.resampling import Interval
from ser_audit.benchmark.scored import Scored
from ser_audit.benchmark.wording import states

NAME = "correctness"


def level(
    scored: Scored,
    policy: Policy,
    code: str,
    metric: str,
    output: str,
    estimand: Estimand,
    counted: Counted,
    words: str | Callable[[Interval, int], str],
    group: str | None = None,
    null: float | None = None,
    details: Mapping[str, Detail] | None = None,
) -> Question:
    """Ask for a value; training speakers are measured and never judged.

    Args:
        scored: the cohort.
        policy: holds the limit, by the name ``metric``.
        code: of the finding.
        metric: its name, in findings and in the policy.
        output: a dimension, or "emotion".
        estimand: the value.
        counted: rows and speakers that it rests on.
        words: the finding's words, or what the value is of, to be followed by "is .53 (…)".
        group: the class or label that it is about.
        null: the value if nothing were wrong; None where there is no such value.
        details: of the finding.
    """
    return Question(
        code=code,
        audit=NAME,
        metric=metric,
        subject=scored.subject(condition=CLEAN, output=output, group=group),
        estimand=estimand,
        words=states(words, counted.speakers) if isinstance(words, str) else words,
        limit=policy.correctness_limit(metric) if scored.cohort.judged else None,
        family=NAME,
        null=null,
        details=details or {},
        note=scored.cohort.note,
        counted=counted,
    )


def unasked(scored: Scored, code: str, metric: str, output: str, reason: str) -> Finding:
    """Make the finding that says in a sentence why a question cannot be put to the predictions."""
    return Finding(
        code=code,
        audit=NAME,
        metric=metric,
        subject=scored.subject(condition=CLEAN, output=output),
        verdict="not_applicable",
        message=reason,
    )
