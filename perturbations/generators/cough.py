"""A cough that stands in for a recording."""

from __future__ import annotations

import numpy as np

from .coloured import unit
from .shaped import band, shaped
from .voice import pulses, vocal_tract

FORMANTS = (600.0, 1300.0, 2500.0)  # Hz; an open vocal tract


def cough(sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """One cough, float32 (samples,) of .25–.5 s, RMS 1 over the burst; a stand-in.

    An explosive phase of 40–60 ms of noise up to 8 kHz that rises within 5 ms; an intermediate phase of
    150–250 ms of weaker noise through the vocal tract; in every second cough a voiced phase of 60–140 ms at
    falling pitch. Source: Korpáš, Sadloňová & Vrabec 1996, Analysis of the cough sound: an overview, Pulm.
    Pharmacol. 9, 261 (the three phases); Morice et al. 2007, Eur. Respir. J. 29, 1256.
    """
    first, middle = rng.uniform(0.04, 0.06), rng.uniform(0.15, 0.25)
    voiced = rng.uniform(0.06, 0.14) if rng.random() < 0.5 else 0.0
    length = max(0.25, first + middle + voiced + 0.05)
    time = np.arange(round(length * sampling_rate)) / sampling_rate
    weak = rng.uniform(0.2, 0.35)
    end = first + middle
    burst = np.interp(time, [0, 0.005, 0.4 * first, first], [0, 1, 0.8, 0])
    hiss = np.interp(
        time, [0.5 * first, first, 0.6 * end, end, end + 0.03], [0, weak, 0.8 * weak, 0.3 * weak, 0]
    )
    explosion = shaped(len(time), lambda hz: band(hz, 200, 8000, 1), sampling_rate, rng)
    breath = shaped(len(time), lambda hz: band(hz, 300, 6000, 1), sampling_rate, rng)
    source = 2 * burst * explosion + 2 * hiss * breath
    if voiced:
        f0 = rng.uniform(150, 320) * np.interp(time, [0, end, length], [1, 1, 0.7])
        level = np.interp(time, [end - 0.03, end + 0.01, end + 0.6 * voiced, end + voiced], [0, 0.4, 0.25, 0])
        source += level * pulses(f0, sampling_rate)
    wave = vocal_tract(source, np.zeros(1), np.array([FORMANTS]), rng.uniform(0.83, 1.05), sampling_rate)
    return unit(wave + 0.4 * burst * explosion)
