"""Speakers' means: is each speaker's mean prediction near the mean truth, and are speakers ranked right?

What counts wherever predictions are averaged per person, as over the calls of a customer. The unit is the
speaker: the estimate is a sum over speakers, each of whom counts the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from ser_audit.benchmark.estimand import Counted, Rows, WeightedSum, single
from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.metrics import MAE, Metric, Spearman
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Question
from ser_audit.benchmark.scored import EMOTION, Scored

from .levels import level, unasked

CODES = {
    "SER214": "How far are speakers' mean predictions from their mean truth?",
    "SER215": "Are speakers ranked right by their mean predictions (Spearman)?",
}
EACH = 10  # utterances that a speaker's mean needs (ser-tests)
RANKED = 8  # speakers; simulated at ρ = .7, the limit .7 was passed in 5 % from 8 on, 9 % with 5, 27 % with 4


@dataclass(frozen=True)
class _Means:
    """Mean truth and mean prediction of each speaker: float64 (speakers,)."""

    truth: np.ndarray
    prediction: np.ndarray
    chosen: np.ndarray  # bool (speakers,), those with enough utterances
    counted: Counted

    @classmethod
    def of(cls, scored: Scored, truth: np.ndarray, prediction: np.ndarray, chosen: np.ndarray) -> _Means:
        """Average the ``chosen`` rows, bool (utterances,), of each speaker."""
        speakers, count = scored.speakers[chosen], len(scored.cohort.speakers)
        n = np.bincount(speakers, minlength=count)
        true, predicted = (
            np.bincount(speakers, weights=v[chosen], minlength=count) / np.maximum(n, 1)
            for v in (truth, prediction)
        )
        enough = n >= EACH
        return cls(true, predicted, enough, Counted(int(n[enough].sum()), int(enough.sum())))

    def estimate(self, metric: Metric) -> WeightedSum:
        """Take a metric over speakers. Their rows are not kept: what lies within speakers is averaged out."""
        each = np.arange(len(self.chosen))
        return single(metric, Rows(self.truth, self.prediction, self.chosen, each, len(each)).sums(metric))


def ask(scored: Scored, output: str, policy: Policy) -> Iterator[Question | Finding]:
    """Ask for the error of speakers' means, or of their shares of each class, and for their ranks."""
    chosen = scored.usable(output, CLEAN)
    enough = int((np.bincount(scored.speakers[chosen]) >= EACH).sum())
    who = f"{scored.place}: {enough} have at least {EACH} utterances with truth for {output}"
    if output != EMOTION and enough < RANKED:
        reason = f"Speakers are not ranked on {who}, and {RANKED} are needed."
        yield unasked(scored, "SER215", "speaker ranking", output, reason)
    if not enough:
        yield unasked(scored, "SER214", "speaker mean MAE", output, f"No speaker means of {who}.")
        return
    truth, predicted = scored.truth(output), scored.predicted(output, CLEAN)
    if output == EMOTION:
        for label in scored.classes:
            name = scored.predictions.output_classes[label]
            is_true, is_predicted = (truth == label).astype(float), (predicted == label).astype(float)
            means = _Means.of(scored, is_true, is_predicted, chosen)
            what = f"Mean absolute error of speakers' shares of {name} on {scored.place}"
            yield _error(scored, policy, output, means, what, f"class: {name}")
        return
    means = _Means.of(scored, truth, predicted, chosen)
    what = f"Mean absolute error of speakers' means of {output} on {scored.place}"
    yield _error(scored, policy, output, means, what)
    if enough >= RANKED:
        what = f"Rank correlation of speakers' mean predictions and truths of {output} on {scored.place}"
        ranks = means.estimate(Spearman())
        yield level(
            scored,
            policy,
            "SER215",
            "speaker ranking",
            output,
            ranks,
            means.counted,
            what,
            details={"chance": 0.0, "utterances_each": EACH},
        )


def _error(
    scored: Scored, policy: Policy, output: str, means: _Means, what: str, group: str | None = None
) -> Question:
    """Ask for the mean absolute error over speakers."""
    return level(
        scored,
        policy,
        "SER214",
        "speaker mean MAE",
        output,
        means.estimate(MAE()),
        means.counted,
        what,
        group,
        details={"utterances_each": EACH},
    )
