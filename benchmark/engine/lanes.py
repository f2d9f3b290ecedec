"""Forward passes side by side: threads of this process, for libraries leave the interpreter's lock meanwhile.

One thread to a pass and a pass to each core wastes nothing where many threads to one pass wait for each
other; on a GPU, one batch is staged on its own stream while the one before it runs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

ON_CUDA = 2  # one batch runs, one is staged


def lanes(device: str, threads: int, cores: int) -> int:
    """How many passes run side by side."""
    return ON_CUDA if device.startswith("cuda") else max(1, cores // threads)


def side_by_side(function: Callable[[T], R], tasks: Iterable[T], count: int, device: str) -> Generator[R]:
    """Results of ``function`` for each task, in order; ``count`` of them are worked on at a time."""
    if count == 1:
        yield from map(function, tasks)
        return
    begun: deque[Future[R]] = deque()
    with ThreadPoolExecutor(count, initializer=_own_stream, initargs=(device,)) as pool:
        try:
            for task in tasks:
                begun.append(pool.submit(function, task))
                if len(begun) > count:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()


def _own_stream(device: str) -> None:
    """Give this thread a CUDA stream of its own."""
    if device.startswith("cuda"):
        import torch

        torch.cuda.set_stream(torch.cuda.Stream(device))
