"""The prediction step from end to end: plan, load and prove, decode, predict, time."""

from __future__ import annotations

import shutil
from pathlib import Path
from time import perf_counter

from ..checkpoint import Checkpoint
from ..checkpoints import open_checkpoint
from ..corpus import Corpus
from ..errors import InputError
from ..files import write_atomically
from ..progress import Progress, quiet
from ..run import Run, table_path, throughput_path
from ..spec import Spec
from .folder import claimed
from .lookup import write_looked_up
from .machine import resolve_device
from .plan import Plan, make_plan
from .predict import Settings, Unit, predict_units
from .record import make_manifest, merged, versions
from .store import AudioStore, open_store
from .timing import write_timings


def predict(spec: Spec, output: str | Path, progress: Progress = quiet) -> Run:
    """Predict what an audit needs, into a new run or as an addition to one.

    Args:
        spec: the audit.
        output: the run's folder.
        progress: called with what is being done, how much of it is done, and of how much.

    Raises:
        InputError: something in the spec, its files or the folder is wrong; nothing is left half-written.
        HarnessError: the harness broke; what was done is kept.
    """
    plan = make_plan(spec)
    settings = Settings(spec.seed, resolve_device(spec.device), spec.threads, spec.batch_size, versions())
    path = Path(output)
    with claimed(path) as work:
        checkpoints, load_seconds = _load(plan, settings)
        stores = _decode(plan, checkpoints, path, work, progress)
        by_corpus = {
            c.name: next((s for (n, _), s in stores.items() if n == c.name), None) for c in plan.corpora
        }
        if spec.strict:
            _refuse_failures(plan, by_corpus)
        manifest = make_manifest(plan, checkpoints, by_corpus, settings)
        if (path / "manifest.json").is_file():
            manifest = merged(Run(path).manifest, manifest)
        write_atomically(path / "manifest.json", manifest.model_dump_json(indent=1).encode())
        units = []
        for corpus in plan.corpora:
            for condition in plan.conditions:
                for checkpoint in checkpoints:
                    table = table_path(path, checkpoint.name, corpus.name, condition.id)
                    mapping = plan.mapping[checkpoint.name, corpus.name]
                    if table.is_file():
                        continue
                    if checkpoint.padding == "no audio":
                        write_looked_up(table, checkpoint, corpus, condition.id, mapping)
                    else:
                        store = stores[corpus.name, checkpoint.info.sampling_rate]
                        units.append(Unit(checkpoint, corpus, store, condition.id, mapping, table))
        predict_units(units, settings, spec.workers, work, progress)
        if plan.timing:
            _time(path, checkpoints, load_seconds, plan.corpora[0], stores, settings)
        shutil.rmtree(work, ignore_errors=True)
    return Run(path)


def _load(plan: Plan, settings: Settings) -> tuple[list[Checkpoint], dict[str, float]]:
    checkpoints, seconds = [], {}
    for planned in plan.checkpoints:
        start = perf_counter()
        checkpoint = open_checkpoint(
            planned.spec.path,
            name=planned.name,
            info_file=planned.spec.info,
            device=settings.device,
            threads=settings.threads,
        )
        seconds[checkpoint.name] = perf_counter() - start
        checkpoints.append(checkpoint)
    return checkpoints, seconds


def _decode(
    plan: Plan, checkpoints: list[Checkpoint], path: Path, work: Path, progress: Progress
) -> dict[tuple[str, int], AudioStore]:
    """Decode the corpora of which something is still to be predicted or timed."""
    stores = {}
    for corpus in plan.corpora:
        waiting = [
            c
            for c in checkpoints
            if c.padding != "no audio"
            and not (
                all(table_path(path, c.name, corpus.name, p.id).is_file() for p in plan.conditions)
                and (not plan.timing or throughput_path(path, c.name).is_file())
            )
        ]
        for rate in dict.fromkeys(c.info.sampling_rate for c in waiting):
            store = open_store(corpus, rate, work, plan.spec.workers, progress)
            if not any(s.status == "ok" for s in store.slots):
                slot = store.slots[0]
                raise InputError(
                    f"corpus {corpus.name}: none of its {len(store.slots)} utterances can be read;"
                    f" the first, {corpus.utterances[0].id!r}, is {slot.status}: {slot.detail}"
                )
            stores[corpus.name, rate] = store
    return stores


def _refuse_failures(plan: Plan, stores: dict[str, AudioStore | None]) -> None:
    for corpus in plan.corpora:
        targets = {t for u in corpus.utterances for t in u.truth}
        store = stores[corpus.name]
        for i, utterance in enumerate(corpus.utterances):
            wrong = [f"its truth.{t} is absent" for t in sorted(targets - set(utterance.truth))]
            if store and store.slots[i].status != "ok":
                wrong.append(f"it is {store.slots[i].status}: {store.slots[i].detail}")
            elif store:
                wrong += [f"it must be {h}" for h in store.slots[i].handled]
            if wrong:
                raise InputError(
                    f"corpus {corpus.name}: utterance {utterance.id!r} is refused by --strict: {wrong[0]}"
                )


def _time(
    folder: Path,
    checkpoints: list[Checkpoint],
    load_seconds: dict[str, float],
    corpus: Corpus,
    stores: dict[tuple[str, int], AudioStore],
    settings: Settings,
) -> None:
    for checkpoint in checkpoints:
        path = throughput_path(folder, checkpoint.name)
        if checkpoint.padding == "no audio" or path.is_file():
            continue
        store = stores[corpus.name, checkpoint.info.sampling_rate]
        usable = [i for i, s in enumerate(store.slots) if s.status == "ok"]
        waves = [store.wave(i) for i in usable[:: max(1, len(usable) // 64)][:64]]
        write_timings(
            path,
            checkpoint,
            waves,
            load_seconds[checkpoint.name],
            settings.batch_size,
            {"device": settings.device, "threads": settings.threads},
        )
