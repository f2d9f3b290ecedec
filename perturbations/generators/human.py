"""Human sounds without speech that stand in for recordings: breathing, laughter, clapping, coughs."""

from __future__ import annotations

import numpy as np

from .bank import stretch
from .cough import cough
from .shaped import band, shaped
from .strike import in_room, lay, thud
from .voice import pulses, track, vocal_tract


def breathing(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Breaths close to the microphone, a cycle in 2.5–4 s: a bright inhalation, a softer exhalation.

    Inhalation takes two fifths of the cycle; noise of .4–2.5 kHz in, .2–1.2 kHz out. Source: Gavriely, Palti
    & Alroy 1981, J. Appl. Physiol. 50, 307 (spectra of breath sounds); 15–24 cycles a minute: as adults at
    rest and a little above, Tobin et al. 1983, Chest 84, 202.
    """
    into = shaped(samples, lambda hz: band(hz, 400, 2500), sampling_rate, rng)
    out = shaped(samples, lambda hz: band(hz, 200, 1200), sampling_rate, rng)
    knots = [(0.0, 0.0, 0.0)]
    time, at = np.arange(samples) / sampling_rate, 0.0
    while at < time[-1]:
        cycle, deep = rng.uniform(2.5, 4), rng.uniform(0.6, 1)
        knots += [(at + 0.02 * cycle, 0, 0), (at + 0.25 * cycle, deep, 0), (at + 0.4 * cycle, 0, 0)]
        knots += [(at + 0.45 * cycle, 0, 0), (at + 0.55 * cycle, 0, 0.8 * deep), (at + 0.9 * cycle, 0, 0)]
        at += cycle
    seconds, inward, outward = np.array(knots).T
    return np.interp(time, seconds, inward) * into + np.interp(time, seconds, outward) * out


def laughter(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Bouts of 4–9 "ha", each softer and lower than the last, with breaks of .4–.9 s.

    Notes begin every 190–230 ms, with 75–110 ms voiced behind aspiration; F0 starts at 230–450 Hz, as of
    men and women. Source: Provine & Yong 1991, Ethology 89, 115 (210 ms, 75 ms); Bachorowski, Smoski &
    Owren 2001, J. Acoust. Soc. Am. 110, 1581 (means of 282 Hz and 421 Hz; vowels near the neutral one).
    """
    size = rng.random()  # 0: the longest vocal tract, 1: the shortest
    base = 230 + 220 * size
    voice, breath, pitch, at = [(0.0, 0.0)], [(0.0, 0.0)], [(0.0, base)], 0.05
    while at < samples / sampling_rate:
        pace, high = rng.uniform(0.19, 0.23), rng.uniform(0.9, 1.1)
        for note in range(rng.integers(4, 10)):
            loud, long = 0.9**note, rng.uniform(0.075, 0.11)
            breath += [(at, 0), (at + 0.03, loud), (at + 0.06, 0.2 * loud), (at + 0.16, 0)]
            voice += [
                (at + 0.035, 0),
                (at + 0.06, loud),
                (at + 0.03 + 0.6 * long, loud),
                (at + 0.04 + long, 0),
            ]
            pitch += [
                (at + 0.04, high * base * 0.97**note),
                (at + 0.04 + long, 0.85 * high * base * 0.97**note),
            ]
            at += pace
        at += rng.uniform(0.4, 0.9)
    time = np.arange(samples) / sampling_rate
    f0 = track(time, pitch)
    air = shaped(samples, lambda hz: np.minimum(1, hz / 1000), sampling_rate, rng)
    source = track(time, voice) * pulses(f0, sampling_rate)
    source += 1.5 * track(time, breath) * air
    vowel = np.array([(600.0, 1400, 2500)])
    wave = vocal_tract(source, np.zeros(1), vowel, 1 - 0.15 * size, sampling_rate)
    return in_room(wave, sampling_rate, rng)


def clapping(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """1–4 people clap, each at 3–5 claps a second, evenly within 5 %.

    A clap is a band of noise an octave wide about .8–2.5 kHz, by how the hands are held, that decays in
    4–8 ms. Source: Repp 1987, The sound of two hands clapping, J. Acoust. Soc. Am. 81, 1100.
    """
    wave = np.zeros(samples)
    for _ in range(rng.integers(1, 5)):
        pace, at, near = rng.uniform(0.2, 0.33), rng.uniform(0, 0.3), rng.uniform(0.4, 1)
        hz, decay = rng.uniform(800, 2500), rng.uniform(0.004, 0.008)
        while at < samples / sampling_rate:
            loud = near * rng.uniform(0.7, 1)
            lay(wave, at, loud * thud(hz, 1.2, decay, sampling_rate, rng), sampling_rate)
            at += pace * rng.uniform(0.95, 1.05)
    return in_room(wave, sampling_rate, rng)


def coughs(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Fits of 1–3 coughs that follow at once, with breaks of .4–1.2 s; see :func:`.cough.cough`."""
    wave, at = np.zeros(samples), 0.1
    while at < samples / sampling_rate:
        for _ in range(rng.integers(1, 4)):
            burst = cough(sampling_rate, rng)
            lay(wave, at, rng.uniform(0.6, 1) * burst, sampling_rate)
            at += len(burst) / sampling_rate + rng.uniform(0.02, 0.1)
        at += rng.uniform(0.4, 1.2)
    return in_room(wave, sampling_rate, rng)


def human(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A stretch of one of the four, drawn by ``rng``, float32 (samples,), RMS 1; a stand-in."""
    return stretch((breathing, laughter, clapping, coughs), samples, sampling_rate, rng)
