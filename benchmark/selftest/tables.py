"""A run that lies in memory: tables of scores that no engine predicted, with a manifest of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from .. import plugins
from ..finding import Finding
from ..manifest import CheckpointRecord, ConditionRecord, CorpusRecord, Manifest, OutputRecord
from ..policy import Policy
from ..predictions import CLEAN, Predictions
from ..run import Run

if TYPE_CHECKING:
    import pandas as pd


def judged(run: Run, audits: Sequence[str], policy: Policy) -> list[Finding]:
    """Findings of ``audits``, in their order; nothing is written."""
    return [finding for name in audits for finding in plugins.load("audits", name).judge(run, policy)]


class Tables(Run):
    """Predictions of one checkpoint, a frame for each corpus."""

    def __init__(self, checkpoint: str, frames: Mapping[str, pd.DataFrame]) -> None:
        """Take frames as :class:`~ser_audit.benchmark.predictions.Predictions` does."""
        self.path = Path("in memory")
        tables = {corpus: Predictions(frame) for corpus, frame in frames.items()}
        self._held = {(checkpoint, corpus): table for corpus, table in tables.items()}
        self.__dict__["manifest"] = _manifest(checkpoint, frames)  # in place of reading it

    def pairs(self) -> list[tuple[str, str]]:
        """The checkpoint with each corpus."""
        return list(self._held)

    def predictions(self, checkpoint: str, corpus: str) -> Predictions:
        """The table of one corpus."""
        return self._held[checkpoint, corpus]

    def throughput(self, checkpoint: str) -> None:
        """Never timed."""


def _manifest(checkpoint: str, frames: Mapping[str, pd.DataFrame]) -> Manifest:
    first = next(iter(frames.values()))
    outputs = [c.removeprefix("score.") for c in first.columns if c.startswith("score.")]
    conditions = [CLEAN, *(c for c in dict.fromkeys(first["condition"]) if c != CLEAN)]
    return Manifest(
        version=version("ser-audit"),
        seed=0,
        device="none",
        threads=1,
        batch_size=1,
        limit=None,
        policy="default",
        audits=(),
        conditions=tuple(
            ConditionRecord(id=c, family=c.partition("@")[0], version=1, label_preserving=True)
            for c in conditions
        ),
        checkpoints=(
            CheckpointRecord(
                name=checkpoint,
                format="table",
                source="in memory",
                revision="",
                licence=None,
                sampling_rate=None,
                shortest_input=0,
                activation="none",
                value_range=(0, 1),
                outputs=tuple(OutputRecord(name=name, kind="dimension") for name in outputs),
                trained_on=(),
                parameters=None,
                padding="no audio",
            ),
        ),
        corpora=tuple(
            CorpusRecord(
                name=name,
                format="table",
                source="in memory",
                revision="",
                languages=tuple(sorted(frame["group.language"].unique())),
                utterances=int((frame["condition"] == CLEAN).sum()),
                speakers=frame["speaker"].nunique(),
                seconds=0,
                dimensions=tuple(outputs),
                labels={},
                groups={},
                scales={},
                handled={},
            )
            for name, frame in frames.items()
        ),
        coverage=(),
        tables=(),
        versions={},
        machine={},
    )
