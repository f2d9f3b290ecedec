"""All measurements of one checkpoint, one after the other, in one process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..checkpoint import Checkpoint
from ..corpus import Utterance
from ..engine.batches import batches
from . import scenarios
from .compare import against_baseline, as_variant, reason
from .decoding import decode
from .memory import peak
from .record import content, entry
from .watch import watched

SERVED = 5.0  # seconds of the server scenario


def measure(
    checkpoint: Checkpoint,
    waves: Sequence[np.ndarray],
    *,
    load_seconds: float,
    batch_size: int,
    batch_seconds: float,
    settings: Mapping[str, str | int],
    utterances: Sequence[Utterance] = (),
    variants: Sequence[str] = (),
    server_rate: float | None = None,
    baseline: Checkpoint | None = None,
    baseline_waves: Sequence[np.ndarray] | None = None,
) -> dict:
    """Time a checkpoint in every scenario, and against its baseline and its variants in turn.

    Args:
        checkpoint: loaded.
        waves: clean utterances, float32 (samples,) each, at its sampling rate; some dozens.
        load_seconds: how long loading took.
        batch_size: utterances per batch at most.
        batch_seconds: of audio per batch at most, padded.
        settings: ``device`` and ``threads``, which stand in every entry.
        utterances: whose files decoding is timed on.
        variants: names of arithmetics to try: "bfloat16", "int8", "compiled".
        server_rate: utterances per second that arrive; None: half of what a single stream can do.
        baseline: another checkpoint, loaded too, that it is held against.
        baseline_waves: the same utterances at the baseline's sampling rate; None: ``waves``.

    Returns:
        The content of the JSON file. What fails beside the checkpoint itself stands in ``skipped``.

    Raises:
        Exception: whatever the checkpoint raises on these utterances.
    """
    rate, name = checkpoint.info.sampling_rate, checkpoint.name
    shared = {**settings, "parameters": checkpoint.parameters, "macs_per_second": checkpoint.macs(rate)}
    skipped: dict[str, str] = {}
    chosen = scenarios.warmed(checkpoint.predict, waves)
    taken = [waves[i] for i in chosen]
    entries = [entry("load", name, [load_seconds], shared)]
    with watched() as machine:
        singles = scenarios.single_stream(checkpoint.predict, taken)
    entries.append(entry("single stream", name, singles, {**shared, **_percentiles(singles), **machine}))
    each = float(np.mean(singles))
    places = _batches(chosen, waves, each, batch_size, batch_seconds, rate)
    entries.append(_offline(checkpoint, [[waves[i] for i in b] for b in places], shared))
    _serve(checkpoint, taken, server_rate, each, shared, entries, skipped)
    seconds, audio = decode(utterances, rate)
    if seconds:
        entries.append(entry("decode", name, seconds, {**shared, "audio_seconds": audio}))
    if baseline is not None:
        second = waves if baseline_waves is None else baseline_waves
        try:
            entries += against_baseline(checkpoint, baseline, waves, second, chosen, places, shared)
        except (Exception, SystemExit) as error:  # the model is a stranger's
            skipped["baseline"] = reason(error)
    for variant in variants:
        try:
            entries += as_variant(checkpoint, variant, waves, chosen, places, shared)
        except (
            Exception,
            SystemExit,
        ) as error:  # what the model, or this machine, does not bear
            skipped[variant] = reason(error)
    asked = {
        "variants": list(variants),
        "server_rate": server_rate,
        "baseline": None if baseline is None else baseline.name,
    }
    return content(entries, asked, skipped)


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    return dict(zip(("p50", "p90", "p99"), map(float, np.percentile(seconds, [50, 90, 99])), strict=True))


def _batches(
    chosen: Sequence[int],
    waves: Sequence[np.ndarray],
    each: float,
    batch_size: int,
    batch_seconds: float,
    rate: int,
) -> list[list[int]]:
    """Batches as the prediction step makes them, of so many utterances that a pass fits into the budget.

    Args:
        chosen: utterances in random order.
        waves: all of them.
        each: seconds that a single one takes.
        batch_size: utterances per batch at most.
        batch_seconds: of audio per batch at most, padded.
        rate: Hz.
    """
    fitting = int(scenarios.BUDGET / (scenarios.LEAST + 1) / each)
    some = chosen[: max(4, fitting)]
    lengths = [len(waves[i]) for i in some]
    return [[some[i] for i in b] for b in batches(lengths, batch_size, rate, batch_seconds)]


def _offline(checkpoint: Checkpoint, batched: Sequence[Sequence[np.ndarray]], shared: Mapping) -> dict:
    """The first pass warms these very shapes, and shows the memory."""
    device = getattr(checkpoint, "device", shared["device"])
    memory = peak(lambda: [checkpoint.predict(b) for b in batched], str(device))
    with watched() as machine:
        rounds = scenarios.offline(checkpoint.predict, batched)
    audio = sum(len(w) for b in batched for w in b) / checkpoint.info.sampling_rate
    middle, utterances = float(np.median(rounds)), sum(map(len, batched))
    extra = {
        **shared,
        "audio_seconds": audio,
        "utterances": utterances,
        "largest_batch": max(map(len, batched)),
        "real_time_factor": middle / audio,
        "utterances_per_second": utterances / middle,
        "peak_memory": memory.beyond,
        "peak_memory_total": memory.total,
        "peak_memory_method": memory.method,
        **machine,
    }
    return entry("offline", checkpoint.name, rounds, extra)


def _serve(
    checkpoint: Checkpoint,
    waves: Sequence[np.ndarray],
    given: float | None,
    each: float,
    shared: Mapping,
    entries: list[dict],
    skipped: dict[str, str],
) -> None:
    """Add the server scenario, where enough utterances arrive within its time; a given rate has its way."""
    rate = scenarios.SHARE / each if given is None else given
    fitting = int(rate * SERVED)
    if fitting < scenarios.FEWEST and given is None:
        skipped["server"] = f"less than {scenarios.FEWEST} utterances would arrive within {SERVED:.0f} s"
        return
    queries = min(scenarios.QUERIES, max(scenarios.FEWEST, fitting))
    with watched() as machine:
        latencies = scenarios.server(checkpoint.predict, waves, rate, queries, SERVED)
    extra = {**shared, "rate": rate, "load": rate * each, **_percentiles(latencies), **machine}
    entries.append(entry("server", checkpoint.name, latencies, extra))
