"""What an utterance says and expresses: its truth, its emotion class and its words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...corpus import DIMENSIONS
from .lexicon import Language
from .randomness import generator
from .speakers import Speaker

# Truth over utterances: mean .5, sd .2; arousal and dominance go together, as in MSP-Podcast.
SD = 0.2
CORRELATION = np.array([[1.0, 0.5, 0.1], [0.5, 1.0, 0.2], [0.1, 0.2, 1.0]])
EXPRESSION_SD = 0.05  # what a voice expresses lies that far from what listeners rate
NEUTRAL_RADIUS = 0.15  # in the arousal–valence plane, around (.5, .5)
SYLLABLE_RATE = 4.6  # syllables per second of neutral speech


@dataclass(frozen=True)
class Script:
    """One utterance before it is spoken."""

    arousal: float  # truth, [0, 1]
    dominance: float
    valence: float
    emotion: str
    words: tuple[str, ...]
    expressed: tuple[float, float, float]  # arousal, dominance, valence of the voice, about [0, 1]
    rate: float  # syllables per second

    @property
    def truth(self) -> dict[str, float | str]:
        """The three dimensions in [0, 1], and the emotion class."""
        return {**{name: getattr(self, name) for name in DIMENSIONS}, "emotion": self.emotion}


def emotion_class(arousal: float, valence: float) -> str:
    """Name the class of a region of the arousal–valence plane (Russell 1980, the circumplex).

    Near the middle, and where calm is pleasant, lies ``neutral``.
    """
    if np.hypot(arousal - 0.5, valence - 0.5) < NEUTRAL_RADIUS:
        return "neutral"
    if arousal >= 0.5:
        return "happiness" if valence >= 0.5 else "anger"
    return "sadness" if valence < 0.5 else "neutral"


def script(speaker: Speaker, language: Language, utterance: str, seed: int) -> Script:
    """Draw what a speaker says in an utterance.

    Args:
        speaker: who speaks.
        language: gives the words.
        utterance: the utterance's name.
        seed: the corpus's seed.
    """
    rng = generator(seed, speaker.id, utterance, "script")
    latent = np.linalg.cholesky(CORRELATION) @ rng.standard_normal(3)
    truth = np.round(np.clip(0.5 + SD * latent, 0.0, 1.0), 3)
    expressed = truth + EXPRESSION_SD * rng.standard_normal(3)
    arousal, dominance, valence = (float(x) for x in truth)
    rate = SYLLABLE_RATE * speaker.tempo * 2.0 ** (0.8 * speaker.expressiveness * (expressed[0] - 0.5))
    syllables = round(float(np.clip(rng.uniform(1.05, 1.6) * rate, 4, 12)))
    return Script(
        arousal=arousal,
        dominance=dominance,
        valence=valence,
        emotion=emotion_class(arousal, valence),
        words=_words(language, syllables, valence, rng),
        expressed=(float(expressed[0]), float(expressed[1]), float(expressed[2])),
        rate=float(rate),
    )


def _words(language: Language, syllables: int, valence: float, rng: np.random.Generator) -> tuple[str, ...]:
    """Choose words until there are ``syllables``: about every second one carries sentiment."""
    pleasant = 1.0 / (1.0 + np.exp(-(valence - 0.5) / 0.06))
    words: list[str] = []
    while sum(len(word) // 2 for word in words) < syllables:
        if rng.random() < 0.55:
            vocabulary = language.positive if rng.random() < pleasant else language.negative
        else:
            vocabulary = language.neutral
        words.append(vocabulary[rng.integers(len(vocabulary))])
    return tuple(words)
