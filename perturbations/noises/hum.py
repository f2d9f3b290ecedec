"""Mains hum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import require_within
from ..wave import checked
from .mix import mixed, noise_id, require_snr

TOLERANCE = 0.01  # EN 50160: 50 Hz ± 1 % (49.5 to 50.5 Hz) during 99.5 % of a year
HIGHEST_HZ = 1000  # of the harmonics; the next one would lie 26 dB and more below the fundamental


@dataclass(frozen=True)
class Hum:
    """Hum of the mains and all its harmonics to 1 kHz, ``snr_db`` dB below the utterance.

    The amplitude of the k-th harmonic is 1/k of the fundamental's, −6 dB per octave, as of a sawtooth: the
    spectrum of rectifiers' currents, even harmonics (100 Hz) from full-wave ripple, odd ones from saturated
    transformers. Phases are random, and so is the frequency, within 1 % of ``hz``, the grid's tolerance.
    ``active`` as for white noise.
    """

    snr_db: float
    hz: float = 50
    active: float = 0

    family: ClassVar[str] = "noise.hum"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_snr(self.family, self.snr_db, self.active)
        require_within(self.family, "hz", self.hz, 45, 65, "Hz")

    @property
    def id(self) -> str:
        """The condition id."""
        return noise_id(self.family, self.snr_db, self.active, **({} if self.hz == 50 else {"hz": self.hz}))

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Add hum to float32 (samples,); the length stays, the peak may exceed ±1.

        Raises:
            ValueError: the wave is silent (there is no SNR then), or not finite.
        """
        wave = checked(wave)
        hz = self.hz * rng.uniform(1 - TOLERANCE, 1 + TOLERANCE)
        harmonics = np.arange(1, int(min(HIGHEST_HZ, sampling_rate / 2) / hz) + 1)
        phases = rng.uniform(0, 2 * np.pi, len(harmonics))
        # harmonics are the powers of one rotation, and Horner's rule is quicker than as many sines
        rotation = np.exp(2j * np.pi * hz / sampling_rate * np.arange(len(wave)))
        noise = np.zeros(len(wave), np.complex128)
        for coefficient in (np.exp(1j * phases) / harmonics)[::-1]:
            noise += coefficient
            noise *= rotation
        return mixed(self.id, wave, noise.real, sampling_rate, self.snr_db, self.active)
