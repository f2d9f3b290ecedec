"""Skill: a checkpoint that is not above chance can be neither robust nor without gaps, only useless."""

from __future__ import annotations

from .estimand import single
from .finding import Finding, Limit
from .policy import Policy
from .predictions import CLEAN
from .question import Question, answer
from .resampling import Draws
from .scored import EMOTION, Scored
from .wording import number, states

CODE = "SER201"


def skill(scored: Scored, policy: Policy, draws: Draws) -> dict[str, Finding]:
    """Judge the skill on each scored output: clean speech, pooled over groups.

    The interval must lie above chance plus a margin, the policy's share of the way from chance to 1.

    Args:
        scored: a cohort that verdicts may rest on.
        policy: holds the margins.
        draws: of the cohort's speakers.

    Returns:
        One finding per scored output.
    """
    questions = []
    for output in scored.outputs:
        rows = scored.ok(CLEAN) & scored.known(output)
        metric = scored.main(output, rows)
        sums = scored.sums(metric, scored.truth(output), scored.predicted(output, CLEAN), rows)
        chance = metric.chance or 0.0
        margin = getattr(policy.skill, metric.name)
        counted = scored.counted(rows)
        what = f"Skill: where chance is {number(chance)}, {metric.name} of {output} on {scored.place}"
        questions.append(
            Question(
                code=CODE,
                audit="correctness",
                metric=metric.name,
                subject=scored.subject(condition=CLEAN, output=output),
                estimand=single(metric, sums),
                words=states(what, counted.speakers),
                limit=Limit(low=chance + margin.margin * (1 - chance), source=margin.source),
                family="skill",
                details={
                    "chance": chance,
                    "margin": margin.margin,
                    "training_data": "known" if scored.cohort.known else "unknown",
                    **({"classes": len(scored.classes)} if output == EMOTION else {}),
                },
                note=scored.cohort.note,
                counted=counted,
            )
        )
    return {f.subject.output or "": f for f in answer(questions, policy, draws)}


def lack(finding: Finding) -> str | None:
    """Say why a skill finding grants no verdict elsewhere, as the end of a sentence; None with skill."""
    if finding.verdict == "pass":
        return None
    low = finding.estimate.low if finding.estimate else None
    if low is None or finding.limit is None or finding.limit.low is None:
        return f"no skill is shown on {finding.subject.output} without an interval"
    return (
        f"no skill is shown on {finding.subject.output}: the lower bound of its {finding.metric}, "
        f"{number(low, 3)}, is not above {number(finding.limit.low, 3)}"
    )
