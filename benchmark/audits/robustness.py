"""Robustness: what a condition does to the metric, and to how many predictions.

A condition is compared with its reference, which is clean unless the set says otherwise, on the utterances
that are ok in both. Conditions that are not label preserving are measured and never judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from ser_audit.benchmark.audit import Needs
from ser_audit.benchmark.estimand import combined, single
from ser_audit.benchmark.finding import Finding, Limit
from ser_audit.benchmark.manifest import ConditionRecord
from ser_audit.benchmark.metrics import PUP
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Detail, Question, answer
from ser_audit.benchmark.run import Run
from ser_audit.benchmark.scored import EMOTION, Scored, tables, unjudged
from ser_audit.benchmark.skill import lacking
from ser_audit.benchmark.together import together
from ser_audit.benchmark.verdict import withhold
from ser_audit.benchmark.wording import changes, condition, keeps, states

from . import family_means, relative_errors

NAME = "robustness"
CHANGES = {"CCC": "SER301", "UAR": "SER302"}
CODES = {
    "SER301": "How much does a condition change the CCC of a dimension?",
    "SER302": "How much does a condition change the UAR?",
    "SER303": "How many predictions does a condition leave unchanged (PUP)?",
    "SER304": "What is the metric in each condition?",
    "SER390": "Does every condition keep within its limit, all of them together?",
    **family_means.CODES,
    **relative_errors.CODES,
}


def plan() -> Needs:
    """Need the perturbed conditions beside clean."""
    return Needs(conditions=True)


def judge(run: Run, policy: Policy) -> list[Finding]:
    """Findings on every checkpoint × corpus × condition × output."""
    records = {record.id: record for record in run.manifest.conditions}
    baselines: dict[str, Scored] = {}  # the first checkpoint's, by corpus
    found: list[Finding] = []
    for cohorts in tables(run):
        scored = cohorts[0]
        kinds = {"UAR" if output.kind == "class" else "CCC" for output in scored.checkpoint.outputs}
        for metric in sorted(kinds):
            found += unjudged(CHANGES[metric], NAME, scored)
        if not scored.cohort.judged:
            continue
        found += _cohort(scored, records, policy)
        if scored.checkpoint.name == run.manifest.checkpoints[0].name:
            baselines[scored.predictions.corpus] = scored
        elif scored.predictions.corpus in baselines:
            first = baselines[scored.predictions.corpus]
            found += relative_errors.relative_errors(first, scored, records, policy)
    return found


def _cohort(scored: Scored, records: dict[str, ConditionRecord], policy: Policy) -> list[Finding]:
    """Findings on one judged cohort; without skill none of them is a pass."""
    draws = scored.draws(policy.draws, policy.seed)
    reasons = lacking(scored, policy, draws)
    questions: list[Question] = []
    found: list[Finding] = []
    for output in scored.outputs:
        for name in scored.conditions:
            record = records[name]
            questions.append(_level(scored, output, record))
            if name != CLEAN and record.reference in scored.conditions:
                questions += _compared(scored, output, record, policy)
            elif name != CLEAN:
                found += _alone(scored, output, record)
        questions += family_means.means(scored, output, records)
    for finding in answer(questions, policy, draws):
        reason = reasons[finding.subject.output or ""]
        found.append(withhold(finding, reason) if reason else finding)
    return [*found, *together(found, "SER390", NAME)]


def _alone(scored: Scored, output: str, record: ConditionRecord) -> list[Finding]:
    """Say that a condition was predicted, but not what it is to be compared with."""
    reason = (
        f"Not compared: {condition(record.id, within=True)} is held against "
        f"{condition(record.reference, within=True)}, which was not predicted on {scored.predictions.corpus}."
    )
    subject = scored.subject(condition=record.id, output=output)
    return [
        Finding(code=code, audit=NAME, subject=subject, verdict="not_applicable", message=reason)
        for code in (CHANGES["UAR" if output == EMOTION else "CCC"], "SER303")
    ]


def _level(scored: Scored, output: str, record: ConditionRecord) -> Question:
    """Ask for the main metric itself in one condition."""
    rows = scored.usable(output, record.id)
    estimand = scored.level(output, record.id, rows)
    metric, counted = estimand.parts[0].metric, scored.counted(rows)
    what = f"{condition(record.id)}: {metric.name} of {output} on {scored.place}"
    return Question(
        code="SER304",
        audit=NAME,
        metric=metric.name,
        subject=scored.subject(condition=record.id, output=output),
        estimand=estimand,
        words=states(what, counted.speakers),
        details={
            "chance": scored.main(output, rows, record.id).chance,
            "family": record.family,
            "label_preserving": None if record.id == CLEAN else record.label_preserving,
        },
        counted=counted,
    )


def _compared(scored: Scored, output: str, record: ConditionRecord, policy: Policy) -> Iterator[Question]:
    """Ask what one condition changes: the metric on rows with truth, and the predictions."""
    both = scored.usable(None, record.reference, record.id)
    rows = scored.usable(output, record.reference, record.id)
    after, before = (scored.level(output, name, rows) for name in (record.id, record.reference))
    metric = before.parts[0].metric.name
    cause = condition(record.id)
    if record.reference != CLEAN:
        cause += f" against {condition(record.reference, within=True)}"
    shared: dict[str, Detail] = {
        "reference": record.reference,
        "family": record.family,
        "label_preserving": record.label_preserving,
        "unpaired": int((~both).sum()),
    }
    counted = scored.counted(rows)
    yield Question(
        code=CHANGES[metric],
        audit=NAME,
        metric=f"change of {metric}",
        subject=scored.subject(condition=record.id, output=output),
        estimand=combined((1, after), (-1, before)),
        words=changes(cause, f"{metric} of {output}", counted.speakers),
        limit=_limit(policy, f"change of {metric}", record),
        family=NAME,
        null=0.0,
        details={
            "value_reference": before.parts[0].value,
            "value_perturbed": after.parts[0].value,
            **shared,
        },
        counted=counted,
    )
    pup = PUP(None) if output == EMOTION else PUP()
    counted = scored.counted(both)
    reference, perturbed = (scored.predicted(output, name) for name in (record.reference, record.id))
    yield Question(
        code="SER303",
        audit=NAME,
        metric=pup.name,
        subject=scored.subject(condition=record.id, output=output),
        estimand=single(pup, scored.rows(reference, perturbed, both)),
        words=keeps(cause, output, counted.speakers),
        limit=_limit(policy, pup.name, record),
        family=NAME,
        details=shared,
        counted=counted,
    )


def _limit(policy: Policy, metric: str, record: ConditionRecord) -> Limit | None:
    """Find the policy's limit of a condition; none where it may change what a listener hears."""
    return policy.robustness_limit(metric, record.id) if record.label_preserving else None
