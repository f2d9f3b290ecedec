"""High-pass and low-pass filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .condition import condition_id, require_within
from .seeding import apply
from .wave import checked

DB_PER_OCTAVE = 24  # Butterworth of order 4; causal, so it is 3 dB down at the cut-off


def require_below_nyquist(condition: str, hz: float, sampling_rate: int) -> None:
    """Refuse a cut-off that a sampling rate cannot hold (audiomentations would move it without a word).

    Raises:
        ValueError: the cut-off is not below half the sampling rate.
    """
    if hz >= sampling_rate / 2:
        raise ValueError(
            f"{condition}: the cut-off must lie below half the sampling rate, {sampling_rate / 2:g} Hz"
        )


def _butterworth(hz: float) -> dict[str, float]:
    """Settings of audiomentations' filters that leave nothing to chance."""
    return {
        "min_cutoff_freq": hz,
        "max_cutoff_freq": hz,
        "min_rolloff": DB_PER_OCTAVE,
        "max_rolloff": DB_PER_OCTAVE,
        "p": 1.0,
    }


@dataclass(frozen=True)
class HighPass:
    """Nothing below ``hz``: a Butterworth high-pass, 24 dB per octave, 3 dB down at ``hz``."""

    hz: float

    family: ClassVar[str] = "filter.highpass"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "hz", self.hz, 20, 20000, "Hz")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, hz=self.hz)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Filter float32 (samples,); the length stays, no level is made up for, the peak may exceed ±1.

        Raises:
            ValueError: the cut-off is not below half the sampling rate, or the wave is not finite.
        """
        import audiomentations

        require_below_nyquist(self.id, self.hz, sampling_rate)
        transform = audiomentations.HighPassFilter(**_butterworth(self.hz))
        return apply(transform, checked(wave), sampling_rate, rng)


@dataclass(frozen=True)
class LowPass:
    """Nothing above ``hz``: a Butterworth low-pass, 24 dB per octave, 3 dB down at ``hz``."""

    hz: float

    family: ClassVar[str] = "filter.lowpass"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "hz", self.hz, 20, 20000, "Hz")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, hz=self.hz)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Filter float32 (samples,); the length stays, no level is made up for, the peak may exceed ±1.

        Raises:
            ValueError: the cut-off is not below half the sampling rate, or the wave is not finite.
        """
        import audiomentations

        require_below_nyquist(self.id, self.hz, sampling_rate)
        transform = audiomentations.LowPassFilter(**_butterworth(self.hz))
        return apply(transform, checked(wave), sampling_rate, rng)
