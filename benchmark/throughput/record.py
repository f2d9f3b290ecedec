"""Timings as pytest-benchmark's JSON, so that ``pytest-benchmark compare`` reads them."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from ..engine.machine import machine_info
from ..files import write_atomically


def entry(scenario: str, about: str, seconds: Sequence[float], extra: Mapping, group: str = "") -> dict:
    """One benchmark, with pytest-benchmark's own statistics.

    Args:
        scenario: such as "single stream".
        about: what was timed: a checkpoint.
        seconds: of each round.
        extra: all else that was measured: percentiles, memory, the machine.
        group: of entries that are compared with each other; default: the scenario.
    """
    from pytest_benchmark.stats import Stats

    stats = Stats()
    for value in seconds:
        stats.update(value)
    return {
        "group": group or scenario,
        "name": f"{scenario} {about}",
        "fullname": f"ser-audit::{scenario} {about}",
        "params": None,
        "param": None,
        "extra_info": {"scenario": scenario, **extra},
        "options": {"warmup": True},
        "stats": {**stats.as_dict(), "data": list(seconds), "iterations": 1},
    }


def content(entries: Sequence[Mapping], asked: Mapping, skipped: Mapping[str, str]) -> dict:
    """The whole file: the benchmarks, what was asked for, and what could not be measured with the reason."""
    return {
        "machine_info": machine_info(),
        "commit_info": {},
        "benchmarks": list(entries),
        "asked": dict(asked),
        "skipped": dict(skipped),
        "datetime": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "version": version("pytest-benchmark"),
    }


def write(path: Path, measured: Mapping) -> None:
    """Write what :func:`~.measure.measure` gave."""
    write_atomically(path, json.dumps(measured, indent=1, allow_nan=False).encode())
