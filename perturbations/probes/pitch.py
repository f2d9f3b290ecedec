"""A higher or lower voice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..timing.stretch import stretched
from ..wave import checked
from .envelope import exchanged


@dataclass(frozen=True)
class Pitch:
    """The voice ``semitones`` higher, its formants and the duration kept.

    Transposing alone would move the formants along: that is what the formants probe is for, and so pitch,
    tempo and formants each change one thing. F0 is a cue of arousal: this may change what a listener hears.
    """

    semitones: float

    family: ClassVar[str] = "pitch"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = False

    def __post_init__(self) -> None:
        require_within(self.family, "semitones", self.semitones, -12, 12, "semitones")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, semitones=self.semitones)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Transpose float32 (samples,); length and RMS stay, the peak may exceed ±1.

        The RMS is made up for by 12 dB at most: of what is moved out of the band, next to nothing is left.

        Raises:
            ValueError: the wave is not finite.
        """
        wave = checked(wave)
        if self.semitones == 0:
            return wave.copy()
        transposed = stretched(wave, sampling_rate, rng, semitones=self.semitones)
        return exchanged(transposed, wave, sampling_rate).astype(np.float32)
