"""Audiomentations under a generator: it draws from the global generators, so they are lent and put back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def seeded(rng: np.random.Generator) -> Iterator[None]:
    """Seed ``random`` and ``numpy.random`` from ``rng``; restore both on the way out.

    The global generators belong to the process: use worker processes, not threads.
    """
    python, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002
    seed = int(rng.integers(2**32))
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)  # noqa: NPY002


def apply(
    transform: Callable[[np.ndarray, int], np.ndarray],
    wave: np.ndarray,
    sampling_rate: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """An audiomentations transform on float32 (samples,) at ``sampling_rate`` Hz, its draws from ``rng``."""
    with seeded(rng):
        return transform(wave, sampling_rate)
