"""Robustness in few numbers: the mean of the metric over a family's severities, and over families.

PC, mPC and rPC of Michaelis et al. (2019, "Benchmarking robustness in object detection", section 3),
where each family weighs the same, however many severities it has. They are measured and never judged: a
mean over what somebody chose to test has no limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from ser_audit.benchmark.estimand import Estimand, WeightedSum, combined, mean
from ser_audit.benchmark.families import Family, complete, families
from ser_audit.benchmark.finding import Subject
from ser_audit.benchmark.manifest import ConditionRecord
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Detail, Question
from ser_audit.benchmark.resampling import Interval
from ser_audit.benchmark.scored import Scored
from ser_audit.benchmark.wording import changes, number, states

AUDIT = "robustness"
CODES = {
    "SER305": "What is the mean of the metric over the severities of a family, and its change from clean?",
    "SER306": "What is that mean over all families (mPC), and what share of clean is it (rPC)?",
}


@dataclass(frozen=True)
class _Mean:
    """A mean over conditions beside clean, on the same rows."""

    code: str
    metric: str  # "mean UAR", "mPC of UAR"
    subject: Subject
    over: WeightedSum
    clean: WeightedSum
    rows: np.ndarray  # bool (utterances,), those that enter it
    left_out: int  # rows with truth that do not, or not everywhere
    details: Mapping[str, Detail]


def means(scored: Scored, output: str, records: Mapping[str, ConditionRecord]) -> Iterator[Question]:
    """Ask for the mean of each family, and for that over all which preserve the label, with its change."""
    found = {family: _family(scored, output, family) for family in families(scored, records)}
    main = scored.main(output, scored.known(output)).name
    for family, one in found.items():
        yield from _asked(scored, one, main, family.words, f"{family.words}:", "")
    preserving = [one for family, one in found.items() if family.label_preserving]
    if preserving:
        over = _overall(scored, output, preserving)
        count = f"{len(preserving)} famil{'y' if len(preserving) == 1 else 'ies'}"
        share = over.details["rPC"]
        note = f"rPC, its share of clean, is {number(share, 2)}" if isinstance(share, float) else ""
        cause = f"Perturbation on average over {count}"
        yield from _asked(scored, over, main, cause, f"mPC, the mean over {count}:", note)


def _family(scored: Scored, output: str, family: Family) -> _Mean:
    """The mean over the severities of one family."""
    rows = complete(scored, output, family)
    levels = {name: scored.level(output, name, rows) for name in family.conditions}
    clean = scored.level(output, CLEAN, rows)  # on the same rows it is one part of a sum
    worst = min(levels, key=lambda name: np.nan_to_num(levels[name].value, nan=np.inf))
    left_out = int((scored.known(output) & ~rows).sum())
    details: dict[str, Detail] = {
        "family": family.name,
        "label_preserving": family.label_preserving,
        "conditions": len(family.conditions),
        "value_clean": _finite(clean),
        "worst": worst,
        "value_worst": _finite(levels[worst]),
        "left_out": left_out,
    }
    subject = scored.subject(output=output, group=family.group)
    metric = f"mean {clean.parts[0].metric.name}"
    over = mean(list(levels.values()))
    return _Mean("SER305", metric, subject, over, clean, rows, left_out, details)


def _overall(scored: Scored, output: str, found: list[_Mean]) -> _Mean:
    """The mean over families of their means; clean is the mean of clean on each family's rows."""
    over, clean = mean([one.over for one in found]), mean([one.clean for one in found])
    left_out = int((scored.known(output) & ~np.all([one.rows for one in found], axis=0)).sum())
    details: dict[str, Detail] = {
        "families": len(found),
        "conditions": sum(int(one.details["conditions"] or 0) for one in found),
        "value_clean": _finite(clean),
        "rPC": over.value / clean.value if clean.value > 0 and np.isfinite(over.value) else None,
        "left_out": left_out,
    }
    metric = f"mPC of {clean.parts[0].metric.name}"
    rows = np.any([one.rows for one in found], axis=0)
    return _Mean("SER306", metric, scored.subject(output=output), over, clean, rows, left_out, details)


def _asked(scored: Scored, one: _Mean, main: str, cause: str, what: str, note: str) -> Iterator[Question]:
    """Ask for a mean and for its change from clean."""
    counted = scored.counted(one.rows)
    output = one.subject.output
    left = f"{one.left_out} of the utterances with truth could not be predicted in all of them"
    told = f"{what} {main} of {output} on {scored.place}"
    asked: tuple[tuple[str, Estimand, Callable[[Interval, int], str], str], ...] = (
        (one.metric, one.over, states(told, counted.speakers), note),
        (
            f"change of {one.metric}",
            combined((1, one.over), (-1, one.clean)),
            changes(cause, f"{main} of {output}", counted.speakers),
            "",
        ),
    )
    for metric, estimand, words, more in asked:
        yield Question(
            code=one.code,
            audit=AUDIT,
            metric=metric,
            subject=one.subject,
            estimand=estimand,
            words=words,
            details=one.details,
            note="; ".join(filter(None, (more, left if one.left_out else ""))),
            counted=counted,
        )


def _finite(estimand: Estimand) -> float | None:
    """The value of an estimand; None where undefined."""
    return estimand.value if np.isfinite(estimand.value) else None
