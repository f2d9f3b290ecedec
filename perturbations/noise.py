"""Additive noise at a signal-to-noise ratio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .condition import condition_id, require_within
from .wave import SILENCE, checked, rms


@dataclass(frozen=True)
class WhiteNoise:
    """White Gaussian noise, ``snr_db`` dB below the utterance.

    The ratio is that of the mean squares over the whole utterance, pauses included, and it is realised
    exactly: the drawn noise is scaled by its own power. That is why audiomentations' AddGaussianSNR is not
    used: it scales by the expected power, and the realised SNR then strays by 4.3 √(2 / samples) dB, which
    is .05 dB (standard deviation) on one second at 16 kHz.
    """

    snr_db: float

    family: ClassVar[str] = "noise.white"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "snr_db", self.snr_db, -20, 60, "dB")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, snr_db=self.snr_db)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Add noise to float32 (samples,); the length stays, the peak may exceed ±1.

        Raises:
            ValueError: the wave is silent (there is no SNR then), or not finite.
        """
        wave = checked(wave)
        level = rms(wave)
        if level < SILENCE:
            raise ValueError(f"{self.id}: the utterance is silent, and silence has no SNR")
        noise = rng.standard_normal(len(wave))
        noise *= level * 10 ** (-self.snr_db / 20) / rms(noise)
        return (wave + noise).astype(np.float32)
