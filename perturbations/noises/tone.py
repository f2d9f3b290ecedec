"""A faint tone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import SILENCE, checked


@dataclass(frozen=True)
class Tone:
    """A sine of ``hz`` Hz and random phase, its peak ``peak_snr_db`` dB below the utterance's peak."""

    hz: float
    peak_snr_db: float

    family: ClassVar[str] = "noise.tone"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "hz", self.hz, 20, 20000, "Hz")
        require_within(self.family, "peak_snr_db", self.peak_snr_db, -20, 80, "dB")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, hz=self.hz, peak_snr_db=self.peak_snr_db)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Add the tone to float32 (samples,); the length stays, the peak may exceed ±1.

        Raises:
            ValueError: the wave is silent (there is no ratio then) or not finite, or half its sampling rate
                is not above ``hz``.
        """
        wave = checked(wave)
        if self.hz >= sampling_rate / 2:
            raise ValueError(
                f"{self.id}: no tone of {self.hz:g} Hz at a sampling rate of {sampling_rate} Hz;"
                f" it takes frequencies below {sampling_rate / 2:g} Hz"
            )
        peak = float(np.abs(wave).max())
        if peak < SILENCE:
            raise ValueError(f"{self.id}: the utterance is silent, and silence has no SNR")
        angles = 2 * np.pi * self.hz / sampling_rate * np.arange(len(wave)) + rng.uniform(0, 2 * np.pi)
        return (wave + peak * 10 ** (-self.peak_snr_db / 20) * np.sin(angles)).astype(np.float32)
