"""What perturbations cost: a table of milliseconds per second of audio on one core, length change and peak.

``python -m ser_audit.perturbations.cost [SET | CONDITION]…`` prints it; without arguments, of all sets.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from statistics import median
from time import perf_counter

import numpy as np

from .make import make
from .rng import generator
from .sets import conditions, names

SECONDS, RATE = 4.0, 16000
DRAWS, BUDGET = 7, 0.3  # utterances, each of which warms up first; and seconds of calls at least
HEAD = ("condition", "ms/s", "length", "peak dBFS")


def cost(condition: str, wave: np.ndarray, sampling_rate: int) -> tuple[float, int, float]:
    """Milliseconds per second of audio, change of length in samples, peak in dBFS.

    The median over draws of the fastest call of each: what else a machine does only adds.
    """
    made = make(condition)
    for draw in range(DRAWS):  # what is built once per process, such as rooms and generated sounds, is there
        out = made(wave, sampling_rate, generator(draw, "cost", condition))
    spent: list[list[float]] = [[] for _ in range(DRAWS)]
    while len(spent[-1]) < 3 or sum(map(sum, spent)) < BUDGET:
        for draw in range(DRAWS):
            rng = generator(draw, "cost", condition)
            start = perf_counter()
            out = made(wave, sampling_rate, rng)
            spent[draw].append(perf_counter() - start)
    seconds = len(wave) / sampling_rate
    peak = 20 * np.log10(max(float(np.abs(out).max(initial=0)), 1e-9))
    return 1000 * median(map(min, spent)) / seconds, len(out) - len(wave), peak


def table(chosen: list[str]) -> Iterator[str]:
    """The table in comma-separated lines, the dearest first."""
    from .generators.talker import talker

    wave = talker(round(SECONDS * RATE), RATE, np.random.default_rng(0))
    wave = (0.5 * wave / np.abs(wave).max()).astype(np.float32)
    rows = [(condition, *cost(condition, wave, RATE)) for condition in chosen]
    yield ",".join(HEAD)
    for condition, milliseconds, longer, peak in sorted(rows, key=lambda row: -row[1]):
        yield f'"{condition}",{milliseconds:.2f},{longer:+d},{peak:.1f}'


def main(arguments: list[str]) -> None:
    """Print the table of sets and conditions."""
    given = arguments or names()
    chosen = [c for one in given for c in (conditions(one) if one in names() else [make(one).id])]
    for line in table(list(dict.fromkeys(chosen))):
        print(line)


if __name__ == "__main__":
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    main(sys.argv[1:])
