"""Prosody: how arousal, dominance and valence show in pitch, timing, level and voice quality.

===================  ============================================================================
arousal              F0 level (+), F0 range (+), level (+), tempo (+, in ``script``), spectral tilt
                     (less fall), open quotient (smaller: a pressed voice)
dominance            level (+), fall of F0 towards the end (+)
valence              spread lips (formants up), a steadier pitch; the rest is in the words
===================  ============================================================================

Directions: Juslin & Laukka 2003, *Communication of emotions in vocal expression* (table 11); the sizes are
this corpus's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .script import Script
from .speakers import Speaker

HOP = 0.01  # seconds between control frames
STRESS = 1.15  # a word's first syllable, relative to the mean
FINAL = 1.35  # lengthening of the last syllable
FALL_SHARE = 0.3  # of the utterance, at its end, over which F0 falls
DECLINATION = 1.5  # semitones over the utterance


@dataclass(frozen=True)
class Prosody:
    """How an utterance is spoken."""

    durations: np.ndarray  # float64 (syllables,), seconds
    f0: np.ndarray  # float64 (frames,), Hz, one per HOP
    level: float  # dBFS, root mean square of the utterance
    tilt: float  # dB per octave above 500 Hz, beyond the source's own
    open_quotient: float  # share of a period in which the glottis is open
    jitter: float  # sd of a period's length relative to the period
    formant_scale: float  # formants relative to a tract of 17 cm

    @property
    def seconds(self) -> float:
        """Length of the utterance."""
        return float(self.durations.sum())


def prosody(speaker: Speaker, script: Script, rng: np.random.Generator) -> Prosody:
    """Turn what is expressed into the controls of a voice.

    Args:
        speaker: gives the neutral voice, and how much emotion does to it.
        script: what is said and expressed.
        rng: draws the small variations of each utterance.
    """
    arousal, dominance, valence = (speaker.expressiveness * (e - 0.5) for e in script.expressed)
    durations, accents = _timing(script, rng)
    time = np.arange(int(durations.sum() / HOP) + 1) * HOP
    semitones = (
        11.0 * arousal
        + np.clip(2.5 + 5.0 * arousal, 0.5, None) * _accent_contour(time, accents, rng)
        - DECLINATION * time / time[-1]
        - (4.0 + 12.0 * dominance) * _final(time) ** 2
    )
    return Prosody(
        durations=durations,
        f0=speaker.f0 * 2.0 ** (semitones / 12.0),
        level=float(-28.0 + speaker.level + 14.0 * arousal + 10.0 * dominance + 0.7 * rng.standard_normal()),
        tilt=float(np.clip(4.5 - 9.0 * arousal + 0.5 * rng.standard_normal(), 0.0, None)),
        open_quotient=float(np.clip(0.62 - 0.25 * arousal, 0.4, 0.9)),
        jitter=float(0.01 * 2.0 ** (-3.0 * valence)),
        formant_scale=float(speaker.formant_scale * (1.0 + 0.08 * valence)),
    )


def _timing(script: Script, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Durations of the syllables (seconds), and the times of the words' accents (seconds)."""
    stressed = np.array([i == 0 for word in script.words for i in range(len(word) // 2)])
    durations = np.where(stressed, STRESS, 0.95) * np.exp(0.08 * rng.standard_normal(len(stressed)))
    durations[-1] *= FINAL
    durations /= script.rate
    starts = np.cumsum(durations) - durations
    return durations, (starts + 0.6 * durations)[stressed]


def _accent_contour(time: np.ndarray, accents: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Bumps of about unit height, 80 ms wide, at the accents: float64 (frames,)."""
    heights = 1.0 + 0.25 * rng.standard_normal(len(accents))
    return heights @ np.exp(-0.5 * ((time - accents[:, None]) / 0.08) ** 2)


def _final(time: np.ndarray) -> np.ndarray:
    """0 until the final fall sets in, then a ramp to 1 at the end: float64 (frames,)."""
    return np.clip((time / time[-1] - (1.0 - FALL_SHARE)) / FALL_SHARE, 0.0, 1.0)
