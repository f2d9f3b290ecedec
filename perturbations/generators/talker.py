"""A synthetic talker of nonsense, which stands in for other speakers: what a babble is mixed from."""

from __future__ import annotations

from functools import partial

import numpy as np

from .bank import stretch
from .shaped import band, shaped
from .voice import pulses, track, vocal_tract

VOICES = 12  # of a bank each
# F1, F2, F3 of i ɪ ɛ æ ɑ ɔ ʊ u ʌ ɝ in Hz, mean of men: Peterson & Barney 1952, J. Acoust. Soc. Am. 24, 175
VOWELS = np.array(
    [
        (270, 2290, 3010),
        (390, 1990, 2550),
        (530, 1840, 2480),
        (660, 1720, 2410),
        (730, 1090, 2440),
        (570, 840, 2410),
        (440, 1020, 2240),
        (300, 870, 2240),
        (640, 1190, 2390),
        (490, 1350, 1690),
    ],
    dtype=float,
)
FRICATIVES = ((4500, 9000, 1.0), (2200, 6000, 1.0), (1000, 8000, 0.4))  # s, ʃ, f: band in Hz, amplitude


def speaking(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Nonsense of one voice, float64 (samples,): phrases of 5–10 syllables with pauses of .15–.4 s.

    - F0: men 95–135 Hz, women 170–220 Hz, falls over the phrase by a fifth and rises by a tenth on stress
      (means and ranges: Baken & Orlikoff 2000, Clinical Measurement of Speech and Voice).
    - Syllables of .15–.28 s, 4.7 a second (Greenberg et al. 2003, J. Phonetics 31, 465: mean 200 ms; peak of
      the modulation spectrum 4–5 Hz: Ding et al. 2017, Neurosci. Biobehav. Rev. 81, 181).
    - Each is a fricative, a stop or a sonorant, then a vowel; formants move from the consonant's place to the
      vowel and back, a vocal tract of women being 17 % shorter.
    """
    woman = rng.random() < 0.5
    base = rng.uniform(170, 220) if woman else rng.uniform(95, 135)
    tract = rng.uniform(0.81, 0.88) if woman else rng.uniform(0.95, 1.05)
    moves: list[tuple[float, np.ndarray]] = []  # seconds, formants
    voicing: list[tuple[float, float]] = [(0.0, 0.0)]  # seconds, amplitude
    pitch: list[tuple[float, float]] = []  # seconds, Hz
    rubbing: list[tuple[float, float, int]] = []  # seconds, length, kind
    at, end = 0.0, samples / sampling_rate
    while at < end:
        syllables = int(rng.integers(5, 11))
        for syllable in range(syllables):
            length, stress = rng.uniform(0.15, 0.28), rng.uniform(0.5, 1)
            onset, manner = at + length * rng.uniform(0.3, 0.45), int(rng.integers(3))
            place = np.array([rng.uniform(250, 400), rng.uniform(900, 1900), rng.uniform(2200, 2800)])
            vowel = VOWELS[int(rng.integers(len(VOWELS)))]
            moves += [
                (at, place),
                (onset, 0.5 * (place + vowel)),
                (onset + 0.03, vowel),
                (at + 0.9 * length, vowel),
            ]
            if manner == 0:
                rubbing.append((at, onset - at + 0.01, int(rng.integers(len(FRICATIVES)))))
            closed = 0.25 * stress if manner == 2 else 0.0
            voicing += [(at + 0.015, closed), (onset - 0.01, closed), (onset + 0.02, stress)]
            voicing += [(at + 0.8 * length, 0.7 * stress), (at + length, 0.1 * stress)]
            pitch.append(
                (
                    0.5 * (onset + at + length),
                    base * (1.1 - 0.2 * syllable / syllables) * (0.95 + 0.1 * stress),
                )
            )
            at += length
        voicing.append((at + 0.04, 0.0))
        at += rng.uniform(0.15, 0.4)
        voicing.append((at, 0.0))
    time = np.arange(samples) / sampling_rate
    flutter = shaped(samples, lambda hz: np.exp(-((hz / 6) ** 2)), sampling_rate, rng)
    f0 = track(time, pitch) * (1 + 0.008 * flutter)
    breath = shaped(samples, lambda hz: np.minimum(1, hz / 1500), sampling_rate, rng)
    source = track(time, voicing) * (pulses(f0, sampling_rate) + 0.1 * breath)
    formants = np.array([move for _, move in moves])
    wave = vocal_tract(source, np.array([second for second, _ in moves]), formants, tract, sampling_rate)
    wave /= np.sqrt(np.mean(np.square(wave)))
    for kind, (low, high, gain) in enumerate(FRICATIVES):
        hiss = shaped(samples, partial(band, low=low, high=high, order=3), sampling_rate, rng)
        knots = [(0.0, 0.0)]
        for start, length, which in rubbing:
            if which == kind:
                knots += [
                    (start, 0),
                    (start + 0.4 * length, 1),
                    (start + 0.8 * length, 0.9),
                    (start + length, 0),
                ]
        wave += 0.4 * gain * track(time, knots) * hiss
    return wave


def talker(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A stretch of one of twelve voices, drawn by ``rng``, float32 (samples,), RMS 1; a stand-in."""
    return stretch((speaking,), samples, sampling_rate, rng, VOICES)
