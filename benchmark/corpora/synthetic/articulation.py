"""Articulation: what tongue and lips do over time, as tracks for the filter and the noise source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .lexicon import CONSONANTS, Language
from .prosody import HOP

CONSONANT_SHARE = 0.36  # of a syllable
CLOSURE_SHARE = 0.65  # of a stop, the rest being its burst
RAMP = 0.008  # seconds, from one amplitude to the next


@dataclass(frozen=True)
class Tracks:
    """Controls per frame of HOP seconds."""

    formants: np.ndarray  # float64 (frames, 3), F1–F3 in Hz for a tract of 17 cm
    damping: np.ndarray  # float64 (frames,), multiplies the bandwidths of F1–F3
    voiced: np.ndarray  # float64 (frames,), amplitude of the voice
    noise: np.ndarray  # float64 (frames,), amplitude of frication and bursts


def articulate(words: tuple[str, ...], language: Language, durations: np.ndarray) -> Tracks:
    """Articulate the words.

    Args:
        words: what is said.
        language: gives the vowels.
        durations: float64 (syllables,), seconds.
    """
    syllables = [syllable for word in words for syllable in language.syllables(word)]
    lengths: list[float] = []
    targets: list[tuple[float, ...]] = []  # F1, F2, F3, damping, voiced, noise
    for syllable, duration in zip(syllables, durations, strict=True):
        c, length = CONSONANTS[syllable[0]], CONSONANT_SHARE * duration
        if c.stop:
            lengths.append(CLOSURE_SHARE * length)
            targets.append((*c.formants, c.damping, c.voiced, 0.0))
            length -= lengths[-1]
        lengths.append(length)
        targets.append((*c.formants, c.damping, c.voiced * (not c.stop), c.noise))
        lengths.append((1.0 - CONSONANT_SHARE) * duration)
        targets.append((*language.vowels[syllable[1]], 1.0, 1.0, 0.0))
    ends = np.cumsum(lengths)
    starts = ends - lengths
    columns = np.array(targets).T
    time = np.arange(int(durations.sum() / HOP) + 1) * HOP
    glide = 0.3 * np.array(lengths)  # articulators move from target to target
    step = np.minimum(RAMP / 2, glide)  # voicing and noise set in fast

    def track(values: np.ndarray, edge: np.ndarray) -> np.ndarray:
        """Hold each segment's value between its edges, with straight lines across the borders."""
        points = np.stack([starts + edge, ends - edge], axis=1).ravel()
        return np.interp(time, points, np.repeat(values, 2))

    return Tracks(
        formants=np.stack([track(values, glide) for values in columns[:3]], axis=1),
        damping=track(columns[3], step),
        voiced=track(columns[4], step),
        noise=track(columns[5], step),
    )
