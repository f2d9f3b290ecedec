"""Calibration: do class scores mean what they say, read as probabilities?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from ser_audit.benchmark.estimand import single
from ser_audit.benchmark.finding import Detail, Finding
from ser_audit.benchmark.metrics import ECE, Brier
from ser_audit.benchmark.metrics.calibration import BINS, sampling_floor
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Question
from ser_audit.benchmark.scored import EMOTION, Scored
from ser_audit.benchmark.wording import number

from .levels import level, unasked

CODES = {
    "SER217": "Is the checkpoint right as often as its confidence says (ECE)?",
    "SER218": "How far are its probabilities from the truth (Brier score)?",
}
ROUNDING = 1e-3  # of a sum of float32 probabilities, or of ones that a table holds with few digits


def ask(scored: Scored, output: str, policy: Policy) -> Iterator[Question | Finding]:
    """Ask for the ECE and the Brier score of the classes, where their scores are probabilities."""
    if output != EMOTION:
        return
    chosen = scored.usable(output, CLEAN)
    truth, scores = scored.truth(output), scored.class_scores(CLEAN)
    reason = _no_probabilities(scores[chosen])
    if reason:
        yield unasked(scored, "SER217", "ECE", output, reason)
        yield unasked(scored, "SER218", "Brier", output, reason)
        return
    rows, counted = scored.rows(truth, scores, chosen), scored.counted(chosen)
    details: dict[str, Detail] = {
        "bins": BINS,
        "sampling_floor": sampling_floor(truth[chosen], scores[chosen]),
    }
    what = f"Expected calibration error of {output} on {scored.place}"
    yield level(scored, policy, "SER217", "ECE", output, single(ECE(), rows), counted, what, details=details)
    shares = np.bincount(truth[chosen]) / max(counted.n, 1)
    what = f"Brier score of {output} on {scored.place}"
    guess: dict[str, Detail] = {
        "chance": float(1 - (shares**2).sum())
    }  # of the true class shares, said of every utterance
    yield level(
        scored, policy, "SER218", "Brier", output, single(Brier(), rows), counted, what, details=guess
    )


def _no_probabilities(scores: np.ndarray) -> str:
    """Say why scores, float64 (n, classes), are no probabilities; empty where they are, or there are none."""
    if not len(scores):
        return ""
    sums = scores.sum(axis=1)
    if scores.min() < -ROUNDING:
        lowest = number(float(scores.min()))
        return f"Class scores are no probabilities, so calibration is not asked for: one is {lowest}."
    if np.abs(sums - 1).max() > ROUNDING:
        least, most = number(float(sums.min())), number(float(sums.max()))
        return (
            "Class scores are no probabilities, so calibration is not asked for: those of an utterance sum "
            f"to {least} at least and {most} at most, not to 1."
        )
    return ""
