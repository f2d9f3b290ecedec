"""Noise from a user's noise pack."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

import numpy as np

from ..noises.draws import audible
from ..noises.mix import mixed, noise_id, require_snr
from ..wave import checked
from .clip import Clip


@dataclass(frozen=True)
class PackNoise:
    """A stretch of a clip of a noise pack, ``snr_db`` dB below the utterance.

    Every clip is as likely, however long, and begins anywhere. The SNR is over the whole utterance, or over
    active speech (``active=1``). Where a stretch is silent, another clip is drawn.
    """

    snr_db: float
    active: float = 0
    family: str = field(kw_only=True)
    source: str = field(kw_only=True, compare=False)
    clips: tuple[Clip, ...] = field(kw_only=True, compare=False, repr=False)

    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_snr(self.family, self.snr_db, self.active)

    @property
    def id(self) -> str:
        """The condition id."""
        return noise_id(self.family, self.snr_db, self.active)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Add noise to float32 (samples,); the length stays, the peak may exceed ±1.

        Raises:
            ValueError: the wave is silent (there is no SNR then) or not finite, a clip cannot be read, or
                20 stretches are silent.
        """
        wave = checked(wave)
        stretches = [partial(clip.read, len(wave), sampling_rate) for clip in self.clips]
        noise = audible(self.id, stretches, 1, rng)[0]
        return mixed(self.id, wave, noise, sampling_rate, self.snr_db, self.active)
