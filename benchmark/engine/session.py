"""The prediction step from end to end: plan, load and prove, decode, predict, time."""

from __future__ import annotations

import shutil
from pathlib import Path
from time import perf_counter

from .. import policy
from ..checkpoint import Checkpoint, elsewhere
from ..checkpoints import open_checkpoint
from ..corpus import Corpus
from ..errors import InputError
from ..files import write_atomically
from ..manifest import Manifest
from ..predictions import CLEAN, OK
from ..progress import Progress, quiet
from ..run import POLICY, Run, table_path, throughput_path
from ..spec import Spec
from .folder import claimed
from .lookup import looked_up
from .machine import resolve_device
from .material import made_of, write_packs
from .pitched import write_f0
from .plan import Plan, make_plan
from .predict import Settings, Unit, predict_units
from .record import make_manifest, merged, versions
from .recordings import read_from, recorded, variants
from .refusal import refuse_changed_audio, refuse_handled
from .store import AudioStore, open_store
from .table import has_f0, write_table
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
            refuse_handled(plan.corpora, by_corpus)
        wanted = [
            (checkpoint, corpus, condition)
            for corpus in plan.corpora
            for condition in plan.of(corpus)
            for checkpoint in checkpoints
            if not elsewhere(checkpoint) or condition.id in checkpoint.conditions
        ]
        tables = {(k.name, c.name, p.id): table_path(path, k.name, c.name, p.id) for k, c, p in wanted}
        new = [w for w in wanted if not tables[w[0].name, w[1].name, w[2].id].is_file()]
        found = [(k, c, p.id, looked_up(k, c, p.id)) for k, c, p in new if elsewhere(k)]
        manifest = make_manifest(
            plan, checkpoints, by_corpus, settings, tuple(t.name for t in tables.values())
        )
        if (path / "manifest.json").is_file():
            manifest = merged(Run(path).manifest, manifest)
        refuse_changed_audio(path, plan.corpora, checkpoints, stores)
        _write_manifest(path, manifest, spec)
        for checkpoint, corpus, condition, rows in found:
            table, mapping = tables[checkpoint.name, corpus.name, condition], plan.mapping
            write_table(
                table,
                checkpoint,
                corpus,
                condition,
                mapping[checkpoint.name, corpus.name],
                rows,
                [None] * len(rows),
            )
        units = [
            Unit(
                checkpoint,
                corpus,
                stores[read_from(corpus, condition.id), checkpoint.info.sampling_rate],
                condition.id,
                made_of(condition, corpus.name, plan.packs),
                plan.mapping[checkpoint.name, corpus.name],
                tables[checkpoint.name, corpus.name, condition.id],
            )
            for checkpoint, corpus, condition in new
            if not elsewhere(checkpoint)
        ]
        packs = write_packs(work, plan.packs)
        predict_units(units, settings, packs, spec.workers, work, progress)
        write_f0(path, manifest, stores)
        if plan.timing:
            _time(path, checkpoints, load_seconds, plan.corpora[0], stores, settings)
        shutil.rmtree(work, ignore_errors=True)
    return Run(path)


def _write_manifest(path: Path, manifest: Manifest, spec: Spec) -> None:
    """Write the manifest, and a copy of the policy where it is the user's file: a run can be moved."""
    if spec.policy not in policy.names():
        write_atomically(path / POLICY, Path(spec.policy).read_bytes())
    write_atomically(path / "manifest.json", manifest.model_dump_json(indent=1).encode())


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
            trust=planned.spec.trust,
        )
        seconds[checkpoint.name] = perf_counter() - start
        checkpoints.append(checkpoint)
    return checkpoints, seconds


def _decode(
    plan: Plan, checkpoints: list[Checkpoint], path: Path, work: Path, progress: Progress
) -> dict[tuple[str, int], AudioStore]:
    """Decode the corpora of which something is still to be predicted, timed or measured."""
    stores = {}
    for corpus in plan.corpora:
        heard = [c for c in checkpoints if not elsewhere(c)]
        unpitched = {
            c.info.sampling_rate
            for c in heard
            if plan.pitch and not has_f0(table_path(path, c.name, corpus.name, CLEAN))
        }
        waiting = [
            c
            for c in heard
            if c.info.sampling_rate in unpitched
            or not all(table_path(path, c.name, corpus.name, p.id).is_file() for p in plan.of(corpus))
            or (plan.timing and not throughput_path(path, c.name).is_file())
        ]
        for rate in dict.fromkeys(c.info.sampling_rate for c in waiting):
            store = open_store(corpus, rate, work, plan.spec.workers, progress, rate in unpitched)
            if not any(s.status == "ok" for s in store.slots):
                slot = store.slots[0]
                raise InputError(
                    f"corpus {corpus.name}: none of its {len(store.slots)} utterances can be read;"
                    f" the first, {corpus.utterances[0].id!r}, is {slot.status}: {slot.detail}"
                )
            stores[corpus.name, rate] = store
            for variant in variants(corpus) if plan.perturbing else ():
                other = recorded(corpus, variant)
                stores[other.name, rate] = open_store(other, rate, work, plan.spec.workers, progress)
    return stores


def _time(
    folder: Path,
    checkpoints: list[Checkpoint],
    load_seconds: dict[str, float],
    corpus: Corpus,
    stores: dict[tuple[str, int], AudioStore],
    settings: Settings,
) -> None:
    import pyarrow.parquet as pq

    for checkpoint in checkpoints:
        path = throughput_path(folder, checkpoint.name)
        if elsewhere(checkpoint) or path.is_file():
            continue
        table = table_path(folder, checkpoint.name, corpus.name, CLEAN)
        status = pq.read_table(table, columns=["status"])["status"].to_pylist()
        usable = [i for i, s in enumerate(status) if s == OK]
        if not usable:
            continue
        store = stores[corpus.name, checkpoint.info.sampling_rate]
        try:
            write_timings(
                path,
                checkpoint,
                [store.wave(i) for i in usable[:: max(1, len(usable) // 64)][:64]],
                load_seconds[checkpoint.name],
                settings.batch_size,
                {"device": settings.device, "threads": settings.threads},
            )
        except (
            Exception,
            SystemExit,
        ):  # the model is a stranger's; the throughput audit says that it was not timed
            continue
