"""The error of a checkpoint under perturbation, relative to that of the run's first checkpoint.

The mean corruption error of Hendrycks & Dietterich (2019, ICLR, "Benchmarking neural network robustness to
common corruptions and perturbations"), with 1 − metric as error and the run's first checkpoint in the
place of AlexNet: below 1 a checkpoint makes fewer errors than the first. It mixes how good a checkpoint
is on clean speech with how much it loses, so it is measured and never judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from ser_audit.benchmark.estimand import WeightedSum, mean
from ser_audit.benchmark.families import Family, complete, families
from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.manifest import ConditionRecord
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.question import Question, answer
from ser_audit.benchmark.relative import RelativeError
from ser_audit.benchmark.scored import EMOTION, Scored
from ser_audit.benchmark.wording import states

AUDIT = "robustness"
CODES = {"SER307": "How large is the error under perturbation, relative to the first checkpoint (mCE)?"}


def relative_errors(
    first: Scored, other: Scored, records: Mapping[str, ConditionRecord], policy: Policy
) -> list[Finding]:
    """Findings on one checkpoint against the first, on one corpus, over the speakers of both.

    Args:
        first: the first checkpoint's judged cohort.
        other: another checkpoint's judged cohort of the same corpus.
        records: of the manifest's conditions.
        policy: the draws and the confidence.
    """
    speakers = tuple(sorted({*first.cohort.speakers} & {*other.cohort.speakers}))
    if not speakers:
        return [_refused(other, None, f"no speaker of {other.predictions.corpus} is judged for both")]
    baseline, scored = (replace(s, cohort=replace(s.cohort, speakers=speakers)) for s in (first, other))
    questions: list[Question] = []
    found: list[Finding] = []
    for output in scored.outputs:
        reason = _unlike(baseline, scored, output)
        if reason:
            found.append(_refused(other, output, reason))
        else:
            questions += _asked(baseline, scored, output, records)
    return answer(questions, policy, scored.draws(policy.draws, policy.seed)) + found


def _unlike(first: Scored, other: Scored, output: str) -> str | None:
    """Say why two checkpoints cannot be compared on an output, as the end of a sentence; None if they can."""
    name = first.predictions.checkpoint
    if output not in first.outputs:
        return f"{output} is not scored for {name}"
    if not first.predictions.utterances.equals(other.predictions.utterances):
        return f"it was not predicted on the same utterances as {name}"
    if output == EMOTION and not np.array_equal(_labels(first), _labels(other)):
        return f"the labels map to other classes than for {name}"
    return None


def _labels(scored: Scored) -> np.ndarray:
    """The true class of each utterance by name: str (utterances,); empty where it has none."""
    return np.array([*scored.predictions.output_classes, ""])[scored.truth(EMOTION)]


def _asked(
    first: Scored, other: Scored, output: str, records: Mapping[str, ConditionRecord]
) -> Iterator[Question]:
    """Ask for the relative error of each family, and for its mean over families."""
    means: list[tuple[WeightedSum, WeightedSum]] = []
    used: list[np.ndarray] = []
    for family in families(other, records):
        if not (family.label_preserving and set(family.conditions) <= set(first.conditions)):
            continue
        rows = complete(first, output, family) & complete(other, output, family)
        pair = _mean(other, output, family, rows), _mean(first, output, family, rows)
        means.append(pair)
        used.append(rows)
        yield _question(first, other, output, (pair,), rows, family)
    if means:
        yield _question(first, other, output, tuple(means), np.any(used, axis=0), None)


def _mean(scored: Scored, output: str, family: Family, rows: np.ndarray) -> WeightedSum:
    return mean([scored.level(output, name, rows) for name in family.conditions])


def _question(
    first: Scored,
    other: Scored,
    output: str,
    pairs: tuple[tuple[WeightedSum, WeightedSum], ...],
    rows: np.ndarray,
    family: Family | None,
) -> Question:
    """Ask for the error relative to the first checkpoint, of one family or over all."""
    metric = pairs[0][0].parts[0].metric.name
    name, counted = first.predictions.checkpoint, other.counted(rows)
    over = f"{family.words}:" if family else f"mCE, the mean over {len(pairs)} families:"
    what = f"{over} the error 1 − {metric} of {output} on {other.place}, where that of {name} is 1,"
    return Question(
        code="SER307",
        audit=AUDIT,
        metric=f"{'CE' if family else 'mCE'} of {metric}",
        subject=other.subject(output=output, group=family.group if family else None),
        estimand=RelativeError(pairs),
        words=states(what, counted.speakers),
        details={
            "first": name,
            "left_out": int((other.known(output) & ~rows).sum()),
            **({"family": family.name} if family else {"families": len(pairs)}),
        },
        counted=counted,
    )


def _refused(scored: Scored, output: str | None, reason: str) -> Finding:
    return Finding(
        code="SER307",
        audit=AUDIT,
        subject=scored.subject(output=output),
        verdict="not_applicable",
        message=f"No error relative to the first checkpoint: {reason}.",
    )
