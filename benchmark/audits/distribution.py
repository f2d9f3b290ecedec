"""Distribution: are values and classes predicted as often as they are true, for whichever utterances?

A checkpoint that says "neutral" too often may still have a good recall; one with the right distribution may
still be wrong about every utterance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from ser_audit.benchmark.estimand import single
from ser_audit.benchmark.finding import Detail
from ser_audit.benchmark.metrics import JSD, Mean
from ser_audit.benchmark.metrics.distribution import BINS, sampling_floor
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Question
from ser_audit.benchmark.resampling import Interval
from ser_audit.benchmark.scored import EMOTION, Scored
from ser_audit.benchmark.wording import number, spread

from .levels import level

CODES = {
    "SER212": "How far is the distribution of predictions from that of the truth (Jensen–Shannon distance)?",
    "SER213": "Is a class predicted as often as it is true?",
}


def ask(scored: Scored, output: str, policy: Policy) -> Iterator[Question]:
    """Ask for the distance of one output's distributions, and for the share of each class."""
    chosen = scored.usable(output, CLEAN)
    classes = tuple(range(len(scored.predictions.output_classes)))
    estimand = single(*scored.measured(JSD(classes if output == EMOTION else None), output, chosen))
    floor = sampling_floor(estimand.parts[0].sums.sum(axis=0))
    details: dict[str, Detail] = {
        "bins": len(classes) if output == EMOTION else BINS,
        "sampling_floor": floor,
    }
    counted = scored.counted(chosen)
    what = f"Distance (JSD) between the distributions of predicted and true {output} on {scored.place}"
    yield level(scored, policy, "SER212", "JSD", output, estimand, counted, what, details=details)
    if output != EMOTION:
        return
    truth, predicted = scored.truth(output), scored.predicted(output, CLEAN)
    for label in scored.classes:
        more = (predicted == label).astype(float) - (truth == label)
        estimand = single(Mean((-1.0, 1.0)), scored.rows(truth, more, chosen))
        name = scored.predictions.output_classes[label]
        words = _differs(name, scored.place, counted.speakers)
        shares: dict[str, Detail] = {
            "share_true": _share(truth[chosen] == label),
            "share_predicted": _share(predicted[chosen] == label),
        }
        yield level(
            scored,
            policy,
            "SER213",
            "share difference",
            output,
            estimand,
            counted,
            words,
            f"class: {name}",
            null=0.0,
            details=shares,
        )


def _share(values: np.ndarray) -> float | None:
    """Share of True; None of nothing."""
    return float(values.mean()) if len(values) else None


def _differs(label: str, place: str, speakers: int) -> Callable[[Interval, int], str]:
    """Word the predicted share minus the true one: "sad is predicted for .12 (…) more of the utterances"."""

    def words(interval: Interval, digits: int) -> str:
        value = interval.value or 0.0
        falls = interval.high is not None and interval.high < 0
        shown = f"{number(-value if falls else value, digits)} {spread(interval, speakers, digits, falls)}"
        if falls or (interval.low is not None and interval.low > 0):
            side = "fewer" if falls else "more"
            return f"{label} is predicted for {shown} {side} of all utterances of {place} than it is true for"
        return f"No evidence of a difference between predicted and true share of {label} on {place}: {shown}"

    return words
