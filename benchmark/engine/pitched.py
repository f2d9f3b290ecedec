"""The column ``f0`` of a run's tables: the mean F0 of each utterance, the same in every condition."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..manifest import Manifest
from ..predictions import CLEAN
from ..run import table_path
from .audio import Audio
from .table import add_f0, has_f0, read_f0


def write_f0(run: Path, manifest: Manifest, audio: Audio) -> None:
    """Put what was measured into every table that lacks it, those of earlier commands included.

    Predictions made elsewhere come without audio: theirs is what was measured for another checkpoint, at
    the highest sampling rate; where there is none, they have no such column.

    Args:
        run: the run's folder, all of whose predictions are written.
        manifest: the run's.
        audio: of the plan.
    """
    # Clean last: as long as it lacks the column others may, and a killed run goes on with them.
    conditions = sorted((c.id for c in manifest.conditions), key=lambda c: c == CLEAN)
    for corpus in manifest.corpora:
        measured: list[Path] = []  # clean tables that have the column
        for checkpoint in sorted(manifest.checkpoints, key=lambda c: -(c.sampling_rate or 0)):
            rate = checkpoint.sampling_rate  # None: predicted elsewhere
            *_, clean = tables = [table_path(run, checkpoint.name, corpus.name, c) for c in conditions]
            lacking = [t for t in tables if t.is_file() and not has_f0(t)]
            if lacking:
                known = next((t for t in (clean, *([] if rate else measured)) if has_f0(t)), None)
                f0 = read_f0(known) if known else _measured(audio, corpus.name, rate)
                if f0:
                    for table in lacking:
                        add_f0(table, f0)
            if has_f0(clean):
                measured.append(clean)


def _measured(audio: Audio, corpus: str, rate: int | None) -> Sequence[float | None] | None:
    """What was measured of a corpus at a sampling rate; None where nothing was asked for, or heard."""
    if rate is None or not audio.plan.pitch or corpus not in audio.sources:
        return None
    return audio.about(corpus, rate).f0
