"""An utterance that begins later in its file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..condition import canonical
from ..wave import checked
from .milliseconds import Milliseconds


@dataclass(frozen=True)
class Shift(Milliseconds):
    """The utterance ``ms`` milliseconds later, in a file of the same length."""

    family = "shift"

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Shift float32 (samples,) by ``ms``, to the nearest sample; the length stays.

        Zeros stand before, and what is moved beyond the end is cut.

        Raises:
            ValueError: nothing of the wave would be left, or it is not finite.
        """
        wave = checked(wave)
        samples = self.samples(sampling_rate)
        if samples >= len(wave):
            raise ValueError(
                f"{self.id}: the utterance, {1000 * len(wave) / sampling_rate:g} ms, is no longer than"
                f" {canonical(self.ms)} ms: nothing of it would be left"
            )
        return np.pad(wave[: len(wave) - samples], (samples, 0))
