"""The prediction step from end to end: plan, know what is known, decode, predict what is not, time."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from .. import policy
from ..checkpoint import Checkpoint, elsewhere
from ..corpus import Corpus
from ..files import write_atomically
from ..manifest import Manifest
from ..predictions import CLEAN
from ..progress import Progress, quiet
from ..run import POLICY, Run, table_path
from ..spec import Spec
from .audio import Audio
from .cache import Cache, key, user_cache
from .folder import claimed
from .journal import Row
from .kept import from_bytes, to_bytes
from .known import Known, complete, know, load
from .lookup import looked_up
from .material import made_of, write_packs
from .pitched import write_f0
from .plan import Plan, make_plan
from .predict import Unit, predict_units
from .record import make_manifest, merged
from .recordings import read_from
from .refusal import refuse_changed_audio, refuse_handled
from .settings import Settings, depends_on, passes, settings
from .store import AudioStore
from .table import has_f0, write_table
from .timed import is_timed, time_checkpoints


def predict(spec: Spec, output: str | Path, progress: Progress = quiet) -> Run:
    """Predict what an audit needs, into a new run or as an addition to one.

    What the run or the user's cache holds is not computed again: with nothing left to predict, no audio is
    decoded and no weights are loaded.

    Args:
        spec: the audit.
        output: the run's folder.
        progress: called with what is being done, how much of it is done, and of how much.

    Raises:
        InputError: something in the spec, its files or the folder is wrong; nothing is left half-written.
        HarnessError: the harness broke; what was done is kept.
    """
    plan = make_plan(spec)
    path = Path(output)
    with claimed(path) as work:
        before = Run(path).manifest if (path / "manifest.json").is_file() else None
        chosen, cache = settings(plan, before), user_cache(spec.cache)
        checkpoints = [know(c, chosen, before, cache) for c in plan.checkpoints]
        audio = Audio(plan, chosen, work, cache, progress)
        wanted = [
            (checkpoint, corpus, condition.id)
            for corpus in plan.corpora
            for condition in plan.of(corpus)
            for checkpoint in checkpoints
            if not elsewhere(checkpoint) or condition.id in checkpoint.conditions
        ]
        tables = [table_path(path, k.name, c.name, p) for k, c, p in wanted]
        new = [w for w, table in zip(wanted, tables, strict=True) if not table.is_file()]
        stores = {c.name: _about(c, path, plan, checkpoints, new, audio) for c in plan.corpora}
        if spec.strict:
            refuse_handled(plan.corpora, stores)
        found = [(k, c, p, looked_up(k, c, p)) for k, c, p in new if elsewhere(k)]
        names = tuple(t.name for t in tables)
        manifest = make_manifest(plan, checkpoints, stores, audio.contents, chosen, names)
        if before:
            manifest = merged(before, manifest)
            refuse_changed_audio(path, before, plan.corpora, checkpoints, audio)
        units = [_unit(k, c, p, path, plan, audio, chosen) for k, c, p in new if isinstance(k, Known)]
        kept = [unit for unit in units if unit.cache.has("predictions", unit.key)]
        there = {id(unit) for unit in kept}
        waiting = [unit for unit in units if id(unit) not in there]
        for unit in waiting:  # whatever is wrong with weights or audio is said before a table is written
            load(unit.checkpoint)
            _decode(unit, audio)
        _write_manifest(path, manifest, spec)
        for checkpoint, corpus, condition, rows in found:
            mapping, unheard = plan.mapping[checkpoint.name, corpus.name], [None] * len(rows)
            table = table_path(path, checkpoint.name, corpus.name, condition)
            write_table(table, checkpoint, corpus, condition, mapping, rows, unheard)
        for unit in kept:
            content = unit.cache.get("predictions", unit.key)
            if content is None:  # it was deleted since
                _decode(unit, audio)
                waiting.append(unit)
            else:
                _write(unit, from_bytes(content))

        def finish(unit: Unit, rows: list[Row], halved: int) -> None:
            nonlocal manifest
            if halved:
                manifest = manifest.with_halved(unit.table.name, halved)
                _write_manifest(path, manifest, spec)
            # Rows of halved batches are others than those of whole ones in the last bits; a model may fail
            # for a reason of the moment.
            elif not any(row[0] == "model_failed" for row in rows):
                unit.cache.put("predictions", unit.key, to_bytes(rows))
            _write(unit, rows)

        packs = write_packs(work, plan.packs)
        count = passes(plan, chosen)
        predict_units(waiting, chosen, packs, spec.workers, count, work, progress, finish)
        write_f0(path, manifest, audio)
        if plan.timing:
            time_checkpoints(path, [c for c in checkpoints if isinstance(c, Known)], plan, audio, chosen)
        shutil.rmtree(work, ignore_errors=True)
    return Run(path)


def _write_manifest(path: Path, manifest: Manifest, spec: Spec) -> None:
    """Write the manifest, and a copy of the policy where it is the user's file: a run can be moved."""
    write_atomically(path / "manifest.json", manifest.model_dump_json(indent=1).encode())
    if spec.policy not in policy.names():  # after the manifest, without which a folder is no run
        write_atomically(path / POLICY, Path(spec.policy).read_bytes())


def _about(
    corpus: Corpus,
    path: Path,
    plan: Plan,
    checkpoints: Sequence[Checkpoint],
    new: Sequence[tuple[Checkpoint, Corpus, str]],
    audio: Audio,
) -> AudioStore | None:
    """What is known of a corpus's audio, where something of it is still to be predicted or measured."""
    for checkpoint in checkpoints:
        if elsewhere(checkpoint):
            continue
        clean = table_path(path, checkpoint.name, corpus.name, CLEAN)
        if (
            any(k is checkpoint and c is corpus for k, c, _ in new)
            or (plan.pitch and not has_f0(clean))
            or (plan.timing and not is_timed(path, checkpoint.name, plan))
        ):
            return audio.about(corpus.name, checkpoint.info.sampling_rate)
    return None


def _unit(
    checkpoint: Known, corpus: Corpus, condition: str, path: Path, plan: Plan, audio: Audio, chosen: Settings
) -> Unit:
    heard = read_from(corpus, condition)
    record = next(c for c in plan.of(corpus) if c.id == condition)
    depends = [
        checkpoint.revision,
        repr(checkpoint.info),
        audio.identity(corpus.name),
        audio.identity(heard),
        condition,
        made_of(record, corpus.name, plan.packs),
        depends_on(chosen),
    ]
    complete_audio = audio.contents[corpus.name] and audio.contents[heard]
    return Unit(
        checkpoint,
        corpus,
        audio.about(heard, checkpoint.info.sampling_rate),
        condition,
        plan.mapping[checkpoint.name, corpus.name],
        table_path(path, checkpoint.name, corpus.name, condition),
        key(depends),
        audio.cache if complete_audio and complete(checkpoint.planned) else Cache(None),
    )


def _decode(unit: Unit, audio: Audio) -> None:
    """Give a unit the audio itself."""
    unit.store = audio.decoded(read_from(unit.corpus, unit.condition), unit.store.sampling_rate)


def _write(unit: Unit, rows: Sequence[Row]) -> None:
    """Write a finished table."""
    write_table(unit.table, unit.checkpoint, unit.corpus, unit.condition, unit.mapping, rows, unit.store.each)
