"""Digital silence before or behind an utterance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..wave import checked
from .milliseconds import Milliseconds


@dataclass(frozen=True)
class PadStart(Milliseconds):
    """``ms`` milliseconds of zeros before the utterance."""

    family = "padding.start"

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Lengthen float32 (samples,) by ``ms``, to the nearest sample; the samples stay as they are.

        Raises:
            ValueError: the wave is not finite.
        """
        return np.pad(checked(wave), (self.samples(sampling_rate), 0))


@dataclass(frozen=True)
class PadEnd(Milliseconds):
    """``ms`` milliseconds of zeros behind the utterance."""

    family = "padding.end"

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Lengthen float32 (samples,) by ``ms``, to the nearest sample; the samples stay as they are.

        Raises:
            ValueError: the wave is not finite.
        """
        return np.pad(checked(wave), (0, self.samples(sampling_rate)))
