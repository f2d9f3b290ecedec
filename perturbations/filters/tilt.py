"""A spectral tilt: a brighter or a duller recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import checked
from .equaliser import equalised

PIVOT = 1000.0  # Hz
LOWEST = 100.0  # Hz; flat below, where speech has little but rumble


@dataclass(frozen=True)
class Tilt:
    """The spectrum rises or falls by ``db_per_octave`` dB per octave.

    The gain is a straight line in dB over log frequency, 0 dB at 1 kHz, from 100 Hz to half the sampling
    rate; below 100 Hz it stays what it is there.
    """

    db_per_octave: float

    family: ClassVar[str] = "filter.tilt"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "db_per_octave", self.db_per_octave, -12, 12, "dB per octave")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, db_per_octave=self.db_per_octave)

    def gain_db(self, hz: np.ndarray) -> np.ndarray:
        """The gain in dB at frequencies in Hz, before the level is restored."""
        return self.db_per_octave * np.log2(np.maximum(hz, LOWEST) / PIVOT)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Tilt float32 (samples,) by a filter of zero phase; length and timing stay.

        The RMS is restored, so that the tilt is not a change of level as well; the peak may exceed ±1.

        Raises:
            ValueError: the wave is not finite.
        """
        return equalised(checked(wave), sampling_rate, self.gain_db)
