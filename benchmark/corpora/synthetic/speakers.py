"""Speakers: a vocal tract, a pitch and habits of their own, drawn from their names.

Scored speakers are called ``aru_s01``, speakers of the training pool ``aru_t001``: two names never share
a draw, and no scored corpus holds a speaker of the training pool.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .lexicon import Language
from .randomness import generator

REFERENCE_TRACT = 17.0  # cm; the lexicon's formants hold for it

# Mean and sd over speakers, round figures for adults: women's formants then lie 17 % above men's, as in
# Peterson & Barney 1952, and their pitch three quarters of an octave above.
TRACT = {"female": (14.5, 0.5), "male": (17.0, 0.6)}  # cm
PITCH = {"female": (200.0, 1.6), "male": (115.0, 1.8)}  # Hz, semitones


@dataclass(frozen=True)
class Speaker:
    """What stays the same over a speaker's utterances."""

    id: str
    language: str
    sex: str  # "female" or "male"
    age: int  # years
    tract: float  # cm, vocal-tract length
    f0: float  # Hz, of neutral speech
    tempo: float  # multiplies the syllable rate
    expressiveness: float  # multiplies what emotion does to the voice
    level: float  # dB above the common level
    breath: float  # amplitude of aspiration relative to the glottal flow
    floor: float  # dB below speech, noise floor of the speaker's recording

    @property
    def formant_scale(self) -> float:
        """Formants relative to a tract of 17 cm: inversely proportional to the length of the tube."""
        return REFERENCE_TRACT / self.tract


def speaker(identity: str, language: Language, sex: str, seed: int) -> Speaker:
    """Draw a speaker, the same one for the same name and seed.

    Args:
        identity: the speaker's name, such as ``aru_s01``.
        language: what the speaker speaks.
        sex: ``female`` or ``male``.
        seed: the corpus's seed.
    """
    rng = generator(seed, identity, "speaker")
    tract, tract_sd = TRACT[sex]
    pitch, pitch_sd = PITCH[sex]
    z = 2.5 * np.tanh(rng.standard_normal(8) / 2.0)  # about a normal draw, but none beyond 2.5
    return Speaker(
        id=identity,
        language=language.name,
        sex=sex,
        age=int(rng.integers(19, 76)),
        tract=float(tract + tract_sd * z[0]),
        f0=float(pitch * 2.0 ** (pitch_sd * z[1] / 12.0)),
        tempo=float(2.0 ** (0.08 * z[2])),
        expressiveness=float(1.0 + 0.12 * z[3]),
        level=float(1.5 * z[4]),
        breath=float((0.012 if sex == "female" else 0.006) * 2.0 ** (0.5 * z[5])),
        floor=float(55.0 + 2.0 * z[6]),
    )


def scored_speakers(language: Language, count: int, seed: int) -> list[Speaker]:
    """Draw the speakers of a scored corpus: women and men in turn, ``aru_s01`` being a woman."""
    return [
        speaker(f"{language.name}_s{i:02d}", language, "female" if i % 2 else "male", seed)
        for i in range(1, count + 1)
    ]


def training_speakers(language: Language, count: int, women: float, seed: int) -> list[Speaker]:
    """Draw speakers of the training pool, ``aru_t001`` and on, evenly mixed.

    Args:
        language: what they speak.
        count: how many.
        women: their share among the speakers, in [0, 1].
        seed: the pool's seed.
    """
    return [
        speaker(
            f"{language.name}_t{i:03d}",
            language,
            "female" if int(i * women) > int((i - 1) * women) else "male",
            seed,
        )
        for i in range(1, count + 1)
    ]
