"""What else the machine did meanwhile: timings on a busy machine are those of a slower one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time

SHORTEST = 0.2  # seconds; the kernel counts in hundredths, for each core
STAT = Path("/proc/stat")


@contextmanager
def watched() -> Iterator[dict]:
    """Watch the machine; the dictionary is filled when the block ends.

    It holds ``load_average`` before and after (1 minute), ``own_cores`` (CPU seconds of this process per
    second) and ``other_cores`` (those of all other processes; null where the block was too short to tell).
    """
    found: dict = {}
    before, load = _counted(), os.getloadavg()[0]
    yield found
    wall, own, busy = (b - a for a, b in zip(before, _counted(), strict=True))
    found["load_average"] = [load, os.getloadavg()[0]]
    found["own_cores"] = own / wall
    found["other_cores"] = max(0.0, busy - own) / wall if wall >= SHORTEST else None


def _counted() -> tuple[float, float, float]:
    """The time, this process's CPU seconds, and those of all processes."""
    return perf_counter(), process_time(), busy_seconds(STAT.read_text())


def busy_seconds(stat: str) -> float:
    """CPU seconds of all processes since the start, from the kernel's count: all but idle and waiting."""
    user, nice, system, _, _, irq, soft, stolen, *_ = map(int, stat.splitlines()[0].split()[1:])
    return (user + nice + system + irq + soft + stolen) / os.sysconf("SC_CLK_TCK")
