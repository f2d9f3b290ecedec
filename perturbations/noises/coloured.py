"""White and pink noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..generators.coloured import coloured
from ..wave import checked
from .mix import mixed, noise_id, require_snr


@dataclass(frozen=True)
class WhiteNoise:
    """White Gaussian noise, ``snr_db`` dB below the utterance.

    With ``active=0`` the ratio is that of the mean squares over the whole utterance, pauses included; with
    ``active=1`` the utterance's active speech level (ITU-T P.56) takes the place of its mean square. Either
    is realised exactly: the drawn noise is scaled by its own power. That is why audiomentations'
    AddGaussianSNR is not used: it scales by the expected power, and the realised SNR then strays by
    4.3 √(2 / samples) dB, which is .05 dB (standard deviation) on one second at 16 kHz.
    """

    snr_db: float
    active: float = 0

    family: ClassVar[str] = "noise.white"
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
            ValueError: the wave is silent (there is no SNR then), or not finite.
        """
        wave = checked(wave)
        noise = rng.standard_normal(len(wave))
        return mixed(self.id, wave, noise, sampling_rate, self.snr_db, self.active)


@dataclass(frozen=True)
class PinkNoise:
    """Pink Gaussian noise, −3.01 dB per octave from 20 Hz up, ``snr_db`` dB below the utterance.

    Below, its spectrum is flat: each octave of pink noise holds as much power, and in a long file most of
    it would be inaudible. It is drawn as a spectrum, which makes the slope exact at every length and
    sampling rate. audiomentations' AddColorNoise is not used: it shapes with an impulse response of 128
    points, so that its octaves differ by 13 dB in power between 31 Hz and 8 kHz.
    ``active`` as for white noise.
    """

    snr_db: float
    active: float = 0

    family: ClassVar[str] = "noise.pink"
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
            ValueError: the wave is silent (there is no SNR then), or not finite.
        """
        wave = checked(wave)
        noise = coloured(len(wave), 1, sampling_rate, rng)
        return mixed(self.id, wave, noise, sampling_rate, self.snr_db, self.active)
