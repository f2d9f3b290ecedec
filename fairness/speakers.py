"""Individual speakers: each one's own metric beside what sampling alone would spread it by.

SER403 and SER404 describe; they name nobody as broken. With few utterances a speaker's CCC of .6 varies by
.2 (10 utterances) to .05 (200) without any cause in the speaker. Whether a speaker is broken is SER406's
question (see :mod:`.broken`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from ser_audit.benchmark.finding import Estimate, Finding
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.scored import Scored
from ser_audit.benchmark.wording import number

from .broken import broken
from .sampling import Own, own
from .spread import Spread, natural_spread

TENTH = 0.1  # of the speakers


def individual(scored: Scored, policy: Policy, reasons: Mapping[str, str | None]) -> list[Finding]:
    """Measure every speaker on every output, the spread between them, and say who is broken.

    Args:
        scored: a judged cohort.
        policy: holds the confidence, the deficit that is allowed below the median speaker, and the error.
        reasons: of each scored output, why no verdict may be given for lack of skill; None with skill.
    """
    found: list[Finding] = []
    measured = {}
    for output in scored.outputs:
        rows = scored.ok(CLEAN) & scored.known(output)
        metric = scored.main(output, rows)
        taken = scored.measured(metric, output, rows)[1]
        measured[output] = metric, taken
        each = own(metric, taken)
        spread = natural_spread(each, policy.confidence)
        found += _speakers(scored, output, metric.name, each, spread)
        found += _spread(scored, output, metric.name, each, spread, policy.confidence)
    found += broken(scored, measured, policy, reasons)
    return found


def _speakers(
    scored: Scored, output: str, metric: str, each: Own, spread: Spread | None
) -> Iterator[Finding]:
    """Put each speaker's value in a finding."""
    for index, name in enumerate(scored.cohort.speakers):
        n, value = int(each.n[index]), _finite(each.values[index])
        variance = _finite(each.variances[index])
        sampling = None if variance is None else float(np.sqrt(variance))
        shrunken = None if spread is None else _finite(spread.shrunken[index])
        what = f"{metric} of {output} for speaker {name} of {scored.predictions.corpus}"
        if value is None:
            message = f"{what} is undefined: constant, or too few rows ({n} rows)."
        else:
            alone = "" if sampling is None else f", which alone spread it by {number(sampling, 2)}"
            drawn = (
                ""
                if shrunken is None
                else f"; drawn to the mean of all speakers for that, {number(shrunken, 2)}"
            )
            message = f"{what} is {number(value, 2)} ({n} rows{alone}){drawn}."
        yield Finding(
            code="SER403",
            audit="fairness",
            metric=metric,
            subject=scored.subject(condition=CLEAN, output=output, group=f"speaker: {name}"),
            estimate=Estimate(value=value, n=n, speakers=1),
            verdict="not_applicable",
            message=message,
            details={"sampling_sd": sampling, "shrunken": shrunken},
        )


def _spread(
    scored: Scored, output: str, metric: str, each: Own, spread: Spread | None, confidence: float
) -> Iterator[Finding]:
    """Describe how speakers differ, beside how far sampling alone would make them differ."""
    values = each.values[np.isfinite(each.values)]
    if len(values) < 2:
        return
    lowest, median, highest = (float(v) for v in np.quantile(values, [0, 0.5, 1]))
    sd = float(np.std(values, ddof=1))
    variances = each.variances[np.isfinite(each.variances)]
    alone = float(np.sqrt(variances.mean())) if len(variances) else None
    told = (
        f"{metric} of {output} ranges from {number(lowest, 2)} to {number(highest, 2)} between {len(values)} "
        f"speakers ({scored.place}; median {number(median, 2)})"
    )
    decile = float(np.nanquantile(spread.shrunken, TENTH)) if spread else None
    told += _beyond(spread, sd, alone, decile)
    bounded = spread is not None and spread.low is not None
    yield Finding(
        code="SER404",
        audit="fairness",
        metric=f"spread of {metric}",
        subject=scored.subject(condition=CLEAN, output=output),
        estimate=Estimate(
            value=spread.tau if spread else None,
            low=spread.low if spread else None,
            high=spread.high if spread else None,
            confidence=confidence if bounded else None,
            method="Q-profile" if bounded else None,
            n=int(each.n.sum()),
            speakers=len(values),
        ),
        verdict="not_applicable",
        message=f"{told}.",
        details={
            "lowest": lowest,
            "median": median,
            "highest": highest,
            "sd": sd,
            "sampling_sd": alone,
            "worst_decile": decile,
        },
    )


def _beyond(spread: Spread | None, sd: float, alone: float | None, decile: float | None) -> str:
    """Say how far speakers differ beyond sampling, as a clause."""
    if spread is None or alone is None or decile is None:
        return f"; their standard deviation is {number(sd, 2)}, sampling included"
    if spread.low is None or spread.high is None:
        return f"; they differ less than the sampling of their rows alone, {number(alone, 2)}, makes them"
    digits = 3 if spread.high < 0.1 else 2
    tau, low, high, sampled = (number(v, digits) for v in (spread.tau, spread.low, spread.high, alone))
    told = (
        f"; beyond sampling, which alone gives {sampled}, their standard deviation is {tau} ({low} to {high})"
    )
    return f"{told}, and a tenth of them lie below {number(decile, 2)}" if spread.tau else told


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
