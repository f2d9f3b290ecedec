"""A cough or a sneeze somewhere in the utterance."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

import numpy as np

from ..generators.cough import cough
from ..generators.sneeze import sneeze
from ..material.material import NOTHING, Material
from ..wave import checked
from .clips import GENERATED
from .cut import cut_burst
from .draws import Draw, audible
from .mix import mixed_burst, noise_id, require_snr


@dataclass(frozen=True)
class Burst:
    """A short sound at a random position, ``snr_db`` dB below the utterance.

    The ratio is that of the utterance's RMS to the burst's RMS over its own samples: over the whole utterance
    a short burst would be far louder than named where it lands. Of a noise pack's clip, which may hold
    silence and several bursts, the loudest one is cut out. A burst that is longer than the utterance is cut
    to its part with most energy.
    """

    snr_db: float
    material: Material = field(default=NOTHING, compare=False, repr=False)

    family: ClassVar[str]
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True
    category: ClassVar[str]  # of clips, as material.layouts names them
    generator: ClassVar[staticmethod[[int, np.random.Generator], np.ndarray]]

    def __post_init__(self) -> None:
        require_snr(self.family, self.snr_db)

    @property
    def id(self) -> str:
        """The condition id."""
        return noise_id(self.family, self.snr_db, 0)

    @property
    def source(self) -> str:
        """The packs that have such clips, or that they are generated."""
        return self.material.named([self.category]) or GENERATED

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Add the burst to float32 (samples,); the length stays, the peak may exceed ±1.

        Raises:
            ValueError: the wave is silent (there is no SNR then), or not finite; or 20 clips that were drawn
                were silent.
        """
        wave = checked(wave)
        if clips := self.material.clips(self.category):
            draws: list[Draw] = [
                partial(clip.read, max(1, round(clip.seconds * sampling_rate)), sampling_rate)
                for clip in clips
            ]
            burst = cut_burst(audible(self.id, draws, 1, rng)[0], sampling_rate)
        else:
            burst = self.generator(sampling_rate, rng)
        return mixed_burst(self.id, wave, burst, self.snr_db, rng)


@dataclass(frozen=True)
class Cough(Burst):
    """A cough at a random position of the utterance."""

    family = "noise.cough"
    category = "cough"
    generator = staticmethod(cough)


@dataclass(frozen=True)
class Sneeze(Burst):
    """A sneeze at a random position of the utterance."""

    family = "noise.sneeze"
    category = "sneeze"
    generator = staticmethod(sneeze)
