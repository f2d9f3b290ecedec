"""The worst group and the range between groups, beside what chance alone gives: descriptive, never a verdict.

The largest of many small groups' gaps is biased upward: where nothing is wrong, the range of twelve groups is
large. So it stands beside its own null, the range of groups of the same sizes that were dealt out at random.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ser_audit.benchmark.finding import Detail, Estimate, Finding
from ser_audit.benchmark.metrics import CCC, UAR, Metric
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.wording import number

from . import permutation
from .groups import Groups
from .pairs import finite

if TYPE_CHECKING:
    from fairlearn.metrics import MetricFrame


def extremes(groups: Groups, frame: MetricFrame, seed: int) -> list[Finding]:
    """Describe the worst group and the range; none where fewer than two groups have the metric.

    Args:
        groups: of one column on one output.
        frame: of :func:`~.tables.disaggregated`; gives the values, of UAR those over shared classes.
        seed: of the permutations.
    """
    labels, column, scored = groups.shared(*groups.values), groups.column, groups.scored
    main = groups.tally.main
    values = frame.by_group[main.name if isinstance(main, CCC) else "shared UAR"].dropna()
    if len(values) < 2 or not groups.comparable(labels):
        return []
    worst, best = str(values.idxmin()), str(values.idxmax())
    apart = float(values.max() - values.min())
    null = _null(groups, main if isinstance(main, CCC) else UAR(labels), seed)
    by_chance: dict[str, Detail] = {"null_median": None, "null_95": None, "permutation_p": None}
    if null is not None and np.isfinite(null).all():
        middle, most = (float(q) for q in np.quantile(null, [0.5, 0.95]))
        by_chance = {
            "null_median": middle,
            "null_95": most,
            "permutation_p": permutation.p_value(null, apart),
        }
        told = (
            f"groups of these sizes dealt out at random are {number(middle, 2)} apart at the median, and "
            f"more than {number(most, 2)} in 5 of 100 cases"
        )
    else:
        why = "rows to permute within speakers" if null is None else "groups without a value among them"
        told = f"what chance alone gives is not known, as there are too many {why}"
    counted = groups.everybody.over(labels)
    kind = "speaker" if column.fixed else "row"
    return [
        Finding(
            code="SER411",
            audit="fairness",
            metric=f"range of {main.name}",
            subject=scored.subject(condition=CLEAN, output=groups.output, group=column.name),
            estimate=Estimate(value=apart, n=counted.n, speakers=counted.speakers),
            verdict="not_applicable",
            message=(
                f"{main.name} of {groups.output} by {column.name} on {scored.place} is lowest for "
                f"{column.who(worst)} ({number(float(values.min()), 2)}) and highest for {column.who(best)} "
                f"({number(float(values.max()), 2)}), {number(apart, 2)} apart; {told}."
            ),
            details={
                "column": column.name,
                "groups": len(values),
                "worst": worst,
                "best": best,
                "value_worst": finite(values.min()),
                "value_best": finite(values.max()),
                "permuted": f"{kind}s",
                **by_chance,
                **({"classes": len(labels)} if labels else {}),
            },
        )
    ]


def _null(groups: Groups, metric: Metric, seed: int) -> np.ndarray | None:
    """The range under permutation: float64 (permutations,); None where there are too many rows to permute."""
    column, everybody = groups.column, groups.everybody
    codes = {value: code for code, value in enumerate(groups.values)}
    number_of = np.array([codes.get(value, -1) for value in column.values] + [-1])
    part = everybody.level(metric.labels if isinstance(metric, UAR) else ())
    if column.fixed:
        group = number_of[column.group]
        members = (group >= 0) & np.any(part.sums != 0, axis=1)
        dealt = permutation.speakers_dealt(group[members], part.sums[members], len(codes), seed)
    else:
        rows = everybody.chosen
        if rows.sum() > permutation.ROWS or part.rows is None:
            return None
        statistics = metric.rows(part.rows.truth[rows], part.rows.prediction[rows])
        speakers = everybody.scored.speakers[rows]
        dealt = iter(
            permutation.rows_dealt(number_of[column.codes[rows]], speakers, statistics, len(codes), seed)
        )
    values = np.stack([metric.finish(sums) for sums in dealt])
    return np.max(values, axis=0) - np.min(values, axis=0)
