"""The prediction step: perturbs ahead in worker processes, predicts batch by batch, resumes where it was."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..checkpoint import Checkpoint
from ..corpus import Corpus
from ..errors import HarnessError
from ..progress import Progress
from ..run import slug
from .ahead import ahead
from .batches import batches
from .journal import Journal, Row
from .perturb import Perturbed, Task, perturb
from .store import AudioStore
from .table import write_table


@dataclass(frozen=True)
class Settings:
    """What rows depend on beside audio and model; ``workers`` is left out, for nothing depends on it."""

    seed: int
    device: str
    threads: int
    batch_size: int
    versions: dict[str, str]


@dataclass
class Unit:
    """One table in the making: a checkpoint on a corpus in a condition."""

    checkpoint: Checkpoint
    corpus: Corpus
    store: AudioStore
    condition: str
    made_of: str  # of the condition: its version, what its sounds are taken from, the noise packs
    mapping: dict[str, str | None]  # label -> class
    table: Path
    journal: Journal = field(init=False)

    def key(self, settings: Settings) -> str:
        """A hash of all that the rows depend on."""
        parts = [
            self.checkpoint.revision,
            repr(self.checkpoint.info),
            self.checkpoint.padding,
            self.corpus.revision,
            [u.id for u in self.corpus.utterances],
            self.condition,
            self.made_of,
            repr(settings),
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


Step = tuple[Task, tuple[Unit, ...]]  # a batch in a condition, and the units that wait for it


def predict_units(
    units: Sequence[Unit], settings: Settings, packs: Path, workers: int, work: Path, progress: Progress
) -> None:
    """Predict what is still missing; a unit's table appears whole, as soon as its last batch is done.

    Args:
        units: the tables that do not exist yet.
        settings: what the rows depend on.
        packs: the noise packs' contents, where :func:`.material.write_packs` left them.
        workers: processes that perturb.
        work: folder of the journals.
        progress: is told how many batches are done.
    """
    plans = {id(u.store): _batches(u.store, settings.batch_size) for u in units}
    for unit in units:
        name = slug(f"{unit.checkpoint.name}~{unit.corpus.name}~{unit.condition}")
        unit.journal = Journal(work / f"{name}.jsonl", unit.key(settings))
        _finish_if_complete(unit, plans[id(unit.store)])
    steps = list(_steps(units, plans, settings, packs))
    with closing(ahead(perturb, [task for task, _ in steps], workers)) as perturbed:
        for done, ((task, waiting), inputs) in enumerate(zip(steps, perturbed, strict=True), 1):
            for unit in waiting:
                unit.journal.append(task.batch, _rows(unit.checkpoint, inputs))
                _finish_if_complete(unit, plans[id(unit.store)])
            progress(f"predict {task.corpus} {task.condition}", done, len(steps))


def _batches(store: AudioStore, batch_size: int) -> list[tuple[int, ...]]:
    return batches([s.length for s in store.slots], batch_size, store.sampling_rate)


def _steps(units: Sequence[Unit], plans: dict, settings: Settings, packs: Path) -> Iterator[Step]:
    """Batches to do, in order: one perturbation serves all checkpoints that wait for it."""
    shared: dict[tuple[int, str], list[Unit]] = {}
    for unit in units:
        shared.setdefault((id(unit.store), unit.condition), []).append(unit)
    for (store_id, condition), members in shared.items():
        store, utterances = members[0].store, members[0].corpus.utterances
        for number, batch in enumerate(plans[store_id]):
            waiting = tuple(u for u in members if number not in u.journal.batches)
            if waiting:
                task = Task(
                    corpus=members[0].corpus.name,
                    batch=number,
                    condition=condition,
                    seed=settings.seed,
                    sampling_rate=store.sampling_rate,
                    path=store.path,
                    packs=packs,
                    utterances=tuple(utterances[i].id for i in batch),
                    speakers=tuple(utterances[i].speaker for i in batch),
                    slots=tuple(store.slots[i] for i in batch),
                )
                yield task, waiting


def _rows(checkpoint: Checkpoint, inputs: Sequence[Perturbed]) -> list[Row]:
    """Rows of a batch; an utterance on which the model fails gets a status, and spoils no other."""
    waves = [p.wave for p in inputs if p.wave is not None]
    try:
        scores = list(_predict(checkpoint, waves)) if waves else []
    except (
        Exception,
        SystemExit,
    ) as error:  # the model is a stranger's: whatever it raises is a row's status
        _stop_if_out_of_memory(error)
        scores = [_alone(checkpoint, w) for w in waves]
    rows: list[Row] = []
    predicted = iter(scores)
    for given in inputs:
        if given.wave is None:
            rows.append((given.status, given.detail, None, None))
            continue
        score = next(predicted)
        if isinstance(score, str):
            rows.append(("model_failed", score, given.input_hash, None))
        elif not np.isfinite(score).all():
            rows.append(
                ("not_finite", "the checkpoint gave scores that are not finite", given.input_hash, None)
            )
        else:
            rows.append(("ok", None, given.input_hash, [float(s) for s in score]))
    return rows


def _predict(checkpoint: Checkpoint, waves: Sequence[np.ndarray]) -> np.ndarray:
    scores = checkpoint.predict(waves)
    expected = (len(waves), len(checkpoint.info.outputs))
    if scores.shape != expected:
        raise ValueError(f"the checkpoint gave scores of the shape {scores.shape}, expected {expected}")
    return scores


def _alone(checkpoint: Checkpoint, wave: np.ndarray) -> np.ndarray | str:
    try:
        return _predict(checkpoint, [wave])[0]
    except (Exception, SystemExit) as error:
        _stop_if_out_of_memory(error)
        first = (str(error).splitlines() or [""])[0]
        return re.sub(r"(/[^\s/'\"]+)+/", "", f"{type(error).__name__}: {first}")[:200]  # no path in a table


def _stop_if_out_of_memory(error: BaseException) -> None:
    if "out of memory" in str(error).lower():
        raise HarnessError(
            "the device is out of memory; what is done is kept: give another -o and a smaller --batch-size"
        ) from error


def _finish_if_complete(unit: Unit, plan: Sequence[tuple[int, ...]]) -> None:
    if len(unit.journal.batches) < len(plan):
        return
    slots = unit.store.slots
    rows: list[Row] = [(s.status, s.detail, None, None) for s in slots]
    for number, batch in enumerate(plan):
        for i, row in zip(batch, unit.journal.batches[number], strict=True):
            rows[i] = row
    seconds = [s.length / unit.store.sampling_rate if s.status == "ok" else None for s in slots]
    write_table(unit.table, unit.checkpoint, unit.corpus, unit.condition, unit.mapping, rows, seconds)
    unit.journal.remove()
