"""Vorbis compression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import checked
from .libsndfile import recoded
from .line import PEAK, at_peak, pcm


@dataclass(frozen=True)
class Vorbis:
    """Ogg Vorbis at a variable bit rate, ``quality`` 0 to 1 (the best), coded at the sampling rate itself.

    For 16 kHz speech, 0 is about 30 kbit/s and 1 about 75 kbit/s.
    """

    quality: float

    family: ClassVar[str] = "vorbis"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "quality", self.quality, 0, 1, "(1 is the best)")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, quality=self.quality)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Code float32 (samples,) at a peak of −3 dBFS, undone behind; length and timing stay.

        The peak may exceed ±1.

        Raises:
            ValueError: the wave is not finite.
        """

        def coder(plain: np.ndarray) -> np.ndarray:
            return recoded(pcm(plain), sampling_rate, "OGG", "VORBIS", compression_level=1 - self.quality)

        return at_peak(checked(wave), PEAK, coder)
