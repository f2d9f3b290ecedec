"""A plug-in as somebody else would write it: one echo; and one that breaks promises."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np


@dataclass(frozen=True)
class Echo:
    """One echo, ``ms`` later, at a level drawn between −12 and −6 dB."""

    ms: float

    family: ClassVar[str] = "echo"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    @property
    def id(self):
        """The condition id."""
        return f"echo@ms={self.ms:g}"

    def __call__(self, wave, sampling_rate, rng):
        """Add the echo to float32 (samples,); the length stays."""
        delay = round(self.ms / 1000 * sampling_rate)
        if not 0 < delay < len(wave):
            raise ValueError(f"{self.id}: the utterance is shorter than the echo's delay")
        out = wave.copy()
        out[delay:] += np.float32(10 ** (rng.uniform(-12, -6) / 20)) * wave[:-delay]
        return out


@dataclass(frozen=True)
class Careless:
    """Draws from the global generator, works in place, and divides by the level."""

    family: ClassVar[str] = "careless"
    version: ClassVar[int] = 0
    label_preserving: ClassVar[bool] = True
    id: ClassVar[str] = "careless"

    def __call__(self, wave, sampling_rate, rng):
        """Do everything wrong."""
        level = np.sqrt(np.mean(wave**2))
        with np.errstate(invalid="ignore", divide="ignore"):
            wave += np.random.normal(0, 0.01, len(wave)).astype(np.float32)  # noqa: NPY002
            return wave / level
