"""Simulated runs in memory: raters of the selftest on invented speakers, judged as any run is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from ser_audit.benchmark.manifest import (
    CheckpointRecord,
    ConditionRecord,
    CorpusRecord,
    Manifest,
    OutputRecord,
)
from ser_audit.benchmark.predictions import EMOTION, Predictions
from ser_audit.benchmark.run import Run

DIMENSIONS = ("arousal", "dominance", "valence")
CLASSES = ("angry", "happy", "neutral", "sad")
NOISE = "noise.white@snr_db=35"
FIRST, SECOND = "female", "male"


@dataclass(frozen=True)
class People:
    """Who speaks: the same number of utterances by every speaker, the first half of speakers female."""

    speakers: int
    each: int

    @property
    def female(self) -> np.ndarray:
        """Bool (speakers,)."""
        return np.arange(self.speakers) < self.speakers // 2

    @property
    def owners(self) -> np.ndarray:
        """Speaker of each utterance: int64 (utterances,)."""
        return np.repeat(np.arange(self.speakers), self.each)


class Held(Run):
    """A run whose one table is held in memory.

    Args:
        people: who speaks.
        truth: of each output, (utterances,): scores, or indices of ``CLASSES``.
        heard: predictions by condition and output, clean first.
    """

    def __init__(
        self,
        people: People,
        truth: Mapping[str, np.ndarray],
        heard: Mapping[str, Mapping[str, np.ndarray]],
    ) -> None:
        self.manifest = _manifest(tuple(truth), tuple(heard))
        frames = [_frame(people, truth, predicted, name) for name, predicted in heard.items()]
        self._held = Predictions(pd.concat(frames, ignore_index=True))

    def pairs(self) -> list[tuple[str, str]]:
        """The one checkpoint and corpus."""
        return [("rater", "invented")]

    def predictions(self, checkpoint: str, corpus: str) -> Predictions:
        """The one table."""
        return self._held


def _frame(people: People, truth: Mapping, predicted: Mapping, condition: str) -> pd.DataFrame:
    columns = {"condition": np.full(people.speakers * people.each, condition)}
    for output, true in truth.items():
        if output == EMOTION:
            columns["label.emotion"] = columns["truth.emotion"] = np.array(CLASSES)[true]
            chosen = np.eye(len(CLASSES))[predicted[EMOTION]]
            columns |= {f"score.emotion.{c}": chosen[:, i] for i, c in enumerate(CLASSES)}
        else:
            columns[f"truth.{output}"] = true
            columns[f"score.{output}"] = predicted[output]
    return pd.concat([_facts(people), pd.DataFrame(columns)], axis=1)


@lru_cache(maxsize=4)
def _facts(people: People) -> pd.DataFrame:
    """What a table says of its utterances."""
    owners = people.owners
    return pd.DataFrame(
        {
            "checkpoint": "rater",
            "corpus": "invented",
            "utterance": [f"{i:06d}.wav" for i in range(len(owners))],
            "status": "ok",
            "detail": None,
            "input_hash": "",
            "speaker": np.array([f"s{i:03d}" for i in range(people.speakers)])[owners],
            "seconds": 1.0,
            "group.sex": np.where(people.female, FIRST, SECOND)[owners],
        }
    )


@lru_cache(maxsize=8)
def _manifest(outputs: tuple[str, ...], conditions: tuple[str, ...]) -> Manifest:
    names = [(o, "dimension") for o in outputs if o != EMOTION]
    names += [(c, "class") for c in CLASSES if EMOTION in outputs]
    checkpoint = CheckpointRecord(
        name="rater",
        format="table",
        source="rater.csv",
        revision="",
        licence=None,
        sampling_rate=None,
        shortest_input=0,
        activation="none",
        value_range=(0, 1),
        outputs=tuple(OutputRecord(name=name, kind=kind) for name, kind in names),
        trained_on=(),
        parameters=None,
        padding="no audio",
    )
    corpus = CorpusRecord(
        name="invented",
        format="table",
        source="invented.csv",
        revision="",
        languages=("en",),
        utterances=0,
        speakers=0,
        seconds=0,
        dimensions=DIMENSIONS,
        labels={},
        groups={},
        scales={},
        handled={},
    )
    return Manifest(
        version="0",
        seed=0,
        device="cpu",
        threads=1,
        batch_size=1,
        limit=None,
        policy="default",
        audits=(),
        conditions=tuple(
            ConditionRecord(id=c, family=c.partition("@")[0], version=1, label_preserving=True)
            for c in conditions
        ),
        checkpoints=(checkpoint,),
        corpora=(corpus,),
        coverage=(),
        tables=(),
        versions={},
        machine={},
    )
