"""Background sounds of a kind: a clip of the user's noise packs, or a generated one."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

import numpy as np

from ..generators.environmental import environmental
from ..generators.human import human
from ..generators.interior import interior
from ..generators.music import music
from ..generators.natural import natural
from ..material.material import NOTHING, Material
from ..wave import checked
from .draws import audible
from .mix import mixed, noise_id, require_snr

GENERATED = "generated, as no noise pack has it"


@dataclass(frozen=True)
class Background:
    """A stretch of a random clip of some categories, ``snr_db`` dB below the utterance.

    The stretch begins at random, and the clip goes round where it is short. The ratio is over the whole
    utterance also where the sound is a short one, such as a single cough, which is louder where it lands.
    ``active`` as for white noise.
    """

    snr_db: float
    active: float = 0
    material: Material = field(default=NOTHING, compare=False, repr=False)

    family: ClassVar[str]
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True
    categories: ClassVar[tuple[str, ...]]  # of clips, as material.layouts names them
    generator: ClassVar[staticmethod[[int, int, np.random.Generator], np.ndarray]]

    def __post_init__(self) -> None:
        require_snr(self.family, self.snr_db, self.active)

    @property
    def id(self) -> str:
        """The condition id."""
        return noise_id(self.family, self.snr_db, self.active)

    @property
    def source(self) -> str:
        """The packs that have such clips, or that they are generated."""
        return self.material.named(self.categories) or GENERATED

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Add the sound to float32 (samples,); the length stays, the peak may exceed ±1.

        Raises:
            ValueError: the wave is silent (there is no SNR then), or not finite; or 20 clips were silent
                in the stretch that was drawn.
        """
        wave = checked(wave)
        clips = [clip for category in self.categories for clip in self.material.clips(category)]
        sounds = [partial(clip.read, len(wave), sampling_rate) for clip in clips]
        draws = sounds or [partial(self.generator, len(wave), sampling_rate)]
        noise = audible(self.id, draws, 1, rng)[0]
        return mixed(self.id, wave, noise, sampling_rate, self.snr_db, self.active)


@dataclass(frozen=True)
class Environmental(Background):
    """Sounds of anywhere but people: nature, animals, rooms, streets, and noise of no better known kind."""

    family = "noise.environmental"
    categories = ("natural", "interior", "exterior", "animals", "environmental")
    generator = staticmethod(environmental)


@dataclass(frozen=True)
class Natural(Background):
    """Natural soundscapes, such as rain, wind, sea and birds."""

    family = "noise.natural"
    categories = ("natural",)
    generator = staticmethod(natural)


@dataclass(frozen=True)
class Human(Background):
    """Sounds of people that are not speech, such as steps, clapping, breathing and coughs."""

    family = "noise.human"
    categories = ("human", "cough", "sneeze")
    generator = staticmethod(human)


@dataclass(frozen=True)
class Interior(Background):
    """Sounds of a home or an office, such as a vacuum cleaner, a keyboard, a door."""

    family = "noise.interior"
    categories = ("interior",)
    generator = staticmethod(interior)


@dataclass(frozen=True)
class Music(Background):
    """Music in the background, such as a radio's."""

    family = "noise.music"
    categories = ("music",)
    generator = staticmethod(music)
