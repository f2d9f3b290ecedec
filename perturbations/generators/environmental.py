"""Environmental sounds that stand in for recordings: natural ones, those of rooms, road traffic."""

from __future__ import annotations

import numpy as np

from .bank import stretch
from .interior import interior
from .natural import natural
from .shaped import band, shaped


def traffic(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A road: cars that pass every 2.5–6 s, over the roar of the town.

    The power of a pass-by is 1 / (1 + (t / τ)²), a point that moves in a straight line, with τ = distance /
    speed = .3–.6 s (7.5 m at 45–90 km/h). Tyres peak at 800–1200 Hz; the engine fires at 40–90 Hz. Source:
    Sandberg 2003 (Euronoise: the multi-coincidence peak around 1000 Hz in tyre/road noise); ISO 11819-1 for
    the distance.
    """
    time, at = np.arange(samples) / sampling_rate, -rng.uniform(0, 2)
    wave = 0.25 * shaped(samples, lambda hz: band(hz, 40, 250, 1), sampling_rate, rng)
    peak = rng.uniform(800, 1200)
    tyres = shaped(samples, lambda hz: band(hz, 0.5 * peak, 1.6 * peak, 1), sampling_rate, rng)
    while at < time[-1] + 2:
        passing = rng.uniform(0.5, 1) / np.sqrt(1 + ((time - at) / rng.uniform(0.3, 0.6)) ** 2)
        partials = 2 * np.pi * rng.uniform(40, 90) * np.arange(1, 5)
        engine = sum(rng.uniform(0.3, 1) / k * np.sin(w * time) for k, w in enumerate(partials, start=1))
        wave += passing * (tyres + 0.5 * engine)
        at += rng.uniform(2.5, 6)
    return wave


def environmental(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A natural sound, one of a room or traffic, drawn by ``rng``, float32 (samples,), RMS 1; a stand-in."""
    kind = int(rng.integers(3))
    if kind == 2:
        return stretch((traffic,), samples, sampling_rate, rng)
    return (natural, interior)[kind](samples, sampling_rate, rng)
