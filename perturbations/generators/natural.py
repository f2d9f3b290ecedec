"""Natural sounds that stand in for recordings: wind, rain, sea."""

from __future__ import annotations

import numpy as np

from .bank import stretch
from .shaped import band, shaped
from .strike import lay, struck


def wind(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Wind in trees and at the microphone: low-passed noise whose gusts are louder and brighter.

    The rumble falls by 12 dB per octave from 100–200 Hz, the rush by as much from 500–900 Hz, and grows with
    the square of the rumble; gusts come at some tenths of a Hz. Source: Nelke & Vary 2014 (IWAENC; spectra
    of wind noise fall steeply from below 500 Hz), Farnell 2010, Designing Sound, ch. Wind.
    """
    rumble, rush = rng.uniform(100, 200), rng.uniform(500, 900)
    gust = np.exp(0.4 * shaped(samples, lambda hz: np.exp(-((hz / 0.4) ** 2)), sampling_rate, rng))
    gust *= np.exp(0.2 * shaped(samples, lambda hz: np.exp(-((hz / 3) ** 2)), sampling_rate, rng))
    low = shaped(samples, lambda hz: band(hz, 30, rumble), sampling_rate, rng)
    mid = shaped(samples, lambda hz: band(hz, 150, rush), sampling_rate, rng)
    return gust * low + 0.25 * gust**2 * mid


def rain(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Rain on hard ground: a steady hiss of far drops, and near ones, each a click of 1–3 ms.

    300–900 near drops a second at random, ringing at 1–7 kHz; their amplitudes spread as the cube of a
    uniform draw, few loud ones over many soft. Source: Farnell 2010, Designing Sound, ch. Rain.
    """
    wave = 0.6 * shaped(samples, lambda hz: band(hz, 400, 9000, 1), sampling_rate, rng)
    high = min(7000, 0.44 * sampling_rate)
    drops = [
        struck([rng.uniform(1000, high)], [rng.uniform(0.0004, 0.0012)], [1], sampling_rate)
        for _ in range(40)
    ]
    seconds = samples / sampling_rate
    count = int(rng.uniform(300, 900) * seconds)
    kinds, times, gains = rng.integers(40, size=count), rng.uniform(0, seconds, count), rng.random(count) ** 3
    for kind, time, gain in zip(kinds, times, gains, strict=True):
        lay(wave, time, 6 * gain * drops[kind], sampling_rate)
    return wave


def sea(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Surf: swells every 5–9 s that rise, break bright and run out, over a distant roar.

    The roar lies at 100–800 Hz, the break's spray reaches 5 kHz. Source: Bolin & Åbom 2010 (J. Acoust. Soc.
    Am. 127, 2771: air-borne sound of breaking waves); periods of wind sea: Holthuijsen 2007, Waves in
    Oceanic and Coastal Waters.
    """
    time = np.arange(samples) / sampling_rate
    swell, at = np.zeros(samples), -rng.uniform(0, 5)
    while at < time[-1] + 5:
        rise, fall = rng.uniform(0.8, 1.6), rng.uniform(1.2, 2.2)
        late = (time - at) / np.where(time < at, rise, fall)
        swell += rng.uniform(0.6, 1) * np.exp(-(late**2))
        at += rng.uniform(5, 9)
    roar = shaped(samples, lambda hz: band(hz, 100, 800, 1), sampling_rate, rng)
    spray = shaped(samples, lambda hz: band(hz, 500, 5000, 1), sampling_rate, rng)
    return (0.25 + swell) * roar + 0.8 * swell**2 * spray


def natural(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A stretch of wind, rain or sea, drawn by ``rng``, float32 (samples,), RMS 1; a stand-in."""
    return stretch((wind, rain, sea), samples, sampling_rate, rng)
