"""Timings of a checkpoint in pytest-benchmark's JSON, so that ``pytest-benchmark compare`` reads them."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import numpy as np

from ..checkpoint import Checkpoint
from ..files import write_atomically
from .machine import machine_info

UTTERANCES = 32  # single-utterance latency: at most so many, spread over the corpus's lengths
BUDGET = 6.0  # seconds of measuring per scenario; at least three rounds all the same


def write_timings(
    path: Path,
    checkpoint: Checkpoint,
    waves: Sequence[np.ndarray],
    load_seconds: float,
    batch_size: int,
    settings: dict[str, str | int],
) -> None:
    """Measure and write: load time, latency of single utterances, offline throughput.

    Args:
        path: of the JSON file.
        checkpoint: loaded.
        waves: float32 (samples,) each, at the checkpoint's sampling rate.
        load_seconds: how long loading took.
        batch_size: of the offline scenario.
        settings: device and threads.
    """
    rate = checkpoint.info.sampling_rate
    chosen = sorted(waves, key=len)[:: max(1, len(waves) // UTTERANCES)][:UTTERANCES]
    for wave in chosen:  # warm-up on the measured shapes
        checkpoint.predict([wave])
    singles = _rounds([partial(checkpoint.predict, [w]) for w in chosen])
    batch = chosen[:: max(1, len(chosen) // batch_size)][:batch_size]
    checkpoint.predict(batch)
    offline = _rounds([partial(checkpoint.predict, batch)] * 10)
    audio = sum(map(len, batch)) / rate
    p50, p90, p99 = np.percentile(singles, [50, 90, 99])
    shared = {**settings, "parameters": checkpoint.parameters, "macs_per_second": checkpoint.macs(rate)}
    entries = [
        _entry("load", checkpoint.name, [load_seconds], shared),
        _entry("single stream", checkpoint.name, singles, {**shared, "p50": p50, "p90": p90, "p99": p99}),
        _entry(
            "offline",
            checkpoint.name,
            offline,
            {**shared, "audio_seconds": audio, "real_time_factor": float(np.median(offline)) / audio},
        ),
    ]
    content = {
        "machine_info": machine_info(),
        "commit_info": {},
        "benchmarks": entries,
        "datetime": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "version": version("pytest-benchmark"),
    }
    write_atomically(path, json.dumps(content, indent=1).encode())


def _rounds(calls: Sequence[Callable[[], object]]) -> list[float]:
    seconds: list[float] = []
    for call in calls:
        start = perf_counter()
        call()
        seconds.append(perf_counter() - start)
        if sum(seconds) > BUDGET and len(seconds) >= 3:
            break
    return seconds


def _entry(scenario: str, name: str, seconds: Sequence[float], extra: dict) -> dict:
    from pytest_benchmark.stats import Stats

    stats = Stats()
    for value in seconds:
        stats.update(value)
    return {
        "group": scenario,
        "name": f"{scenario} {name}",
        "fullname": f"ser-audit::{scenario} {name}",
        "params": None,
        "param": None,
        "extra_info": extra,
        "options": {"warmup": True},
        "stats": {**stats.as_dict(), "data": list(seconds), "iterations": 1},
    }
