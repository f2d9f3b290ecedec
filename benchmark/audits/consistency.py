"""Consistency: do dimensions lie where the corpus's emotion labels let one expect them?

Anger is aroused, sadness is not: a check of dimensions on corpora that know emotions only (Derington et al.
2023; low up to .45, high from .55, neutral .3 to .6). Acted emotions need not lie there: where the corpus has
truth for the dimension, that tells more.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from ser_audit.benchmark.estimand import single
from ser_audit.benchmark.metrics import UNIT, Mean
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Question
from ser_audit.benchmark.scored import Scored
from ser_audit.benchmark.wording import number

from .levels import level

CODES = {"SER216": "Does a dimension lie where the emotion label lets one expect it?"}
BOUNDS = {"low": (0.0, 0.45), "neutral": (0.3, 0.6), "high": (0.55, 1.0)}  # ends included
EXPECTED = {
    "arousal": {
        "low": ("boredom", "sadness"),
        "neutral": ("neutral",),
        "high": ("anger", "fear", "surprise"),
    },
    "dominance": {
        "low": ("fear", "sadness"),
        "neutral": ("happiness", "neutral", "surprise"),
        "high": ("anger",),
    },
    "valence": {
        "low": ("anger", "disgust", "fear", "frustration", "sadness"),
        "neutral": ("boredom", "neutral"),
        "high": ("happiness",),
    },
}
CALLED = {  # what corpora call these emotions beside their nouns
    "angry": "anger",
    "bored": "boredom",
    "disgusted": "disgust",
    "fearful": "fear",
    "frustrated": "frustration",
    "happy": "happiness",
    "sad": "sadness",
    "surprised": "surprise",
}


def ask(scored: Scored, policy: Policy) -> Iterator[Question]:
    """Ask for the share of utterances in range, of every dimension and label that the map knows."""
    codes, labels = _labels(scored)
    dimensions = [output.name for output in scored.checkpoint.outputs if output.kind == "dimension"]
    for output in dimensions:
        expected = {name: place for place, names in EXPECTED.get(output, {}).items() for name in names}
        for code, label in enumerate(labels):
            place = expected.get(CALLED.get(label, label))
            chosen = scored.ok(CLEAN) & (codes == code)
            if place is None or not chosen.any():
                continue
            low, high = BOUNDS[place]
            predicted = scored.predicted(output, CLEAN)
            inside = ((predicted >= low) & (predicted <= high)).astype(float)
            counted = scored.counted(chosen)
            span = f"{place} ({number(low)} to {number(high)})"
            yield level(
                scored,
                policy,
                "SER216",
                "consistency",
                output,
                single(Mean(UNIT), scored.rows(inside, inside, chosen)),
                counted,
                f"Share of utterances labelled {label} whose {output} is {span} on {scored.place}",
                f"label: {label}",
                details={"expected": place, "from": low, "to": high},
            )


def _labels(scored: Scored) -> tuple[np.ndarray, tuple[str, ...]]:
    """The corpus's own emotion labels: int64 codes (utterances,), −1 where unknown, and the sorted labels."""
    codes, labels = scored.predictions.text("label.emotion")
    speakers, names = scored.predictions.text("speaker")
    return codes[np.isin(names, scored.cohort.speakers)[speakers]], labels
