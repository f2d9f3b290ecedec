"""Predictions made elsewhere: looked up in the checkpoint's table instead of predicted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..corpus import Corpus
from .journal import Row
from .table import write_table


def write_looked_up(
    path: Path, checkpoint, corpus: Corpus, condition: str, mapping: Mapping[str, str | None]
) -> None:
    """Write the table of one condition, where the checkpoint's table has that condition at all."""
    if condition not in checkpoint.conditions:
        return
    scores = checkpoint.lookup(corpus.name, condition, [u.id for u in corpus.utterances])
    rows: list[Row] = [
        ("ok", None, None, [float(s) for s in row])
        if np.isfinite(row).all()
        else ("not_predicted", "the table of predictions has no row for it", None, None)
        for row in scores
    ]
    write_table(path, checkpoint, corpus, condition, mapping, rows, [None] * len(rows))
