"""Work done ahead in worker processes: results in order, and never more of them than a bounded window."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

from ..errors import HarnessError
from .orphan import leave_with

T = TypeVar("T")
R = TypeVar("R")

WINDOW = 3  # tasks per worker that are begun before their turn: memory stays bounded
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def ahead(function: Callable[[T], R], tasks: Iterable[T], workers: int) -> Generator[R]:
    """Results of ``function`` for each task, in order; with one worker, in this process.

    The processes are loky's: they start from a fresh interpreter, and need no guard in the user's script.

    Raises:
        HarnessError: a worker was killed.
    """
    if workers == 1:
        yield from map(function, tasks)
        return
    from loky import get_reusable_executor
    from loky.process_executor import BrokenProcessPool

    executor = get_reusable_executor(
        max_workers=workers, timeout=60, env=ONE_THREAD, initializer=leave_with, initargs=(os.getpid(),)
    )
    begun: deque = deque()
    try:
        for task in tasks:
            begun.append(executor.submit(function, task))
            if len(begun) >= WINDOW * workers:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    except BrokenProcessPool:
        raise HarnessError(
            "a worker process was killed, perhaps for want of memory; what is done is kept:"
            " give the same command again, with fewer --workers"
        ) from None
    finally:
        for future in begun:
            future.cancel()
