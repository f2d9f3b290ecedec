"""Correctness: how near predictions come to the truth, on clean speech.

Regression (CCC, PCC, MAE) per dimension; UAR, macro F1 and recalls over the scored classes.
Verdicts rest on speakers that the checkpoint was not trained on; training speakers are measured apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np
from ser_audit.benchmark.audit import Needs
from ser_audit.benchmark.estimand import single
from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.metrics import CCC, F1, MAE, PCC, UAR, Metric
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Detail, Question, answer
from ser_audit.benchmark.run import Run
from ser_audit.benchmark.scored import Scored, tables, unjudged, unscored
from ser_audit.benchmark.skill import CODE as SKILL
from ser_audit.benchmark.skill import lack, skill
from ser_audit.benchmark.verdict import withhold
from ser_audit.benchmark.wording import states

NAME = "correctness"
CODES = {
    SKILL: "Is the checkpoint better than chance on this output?",
    "SER202": "How well does a dimension agree with the truth (CCC)?",
    "SER203": "How well does a dimension follow the truth, whatever its scale (PCC)?",
    "SER204": "How far is a dimension from the truth (MAE)?",
    "SER205": "How many utterances of each class are recognised, on average over classes (UAR)?",
    "SER206": "How well are classes recognised, precision and recall together (macro F1)?",
    "SER207": "What would the UAR be if only the scored classes could be predicted?",
    "SER208": "How many utterances of one class are recognised?",
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
    draws = scored.draws(policy.draws, policy.seed)
    skills = skill(scored, policy, draws) if scored.cohort.judged else {}
    questions = [q for output in scored.outputs for q in _questions(scored, output, policy)]
    found = list(skills.values())
    for finding in answer(questions, policy, draws):
        reason = lack(skills[finding.subject.output or ""]) if skills else None
        found.append(withhold(finding, reason) if reason else finding)
    return found


def _questions(scored: Scored, output: str, policy: Policy) -> Iterator[Question]:
    """Ask for every metric of one output."""
    rows = scored.ok(CLEAN) & scored.known(output)
    main, ask = scored.main(output, rows), partial(_question, scored, output, policy)
    if isinstance(main, CCC):
        truth = scored.truth(output)[rows]
        guess = float(np.abs(truth - truth.mean()).mean()) if len(truth) else None
        yield ask("SER202", main, {"chance": main.chance})
        yield ask("SER203", PCC(main.truth_offset, main.prediction_offset), {"chance": PCC.chance})
        yield ask("SER204", MAE(), {"chance": guess})
        return
    known: dict[str, Detail] = {"chance": main.chance, "classes": len(scored.classes)}
    yield ask("SER205", main, known)
    yield ask("SER206", F1(scored.classes), {**known, "chance": None})
    yield ask("SER207", main, known, name="restricted UAR")
    for label in scored.classes:
        yield ask("SER208", UAR((label,)), {"chance": None}, name="recall", label=label)


def _question(
    scored: Scored,
    output: str,
    policy: Policy,
    code: str,
    metric: Metric,
    details: Mapping[str, Detail],
    name: str | None = None,
    label: int | None = None,
) -> Question:
    """Ask for one metric on the clean rows that have truth for it, or on those of one class."""
    name = name or metric.name
    truth = scored.truth(output)
    predicted = scored.predicted(output, CLEAN, restricted=name == "restricted UAR")
    rows = scored.ok(CLEAN) & scored.known(output)
    of, group = output, None
    if label is not None:
        rows &= truth == label
        of = scored.predictions.output_classes[label]
        group = f"class: {of}"
    counted = scored.counted(rows)
    return Question(
        code=code,
        audit=NAME,
        metric=name,
        subject=scored.subject(condition=CLEAN, output=output, group=group),
        estimand=single(metric, scored.sums(metric, truth, predicted, rows)),
        words=states(f"{name} of {of} on {scored.place}", counted.speakers),
        limit=policy.correctness_limit(name) if scored.cohort.judged else None,
        family=NAME,
        details=details,
        note=scored.cohort.note,
        counted=counted,
    )
