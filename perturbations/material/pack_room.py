"""Reverberation of a room of a user's noise pack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from ..condition import condition_id
from ..rooms.convolution import reverberated
from ..wave import checked
from .clip import Clip


@dataclass(frozen=True)
class PackRoom:
    """An impulse response of a noise pack, drawn for each utterance, every one as likely."""

    family: str = field(kw_only=True)
    source: str = field(kw_only=True, compare=False)
    clips: tuple[Clip, ...] = field(kw_only=True, compare=False, repr=False)

    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Convolve float32 (samples,) with a room; length, RMS and the direct path's place stay.

        The peak may exceed ±1.

        Raises:
            ValueError: the wave is not finite.
            ClipError: the impulse response cannot be read, or has changed.
        """
        wave = checked(wave)
        clip = self.clips[int(rng.integers(len(self.clips)))]
        return reverberated(wave, *clip.response(sampling_rate))
