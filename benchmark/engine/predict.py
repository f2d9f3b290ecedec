"""The prediction step: perturbs ahead in worker processes, predicts batch by batch, resumes where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import tee
from pathlib import Path

from ..checkpoint import Checkpoint
from ..corpus import Corpus
from ..progress import Progress
from ..run import slug
from .ahead import ahead
from .batches import batches
from .cache import Cache
from .forward import rows_of
from .journal import Journal, Row
from .lanes import side_by_side
from .perturb import Perturbed, Task, perturb
from .settings import Settings
from .store import AudioStore


@dataclass
class Unit:
    """One table in the making: a checkpoint on a corpus in a condition."""

    checkpoint: Checkpoint
    corpus: Corpus
    store: AudioStore
    condition: str
    mapping: dict[str, str | None]  # label -> class
    table: Path
    key: str  # of all that the rows depend on
    cache: Cache  # where the rows are kept for later runs
    journal: Journal = field(init=False)


Plans = dict[int, list[tuple[int, ...]]]  # id of a store -> its batches
Step = tuple[Task, tuple[Unit, ...]]  # a batch in a condition, and the units that wait for it
Given = tuple[Task, Unit, list[Perturbed]]
Finish = Callable[[Unit, list[Row], int], None]


def predict_units(
    units: Sequence[Unit],
    settings: Settings,
    packs: Path,
    workers: int,
    count: int,
    work: Path,
    progress: Progress,
    finish: Finish,
) -> None:
    """Predict what is still missing; a unit's rows are complete as soon as its last batch is done.

    Args:
        units: what is to be predicted; their stores are decoded.
        settings: what the rows depend on.
        packs: the noise packs' contents, where :func:`.material.write_packs` left them.
        workers: processes that perturb.
        count: forward passes side by side.
        work: folder of the journals.
        progress: is told how many batches are done.
        finish: is given each complete unit, its rows in the corpus's order, and how many batches were halved.
    """
    plans = {
        id(u.store): batches(
            [s.length for s in u.store.slots],
            settings.batch_size,
            u.store.sampling_rate,
            settings.batch_seconds,
        )
        for u in units
    }

    def finished(unit: Unit) -> bool:
        plan = plans[id(unit.store)]
        if len(unit.journal.batches) < len(plan):
            return False
        finish(unit, _in_order(unit, plan), unit.journal.halved)
        unit.journal.remove()
        return True

    for unit in units:
        name = slug(f"{unit.checkpoint.name}~{unit.corpus.name}~{unit.condition}")
        unit.journal = Journal(work / f"{name}.jsonl", unit.key)
    begun = [unit for unit in units if not finished(unit)]
    total = sum(len(plans[id(unit.store)]) - len(unit.journal.batches) for unit in begun)
    tasks, steps = tee(_steps(begun, plans, settings.seed, packs))  # the first runs ahead by the window
    with (
        closing(ahead(perturb, (task for task, _ in tasks), workers)) as perturbed,
        closing(side_by_side(_predicted, _given(steps, perturbed), count, settings.device)) as predicted,
    ):
        for done, (task, unit, rows, halved) in enumerate(predicted, 1):
            unit.journal.append(task.batch, rows, halved)
            finished(unit)
            progress(f"predict {task.corpus} {task.condition}", done, total)


def _given(steps: Iterable[Step], perturbed: Iterable[list[Perturbed]]) -> Iterator[Given]:
    for inputs, (task, waiting) in zip(perturbed, steps, strict=True):
        for unit in waiting:
            yield task, unit, inputs


def _predicted(given: Given) -> tuple[Task, Unit, list[Row], bool]:
    task, unit, inputs = given
    return task, unit, *rows_of(unit.checkpoint, inputs)


def _steps(units: Sequence[Unit], plans: Plans, seed: int, packs: Path) -> Iterator[Step]:
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
                    seed=seed,
                    sampling_rate=store.sampling_rate,
                    path=store.path,
                    packs=packs,
                    utterances=tuple(utterances[i].id for i in batch),
                    speakers=tuple(utterances[i].speaker for i in batch),
                    slots=tuple(store.slots[i] for i in batch),
                )
                yield task, waiting


def _in_order(unit: Unit, plan: Sequence[tuple[int, ...]]) -> list[Row]:
    rows: list[Row] = [(s.status, s.detail, None, None) for s in unit.store.slots]
    for number, batch in enumerate(plan):
        for i, row in zip(batch, unit.journal.batches[number], strict=True):
            rows[i] = row
    return rows
