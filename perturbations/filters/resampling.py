"""A recording at a lower sampling rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import canonical, condition_id, require_within
from ..wave import checked, fitted


@dataclass(frozen=True)
class Resampling:
    """Down to ``hz`` and back: what a recording at ``hz`` samples per second keeps.

    soxr's filter has linear phase, keeps what lies below about 91 % of ``hz`` / 2 and nothing above it.
    """

    hz: float

    family: ClassVar[str] = "resampling"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "hz", self.hz, 1000, 48000, "Hz")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, hz=self.hz)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Resample float32 (samples,) there and back; length and timing stay, no level is made up for.

        The peak may exceed ±1.

        Raises:
            ValueError: ``hz`` is not below the sampling rate (left as it is, a wave would count as robust to
                what was never done), or the wave is not finite.
        """
        import soxr

        wave = checked(wave)
        if self.hz >= sampling_rate:
            raise ValueError(
                f"{self.id}: a wave of {sampling_rate} Hz has nothing more to lose;"
                f" {canonical(self.hz)} Hz must lie below its sampling rate"
            )
        narrow = soxr.resample(wave, sampling_rate, self.hz)
        return fitted(soxr.resample(narrow, self.hz, sampling_rate), len(wave))
