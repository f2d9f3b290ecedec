"""Sounds of rooms that stand in for recordings: fan, vacuum cleaner, clock, keyboard, knocks at a door."""

from __future__ import annotations

import numpy as np

from .bank import SECONDS, stretch
from .shaped import band, shaped
from .strike import in_room, lay, struck, thud


def turning(
    hz: float, corner: float, air: float, samples: int, sampling_rate: int, rng: np.random.Generator
) -> np.ndarray:
    """Eight harmonics of ``hz``, 6 dB less each, over the air's noise, −6 dB/octave from ``corner`` Hz."""
    drift = shaped(samples, lambda slow: np.exp(-(slow**2)), sampling_rate, rng)
    phase = 2 * np.pi * np.cumsum(hz * (1 + 0.001 * drift)) / sampling_rate
    wave = air * shaped(samples, lambda f: band(f, 60, corner, 1), sampling_rate, rng)
    for harmonic in range(1, 9):
        gain, start = rng.uniform(0.5, 1) * 2.0 ** (1 - harmonic), rng.uniform(0, 2 * np.pi)
        if harmonic * hz < 0.45 * sampling_rate:
            wave += gain * np.sin(harmonic * phase + start)
    return wave


def fan(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A fan: blades pass at 39–175 Hz (3–7 blades, 13–25 turns a second), and the air rushes.

    Source: the blade passing frequency and its harmonics over broad-band noise, Bies & Hansen, Engineering
    Noise Control, ch. on fans.
    """
    return turning(rng.uniform(13, 25) * rng.integers(3, 8), 300, 0.7, samples, sampling_rate, rng)


def vacuum(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A vacuum cleaner: a universal motor at 250–500 turns a second, under the roar of the air to 2 kHz."""
    return turning(rng.uniform(250, 500), 2000, 1, samples, sampling_rate, rng)


def clock(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A clock: clicks at one exact rate of 1–4 a second, tick and tock of different modes.

    Each is two clicks of the escapement some milliseconds apart, of damped modes at 2–7 kHz and of the case
    at .4–1 kHz. Source: Farnell 2010, Designing Sound, ch. Clocks.
    """
    period = SECONDS / (2 * int(rng.integers(SECONDS // 2, 2 * SECONDS + 1)))  # pairs of clicks fill the bank
    sides = []
    for _ in range(2):
        hz = [rng.uniform(400, 1000), *rng.uniform(2000, 7000, 4)]
        click = struck(
            hz, [0.02, *rng.uniform(0.001, 0.004, 4)], [0.5, *rng.uniform(0.3, 1, 4)], sampling_rate
        )
        side = np.zeros(len(click) + round(0.02 * sampling_rate))
        lay(side, 0, 0.5 * click, sampling_rate)
        lay(side, rng.uniform(0.008, 0.015), click, sampling_rate)
        sides.append(side)
    wave = np.zeros(samples)
    for beat in range(int(samples / sampling_rate / period)):
        lay(wave, (beat + 0.5) * period, sides[beat % 2], sampling_rate)  # the seam falls between clicks
    return in_room(wave, sampling_rate, rng)


def keyboard(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Typing: bursts of 3–12 keystrokes, 90–240 ms apart, with breaks of .3–.9 s.

    A keystroke is a click and a softer one 70–120 ms later, when the key goes up again, of 1–5 kHz over the
    thud of the board. Source: Asonov & Agrawal 2004 (Keyboard acoustic emanations: the two peaks, their
    distance and band); intervals: Dhakal et al. 2018 (CHI, 136 million keystrokes: 239 ms, fast 120 ms).
    """
    wave, at = np.zeros(samples), 0.0
    while at < samples / sampling_rate:
        for _ in range(rng.integers(3, 13)):
            loud, held = rng.uniform(0.5, 1), rng.uniform(0.07, 0.12)
            click = thud(rng.uniform(2000, 4000), 2, rng.uniform(0.002, 0.005), sampling_rate, rng)
            lay(wave, at, loud * click, sampling_rate)
            lay(wave, at, loud * thud(250, 2, 0.012, sampling_rate, rng), sampling_rate)
            lay(wave, at + held, 0.4 * loud * click, sampling_rate)
            at += rng.uniform(0.09, 0.24)
        at += rng.uniform(0.3, 0.9)
    return in_room(wave, sampling_rate, rng)


def knocks(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Knocks at a door: groups of 2–5, 150–300 ms apart, with breaks of .4–1 s.

    A knock is five modes of a wooden panel at 90–900 Hz that decay in 10–35 ms, and the click of the knuckle.
    Source: modal model of struck panels, Fletcher & Rossing 1998, The Physics of Musical Instruments, ch. 3.
    """
    hz, wave, at = np.geomspace(rng.uniform(90, 140), rng.uniform(600, 900), 5), np.zeros(samples), 0.1
    while at < samples / sampling_rate:
        gap = rng.uniform(0.15, 0.3)
        for _ in range(rng.integers(2, 6)):
            loud, gains = rng.uniform(0.6, 1), rng.uniform(0.4, 1, 5) * np.array([1, 0.9, 0.7, 0.5, 0.4])
            lay(wave, at, loud * struck(hz, rng.uniform(0.01, 0.035, 5), gains, sampling_rate), sampling_rate)
            lay(wave, at, 0.1 * loud * thud(2000, 2, 0.002, sampling_rate, rng), sampling_rate)
            at += gap * rng.uniform(0.95, 1.05)
        at += rng.uniform(0.4, 1)
    return in_room(wave, sampling_rate, rng)


def interior(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A stretch of one of the five, drawn by ``rng``, float32 (samples,), RMS 1; a stand-in."""
    return stretch((fan, vacuum, clock, keyboard, knocks), samples, sampling_rate, rng)
