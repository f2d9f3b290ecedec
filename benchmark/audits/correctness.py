"""Correctness: how near predictions come to the truth, on clean speech.

Regression (CCC, PCC, MAE) per dimension; UAR, UAP, macro F1, recalls and precisions over the scored classes;
and what the files beside it ask. Verdicts rest on speakers that the checkpoint was not trained on; training
speakers are measured apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from ser_audit.benchmark.audit import Needs
from ser_audit.benchmark.estimand import single
from ser_audit.benchmark.finding import Detail, Finding
from ser_audit.benchmark.metrics import CCC, F1, MAE, PCC, UAR, Metric, Precision
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Question, answer
from ser_audit.benchmark.run import Run
from ser_audit.benchmark.scored import Scored, tables, unjudged, unscored
from ser_audit.benchmark.skill import CODE as SKILL
from ser_audit.benchmark.skill import CODES as SKILLS
from ser_audit.benchmark.skill import lack, skill
from ser_audit.benchmark.together import together
from ser_audit.benchmark.verdict import withhold

from . import calibration, consistency, distribution, speaker_means
from .levels import NAME as NAME
from .levels import level

CODES = {
    **SKILLS,
    "SER202": "How well does a dimension agree with the truth (CCC)?",
    "SER203": "How well does a dimension follow the truth, whatever its scale (PCC)?",
    "SER204": "How far is a dimension from the truth (MAE)?",
    "SER205": "How many utterances of each class are recognised, on average over classes (UAR)?",
    "SER206": "How well are classes recognised, precision and recall together (macro F1)?",
    "SER207": "What would the UAR be if only the scored classes could be predicted?",
    "SER208": "How many utterances of one class are recognised?",
    "SER210": "How many predictions of one class are right?",
    "SER211": "How many predictions of each class are right, on average over classes (UAP)?",
    **distribution.CODES,
    **speaker_means.CODES,
    **consistency.CODES,
    **calibration.CODES,
    "SER290": "Does all of correctness keep within its limits, all together?",
}


def plan() -> Needs:
    """Need clean predictions only."""
    return Needs()


def judge(run: Run, policy: Policy) -> list[Finding]:
    """Findings on every checkpoint × corpus × cohort."""
    found: list[Finding] = []
    for cohorts in tables(run):
        found += [*unscored(SKILL, NAME, cohorts[0]), *unjudged(SKILL, NAME, cohorts[0])]
        for scored in cohorts:
            found += _cohort(scored, policy)
    return found


def _cohort(scored: Scored, policy: Policy) -> list[Finding]:
    """Findings on one cohort; without skill none of them is a pass."""
    asked: list[Question | Finding] = []
    for output in scored.outputs:
        asked += _questions(scored, output, policy)
        asked += distribution.ask(scored, output, policy)
        asked += speaker_means.ask(scored, output, policy)
        asked += calibration.ask(scored, output, policy)
    asked += consistency.ask(scored, policy)
    draws = scored.draws(policy.draws_for(policy.families.correctness.error), policy.seed)
    answers = answer([one for one in asked if isinstance(one, Question)], policy, draws)
    if not scored.cohort.judged:
        return answers
    skills = skill(scored, policy, scored.draws(policy.draws, policy.seed))
    found = [finding for findings in skills.values() for finding in findings]
    found += [one for one in asked if isinstance(one, Finding)]
    reasons = {output: lack(findings) for output, findings in skills.items()}
    for finding in answers:
        output = finding.subject.output or ""
        reason = reasons.get(output, f"{scored.place} have no truth for {output} to show skill by")
        found.append(withhold(finding, reason) if reason else finding)
    return [*found, *together(found, "SER290", NAME)]


def _questions(scored: Scored, output: str, policy: Policy) -> Iterator[Question]:
    """Ask for every metric of one output's predictions against their truth."""
    rows = scored.usable(output, CLEAN)
    main, ask = scored.main(output, rows), partial(_question, scored, output, policy, rows)
    if isinstance(main, CCC):
        truth = scored.truth(output)[rows]
        guess = float(np.abs(truth - truth.mean()).mean()) if len(truth) else None
        yield ask("SER202", main, main.chance)
        yield ask("SER203", PCC(main.truth_offset, main.prediction_offset), PCC.chance)
        yield ask("SER204", MAE(), guess)
        return
    yield ask("SER205", main, main.chance)
    yield ask("SER206", F1(scored.classes))
    yield ask("SER207", main, main.chance, name="restricted UAR")
    yield ask("SER211", Precision(scored.classes))
    truth, predicted = scored.truth(output), scored.predicted(output, CLEAN)
    for label in scored.classes:
        of = partial(ask, label=label)
        yield of("SER208", UAR((label,)), name="recall", among=truth == label)
        yield of("SER210", Precision((label,)), name="precision", among=predicted == label)


def _question(
    scored: Scored,
    output: str,
    policy: Policy,
    rows: np.ndarray,
    code: str,
    metric: Metric,
    chance: float | None = None,
    name: str | None = None,
    label: int | None = None,
    among: np.ndarray | None = None,
) -> Question:
    """Ask for one metric over ``rows``, bool (utterances,), or over those ``among`` them of one class."""
    name = name or metric.name
    of, group = output, None
    details: dict[str, Detail] = {"chance": chance}
    if label is not None:
        of = scored.predictions.output_classes[label]
        group = f"class: {of}"
    elif isinstance(metric, UAR | F1 | Precision):
        details["classes"] = len(metric.labels)
    chosen = rows if among is None else rows & among
    predicted = scored.predicted(output, CLEAN, restricted=name == "restricted UAR")
    estimand = single(metric, scored.rows(scored.truth(output), predicted, chosen))
    what = f"{name} of {of} on {scored.place}"
    return level(
        scored, policy, code, name, output, estimand, scored.counted(chosen), what, group, details=details
    )
