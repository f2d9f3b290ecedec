"""Timing the checkpoints of a run, or taking what an earlier run measured on the same machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..files import write_atomically
from ..predictions import CLEAN, OK
from ..run import table_path, throughput_path
from .audio import Audio
from .cache import Cache, key
from .known import Known, complete
from .plan import Plan
from .settings import Settings, depends_on

UTTERANCES = 64  # of the first corpus, spread over its order


def time_checkpoints(
    run: Path, checkpoints: Sequence[Known], plan: Plan, audio: Audio, settings: Settings
) -> None:
    """Write the timings of every checkpoint that lacks them, on clean utterances of the first corpus.

    Args:
        run: its folder, all of whose clean tables are written.
        checkpoints: those that predict.
        plan: of the audit.
        audio: of the plan.
        settings: of the run.
    """
    known = {c.name: c for c in checkpoints}
    for checkpoint in checkpoints:
        path = throughput_path(run, checkpoint.name)
        if is_timed(run, checkpoint.name, plan):
            continue
        baseline = known[plan.spec.baseline] if plan.spec.baseline not in (None, checkpoint.name) else None
        asked = _asked(plan, baseline.name if baseline else None)
        corpus = plan.corpora[0].name
        whole = all(complete(c.planned) for c in (checkpoint, baseline) if c)
        cache = audio.cache_of(corpus) if whole else Cache(None)
        about = [(c.name, c.revision, repr(c.info)) for c in (checkpoint, baseline) if c]
        measured = key(about, asked, audio.identity(corpus), depends_on(settings))
        content = cache.get("throughput", measured) or _measured(
            run, checkpoint, baseline, plan, audio, settings
        )
        if content:
            cache.put("throughput", measured, content)
            write_atomically(path, content)


def is_timed(run: Path, checkpoint: str, plan: Plan) -> bool:
    """Whether a run holds the timings of a checkpoint that the plan asks for."""
    path = throughput_path(run, checkpoint)
    baseline = plan.spec.baseline if plan.spec.baseline != checkpoint else None
    return path.is_file() and json.loads(path.read_bytes()).get("asked") == _asked(plan, baseline)


def _asked(plan: Plan, baseline: str | None) -> dict:
    """What a timing is asked to hold, as it stands in the file."""
    spec = plan.spec
    return {"variants": list(spec.variants), "server_rate": spec.server_rate, "baseline": baseline}


def _measured(
    run: Path, checkpoint: Known, baseline: Known | None, plan: Plan, audio: Audio, settings: Settings
) -> bytes | None:
    """The content of the file; None where the checkpoint fails on what it is timed on."""
    import pyarrow.parquet as pq

    from ..throughput import measure

    corpus = plan.corpora[0]
    table = table_path(run, checkpoint.name, corpus.name, CLEAN)
    status = pq.read_table(table, columns=["status"])["status"].to_pylist()
    usable = [i for i, s in enumerate(status) if s == OK]
    chosen = usable[:: max(1, len(usable) // UTTERANCES)][:UTTERANCES]
    if not chosen:
        return None
    store = audio.decoded(corpus.name, checkpoint.info.sampling_rate)
    other = audio.decoded(corpus.name, baseline.info.sampling_rate) if baseline else store
    try:
        content = measure(
            checkpoint.loaded,
            [store.wave(i) for i in chosen],
            load_seconds=checkpoint.load_seconds,
            batch_size=settings.batch_size,
            batch_seconds=settings.batch_seconds,
            settings={"device": settings.device, "threads": settings.threads},
            utterances=[corpus.utterances[i] for i in chosen],
            variants=plan.spec.variants,
            server_rate=plan.spec.server_rate,
            baseline=baseline.loaded if baseline else None,
            baseline_waves=[other.wave(i) for i in chosen],
        )
    except (Exception, SystemExit):  # the model is a stranger's; the audit says that it was not timed
        return None
    return json.dumps(content, indent=1, allow_nan=False).encode()
