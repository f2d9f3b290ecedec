"""Individual speakers: each one's own metric beside what sampling alone would spread it by.

These findings describe; they name nobody as broken. With few utterances a speaker's CCC of .6 varies by
.2 (10 utterances) to .05 (200) without any cause in the speaker.
"""

from __future__ import annotations

import numpy as np
from ser_audit.benchmark.estimand import linearise
from ser_audit.benchmark.finding import Estimate, Finding
from ser_audit.benchmark.metrics import Metric
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.scored import Scored
from ser_audit.benchmark.wording import number


def sampling_sd(metric: Metric, statistics: np.ndarray) -> float:
    """Linearised standard deviation of a metric over draws of one speaker's rows.

    Args:
        metric: the metric.
        statistics: float64 (n, k), of the speaker's rows.

    Returns:
        NaN where the metric is undefined, or for fewer than two rows.
    """
    n = len(statistics)
    if n < 2:
        return float("nan")
    influences = statistics @ linearise(metric, statistics.sum(axis=0))[1]
    return float(np.sqrt(n / (n - 1) * np.sum((influences - influences.mean()) ** 2)))


def speakers(scored: Scored, output: str) -> list[Finding]:
    """Measure one output per speaker, and the spread between speakers."""
    rows = scored.ok(CLEAN) & scored.known(output)
    metric = scored.main(output, rows)
    statistics = metric.rows(scored.truth(output)[rows], scored.predicted(output, CLEAN)[rows])
    owners = scored.speakers[rows]
    found, values, samplings = [], [], []
    for index, name in enumerate(scored.cohort.speakers):
        own = statistics[owners == index]
        value = _finite(float(metric.finish(own.sum(axis=0)))) if len(own) else None
        sampling = _finite(sampling_sd(metric, own)) if value is not None else None
        if value is not None:
            values.append(value)
            samplings.append(sampling or 0.0)
        found.append(_speaker(scored, output, metric.name, name, len(own), value, sampling))
    if len(values) > 1:
        found.append(_spread(scored, output, metric.name, int(rows.sum()), values, samplings))
    return found


def _speaker(
    scored: Scored, output: str, metric: str, name: str, n: int, value: float | None, sampling: float | None
) -> Finding:
    """Put one speaker's value in a finding."""
    what = f"{metric} of {output} for speaker {name} of {scored.predictions.corpus}"
    if value is None:
        message = f"{what} is undefined: constant, or too few rows ({n} rows)."
    elif sampling is None:
        message = f"{what} is {number(value, 2)} ({n} rows)."
    else:
        message = f"{what} is {number(value, 2)} ({n} rows, which alone spread it by {number(sampling, 2)})."
    return Finding(
        code="SER403",
        audit="fairness",
        metric=metric,
        subject=scored.subject(condition=CLEAN, output=output, group=f"speaker: {name}"),
        estimate=Estimate(value=value, n=n, speakers=1),
        verdict="not_applicable",
        message=message,
        details={"sampling_sd": sampling},
    )


def _spread(
    scored: Scored, output: str, metric: str, n: int, values: list[float], samplings: list[float]
) -> Finding:
    """Describe how speakers differ, beside how far sampling alone would make them differ."""
    lowest, median, highest = (float(v) for v in np.quantile(values, [0, 0.5, 1]))
    alone = float(np.sqrt(np.mean(np.square(samplings))))
    sd = float(np.std(values, ddof=1))
    message = (
        f"{metric} of {output} ranges from {number(lowest, 2)} to {number(highest, 2)} between "
        f"{len(values)} speakers ({scored.place}; median {number(median, 2)}); its standard deviation is "
        f"{number(sd, 2)}, of which sampling alone gives about {number(alone, 2)}."
    )
    return Finding(
        code="SER404",
        audit="fairness",
        metric=f"spread of {metric}",
        subject=scored.subject(condition=CLEAN, output=output),
        estimate=Estimate(value=sd, n=n, speakers=len(values)),
        verdict="not_applicable",
        message=message,
        details={"lowest": lowest, "median": median, "highest": highest, "sampling_sd": alone},
    )


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
