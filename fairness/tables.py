"""The metric of each group: disaggregated by fairlearn's ``MetricFrame``, with intervals from our draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from ser_audit.benchmark.estimand import WeightedSum
from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.metrics import CCC
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.question import Question, answer
from ser_audit.benchmark.resampling import Draws
from ser_audit.benchmark.wording import states

from .groups import Groups

if TYPE_CHECKING:
    from fairlearn.metrics import MetricFrame


def table(groups: Groups, frame: MetricFrame, policy: Policy, draws: Draws) -> list[Finding]:
    """Measure the main metric of every group; of UAR, over the classes that the group shows.

    Args:
        groups: of one column on one output.
        frame: of :func:`disaggregated`; gives the values.
        policy: holds the confidence.
        draws: of the cohort's speakers, for that column.
    """
    values = frame.by_group[groups.tally.main.name]
    found = answer(list(_questions(groups)), policy, draws)
    return [
        finding.model_copy(update={"estimate": finding.estimate.model_copy(update={"value": float(value)})})
        if finding.estimate is not None and np.isfinite(value)
        else finding
        for finding, value in zip(found, values.loc[list(groups.values)], strict=True)
    ]


def _questions(groups: Groups) -> Iterator[Question]:
    """Ask for the metric of every group."""
    scored, column = groups.scored, groups.column
    for value, tally in groups.tallies.items():
        labels = groups.shared(value)
        counted = tally.over(labels)
        what = f"{tally.main.name} of {groups.output} for {column.name} {value} among {scored.place}"
        yield Question(
            code="SER402",
            audit="fairness",
            metric=tally.main.name,
            subject=groups.subject(value),
            estimand=WeightedSum((tally.level(labels),)),
            words=states(what, counted.speakers),
            details={
                "column": column.name,
                "value": value,
                **({"classes": len(labels)} if labels else {}),
            },
            counted=counted,
        )


def disaggregated(groups: Groups) -> MetricFrame:
    """The main metric of every group by audmetric, and of UAR that over the classes that all groups show.

    A row of the frame is a speaker's share of a group: fairlearn divides these among the groups, and
    audmetric takes its metric over their utterances.

    Returns:
        A frame with the metric "CCC"; or with "UAR", and "shared UAR".
    """
    from fairlearn.metrics import MetricFrame

    tally, column = groups.everybody, groups.column
    scored, size = groups.scored, len(column.values)
    rows = np.flatnonzero(tally.chosen)
    unit = scored.speakers[rows] * size + column.codes[rows]
    counts = np.bincount(unit)
    units = np.flatnonzero(counts)
    owner = (np.cumsum(counts > 0) - 1)[unit]
    truth, predicted = scored.truth(groups.output)[rows], tally.rows(tally.label).prediction[rows]

    def over(metric, chosen: Sequence[int], _: Sequence[int]) -> float:
        taken = np.isin(np.arange(len(units)), chosen)[owner]
        return metric(truth[taken], predicted[taken])

    if isinstance(tally.main, CCC):
        metrics = {CCC.name: partial(over, _ccc)}
    else:
        classes = tuple(range(len(tally.classes)))
        shared = groups.shared(*groups.values)
        metrics = {
            "UAR": partial(over, partial(_uar, classes, scored.classes)),
            "shared UAR": partial(over, partial(_uar, classes, shared)),
        }
    names = np.array(column.values)[units % size]
    index = np.arange(len(units))
    return MetricFrame(metrics=metrics, y_true=index, y_pred=index, sensitive_features={column.name: names})


def _ccc(truth: np.ndarray, predicted: np.ndarray) -> float:
    """CCC by audmetric; NaN where ours is undefined."""
    import audmetric

    return audmetric.concordance_cc(truth, predicted) if len(truth) > 1 else float("nan")


def _uar(
    outputs: tuple[int, ...], labels: tuple[int, ...], truth: np.ndarray, predicted: np.ndarray
) -> float:
    """Mean recall by audmetric, over those of some classes that occur."""
    import audmetric

    recalls = audmetric.recall_per_class(truth, predicted, labels=list(outputs), zero_division=np.nan)
    present = [recalls[label] for label in labels if np.isfinite(recalls[label])]
    return float(np.mean(present)) if present else float("nan")
