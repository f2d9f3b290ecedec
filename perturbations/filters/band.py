"""A band-pass filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import canonical, condition_id, require_within
from ..wave import checked
from .cutoff import require_below_nyquist

ORDER = 4  # per edge: 24 dB per octave to both sides


@dataclass(frozen=True)
class BandPass:
    """Nothing below ``low_hz`` and above ``high_hz``: a Butterworth band-pass, 3 dB down at both edges.

    It falls by 24 dB per octave to both sides. scipy designs it: audiomentations' filter is named by centre
    and bandwidth, which it converts to mel and back.
    """

    low_hz: float
    high_hz: float

    family: ClassVar[str] = "filter.bandpass"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for name, hz in (("low_hz", self.low_hz), ("high_hz", self.high_hz)):
            require_within(self.family, name, hz, 20, 20000, "Hz")
        if self.low_hz * 1.1 > self.high_hz:
            raise ValueError(
                f"{self.family}: high_hz={canonical(self.high_hz)} must be 1.1 times"
                f" low_hz={canonical(self.low_hz)} or more"
            )

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, low_hz=self.low_hz, high_hz=self.high_hz)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Filter float32 (samples,); the length stays, no level is made up for, the peak may exceed ±1.

        The filter starts settled on the first sample, so an offset of the recording makes no click.

        Raises:
            ValueError: an edge is not below half the sampling rate, or the wave is not finite.
        """
        from scipy.signal import butter, sosfilt, sosfilt_zi

        require_below_nyquist(self.id, self.high_hz, sampling_rate)
        wave = checked(wave)
        sos = butter(ORDER, (self.low_hz, self.high_hz), "bandpass", fs=sampling_rate, output="sos")
        out, _ = sosfilt(sos, wave.astype(np.float64), zi=sosfilt_zi(sos) * np.float64(wave[0]))
        return out.astype(np.float32)
