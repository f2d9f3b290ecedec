"""Babble: several people talking at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

import numpy as np

from ..generators.talker import talker
from ..material.material import NOTHING, Material
from ..speech_level import active_rms
from ..wave import checked
from .draws import Draw, audible
from .mix import mixed, noise_id, require_snr

FEWEST_SPEAKERS = 4  # fewer voices, repeated, are no crowd
LEVELS_DB = (-20.0, -13.0)  # of a voice; Derington et al. 2023, arXiv 2312.06270


@dataclass(frozen=True)
class Babble:
    """``voices`` people talking at once, ``snr_db`` dB below the utterance.

    They are clips of speech of the noise packs; without any, other speakers of the corpus, where it has four
    or more; else generated talkers. Each is another one as far as they go. Their active speech levels (ITU-T
    P.56) are drawn from a range of 7 dB. ``active`` as for white noise.
    """

    snr_db: float
    voices: float = 6
    active: float = 0
    material: Material = field(default=NOTHING, compare=False, repr=False)

    family: ClassVar[str] = "noise.babble"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_snr(self.family, self.snr_db, self.active)
        if self.voices not in range(1, 21):
            raise ValueError(f"{self.family}: voices={self.voices:g} is not a whole number from 1 to 20")

    @property
    def id(self) -> str:
        """The condition id."""
        own = {} if self.voices == 6 else {"voices": self.voices}
        return noise_id(self.family, self.snr_db, self.active, **own)

    @property
    def source(self) -> str:
        """Whose voices they are."""
        if packs := self.material.named(["speech"]):
            return packs
        voices = self.material.voices
        if voices and len(voices.speakers) >= FEWEST_SPEAKERS:
            return f"other speakers of {voices.name}"
        return "generated talkers"

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Add babble to float32 (samples,); the length stays, the peak may exceed ±1.

        Raises:
            ValueError: the wave is silent (there is no SNR then), or not finite; or 20 of the stretches of
                speech that were drawn were silent.
        """
        wave = checked(wave)
        babble = np.zeros(len(wave))
        for voice in audible(self.id, self._talkers(len(wave), sampling_rate), int(self.voices), rng):
            level = 10 ** (rng.uniform(*LEVELS_DB) / 20)
            babble += level / active_rms(voice, sampling_rate) * voice
        return mixed(self.id, wave, babble, sampling_rate, self.snr_db, self.active)

    def _talkers(self, samples: int, sampling_rate: int) -> list[Draw]:
        """What reads ``samples`` samples of each person's speech."""
        if clips := self.material.clips("speech"):
            return [partial(clip.read, samples, sampling_rate) for clip in clips]
        voices = self.material.voices
        if voices and len(voices.speakers) >= FEWEST_SPEAKERS:
            return [partial(voices.read, speaker, samples) for speaker in voices.speakers]
        return [partial(talker, samples, sampling_rate)]
