"""Cohorts: the speakers that a checkpoint was trained on are scored apart from those it never heard."""

from __future__ import annotations

from dataclasses import dataclass

from .manifest import CheckpointRecord
from .predictions import Predictions

ALL = "all speakers"
UNSEEN = "unseen speakers"
TRAINING = "training speakers"


@dataclass(frozen=True)
class Cohort:
    """Some speakers of a corpus, and what is known of them."""

    name: str  # ALL, UNSEEN or TRAINING
    speakers: tuple[str, ...]  # sorted
    known: bool  # whether the checkpoint's training data are known
    note: str  # what a reader must know of its numbers; empty where nothing

    @property
    def judged(self) -> bool:
        """Whether verdicts may rest on it."""
        return self.name != TRAINING


def cohorts(predictions: Predictions, checkpoint: CheckpointRecord) -> tuple[Cohort, ...]:
    """Split the speakers of a table: those that verdicts rest on first, training speakers last.

    One cohort of all speakers where none is known to be a training speaker; one of training speakers
    where all are. A training set belongs to the corpus of the same name.
    """
    speakers = predictions.speakers
    if checkpoint.trained_on is None:
        note = "the checkpoint's training data are unknown"
        return (Cohort(ALL, speakers, False, note),)
    sets = [t for t in checkpoint.trained_on if t.corpus == predictions.corpus]
    whole = any(t.speakers is None for t in sets)
    named = {s for t in sets for s in t.speakers or ()}
    heard = tuple(s for s in speakers if whole or s in named)
    unheard = tuple(s for s in speakers if s not in heard)
    if not heard:
        note = (
            f"none of the {len(named)} training speakers that the checkpoint names in {predictions.corpus} "
            "is scored: check that both name speakers alike"
        )
        return (Cohort(ALL, speakers, True, note if named else ""),)
    training = Cohort(TRAINING, heard, True, "the checkpoint was trained on these speakers")
    return (Cohort(UNSEEN, unheard, True, ""), training) if unheard else (training,)
