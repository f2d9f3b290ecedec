"""Predictions made elsewhere: looked up in the checkpoint's table instead of predicted."""

from __future__ import annotations

import numpy as np

from ..checkpoint import PredictedElsewhere
from ..corpus import Corpus
from .journal import Row


def looked_up(checkpoint: PredictedElsewhere, corpus: Corpus, condition: str) -> list[Row]:
    """The rows of one condition that the checkpoint's table has, in the corpus's order.

    Raises:
        InputError: the table holds nothing of this corpus.
    """
    scores = checkpoint.lookup(corpus.name, condition, [u.id for u in corpus.utterances])
    return [
        ("ok", None, None, [float(s) for s in row])
        if np.isfinite(row).all()
        else ("not_predicted", "the table of predictions has no row for it", None, None)
        for row in scores
    ]
