"""Music that stands in for recordings: chords, bass and a melody of decaying harmonic tones."""

from __future__ import annotations

import numpy as np

from .bank import SECONDS, stretch
from .strike import HEARD, lay

PIECES = 6  # of a bank each
A4 = 440.0  # Hz, ISO 16
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))  # semitones; major, natural minor
PROGRESSIONS = ((0, 4, 5, 3), (0, 3, 4, 0), (0, 5, 3, 4), (5, 3, 0, 4))  # degrees of the scale, one a bar
LENGTHS = (0.5, 0.5, 1.0, 1.0, 1.5, 2.0)  # beats of a melody's note
PARTIALS = 16
# slope: partial k has the amplitude 1 / k ** slope; even ones times; time constant and attack in seconds
TIMBRES = (
    (1.4, 1.0, 0.5, 0.003),  # a struck string
    (1.0, 0.8, 0.3, 0.001),  # a plucked one
    (1.0, 0.1, 1.0, 0.03),  # a reed
    (2.5, 0.5, 0.8, 0.05),  # a flute
)


def tone(semitone: int, timbre: int, sampling_rate: int) -> np.ndarray:
    """A note, float64 (samples,), ``semitone`` semitones from A4, until it is 60 dB down, 2.5 s at most.

    Partial k decays √k times as fast as the first. Source: Fletcher & Rossing 1998, The Physics of Musical
    Instruments (decay grows with frequency; odd partials of a closed pipe); equal temperament.
    """
    slope, even, decay, attack = TIMBRES[timbre]
    time = np.arange(round(min(HEARD * decay, 2.5) * sampling_rate)) / sampling_rate
    hz = A4 * 2 ** (semitone / 12)
    partial, before = np.sin(2 * np.pi * hz * time), np.zeros(len(time))
    twice, note = 2 * np.cos(2 * np.pi * hz * time), np.zeros(len(time))
    for k in range(1, min(PARTIALS, int(0.45 * sampling_rate / hz)) + 1):
        note += k**-slope * (1 if k % 2 else even) * np.exp(-time * np.sqrt(k) / decay) * partial
        partial, before = twice * partial - before, partial  # sin((k + 1)φ), of which sin() would cost more
    return note * np.minimum(1, time / attack) * np.minimum(1, (time[-1] - time) / 0.05)


def piece(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Twenty seconds in a drawn key, major or minor, of four bars' progression, float64 (samples,).

    4/4 at about 90–140 beats a minute, so that whole bars fill the bank; a bass note and two chords a bar,
    and a melody that moves by steps and small leaps. Note rates of 1.5–3 Hz: Ding et al. 2017, Neurosci.
    Biobehav. Rev. 81, 181 (music's modulations peak at 2 Hz).
    """
    root, scale = int(rng.integers(-14, -2)), SCALES[int(rng.integers(2))]
    bars = int(rng.integers(8, 12))
    beat = SECONDS / (4 * bars)
    chords, lead = int(rng.integers(len(TIMBRES))), int(rng.integers(len(TIMBRES)))
    progression = PROGRESSIONS[int(rng.integers(len(PROGRESSIONS)))]
    notes: dict[tuple[int, int], np.ndarray] = {}
    wave = np.zeros(samples)

    def play(beats: float, degree: int, timbre: int, loud: float, octave: int = 0) -> None:
        key = root + scale[degree % 7] + 12 * (degree // 7 + octave), timbre
        if key not in notes:
            notes[key] = tone(*key, sampling_rate)
        lay(wave, beats * beat, loud * rng.uniform(0.8, 1) * notes[key], sampling_rate)

    for bar in range(bars + 1):  # the last is cut: it sounds into the seam
        degree = progression[bar % 4]
        play(4 * bar, degree, chords, 0.9, octave=-1)
        for half in (0, 2):
            for third in (0, 2, 4):
                play(4 * bar + half, degree + third, chords, 0.35)
    at, degree = 0.0, int(rng.integers(7, 12))
    while at < 4 * bars:
        play(at, degree, lead, 0.7)
        at += LENGTHS[int(rng.integers(len(LENGTHS)))]
        degree = min(14, max(5, degree + int(rng.integers(-2, 3))))
    return wave


def music(samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A stretch of one of six pieces, drawn by ``rng``, float32 (samples,), RMS 1; a stand-in."""
    return stretch((piece,), samples, sampling_rate, rng, PIECES)
