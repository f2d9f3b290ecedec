"""Sounds drawn from several, silent ones passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ..wave import rms

AUDIBLE = 2.0**-15  # full scale 1: one step of 16-bit audio, whose dither is not to be amplified to a noise
DRAWS = 20

Draw = Callable[[np.random.Generator], np.ndarray]  # float32 (samples,)


def audible(condition: str, draws: Sequence[Draw], count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """``count`` sounds, one of each of ``draws`` in a random order, and again where they are fewer.

    A recording may be silent where it is read; then the next in the order is read instead.

    ``draws`` make sounds, such as a clip's reading of a stretch that begins at random; ``condition`` is the
    id, for messages.

    Raises:
        ValueError: 20 of them were silent (an RMS below −90 dBFS).
    """
    found: list[np.ndarray] = []
    silent = 0
    for draw in _in_turn(draws, rng):
        sound = draw(rng)
        if rms(sound) >= AUDIBLE:
            found.append(sound)
        else:
            silent += 1
        if len(found) == count:
            break
        if silent == DRAWS:
            raise ValueError(f"{condition}: {DRAWS} of the sounds drawn for it were silent (below −90 dBFS)")
    return found


def _in_turn(draws: Sequence[Draw], rng: np.random.Generator) -> Iterator[Draw]:
    """All of them in a random order, then again in another one, without end."""
    while True:
        for index in rng.permutation(len(draws)):
            yield draws[index]
