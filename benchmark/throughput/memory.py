"""Peak memory of a forward pass: what it takes beyond what the process, or the GPU, held before."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

STATUS = Path("/proc/self/status")
INTERVAL = 0.002  # seconds between two looks
RESIDENT = "RssAnon of the process every 2 ms, beyond what it held before, which earlier passes may have made"
ALLOCATED = "torch.cuda.max_memory_allocated"


@dataclass(frozen=True)
class Peak:
    """A peak, in bytes; None where it cannot be told."""

    beyond: int | None  # what was held before
    total: int | None
    method: str


def peak(run: Callable[[], object], device: str) -> Peak:
    """The peak while ``run`` runs: memory of the GPU where ``device`` is one, else of this process."""
    return _on_gpu(run, device) if device.startswith("cuda") else _on_cpu(run)


def _on_gpu(run: Callable[[], object], device: str) -> Peak:
    import torch

    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    run()
    most = torch.cuda.max_memory_allocated(device)
    if not most:
        return Peak(None, None, "the checkpoint does not allocate through torch, which counts")
    return Peak(most - before, most, ALLOCATED)


def _on_cpu(run: Callable[[], object]) -> Peak:
    with suppress(AttributeError):  # another C library than glibc
        ctypes.CDLL(None).malloc_trim(0)  # what was freed before is given back, so that it counts again
    before = resident(STATUS.read_text())
    most, stop = before, Event()

    def look() -> None:
        nonlocal most
        while not stop.wait(INTERVAL):
            most = max(most, resident(STATUS.read_text()))

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        run()
    finally:
        stop.set()
        thread.join()
    most = max(most, resident(STATUS.read_text()))
    if not most:
        return Peak(None, None, "this kernel does not tell RssAnon")
    return Peak(most - before, most, RESIDENT)


def resident(status: str) -> int:
    """Anonymous memory of a process in bytes, from ``/proc/PID/status``; 0 where it does not tell."""
    found = re.search(r"^RssAnon:\s+(\d+) kB$", status, re.MULTILINE)
    return 1024 * int(found[1]) if found else 0
