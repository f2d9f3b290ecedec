"""Few bits per sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import canonical, condition_id, require_within
from ..wave import checked, peak_gain

PEAK = -3.0  # dBFS, of a recording that was levelled with some care


@dataclass(frozen=True)
class BitDepth:
    """Linear PCM of ``bits`` bits per sample, its peak at −3 dBFS.

    Uniform and mid-tread: 2^bits levels, one of them 0, so what is softer than half a step becomes digital
    silence. No dither: cheap recorders have none, its lack is the severe case, and with it the error would be
    a faint white noise, which noise.white is already.

    Source: the signal-to-quantisation-noise ratio grows by 20 log10(2) = 6.02 dB per bit (Bennett 1948).
    """

    bits: float

    family: ClassVar[str] = "bits"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "bits", self.bits, 2, 24, "bits")
        if self.bits % 1:
            raise ValueError(f"{self.family}: bits={canonical(self.bits)} is no whole number")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, bits=self.bits)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Quantise float32 (samples,); the length stays, no sample moves by more than half a step.

        The peak is brought to −3 dBFS before, and that gain is undone behind. Silence stays silence.

        Raises:
            ValueError: the wave is not finite.
        """
        wave = checked(wave)
        scale = peak_gain(wave, PEAK) * 2 ** (self.bits - 1)  # steps per full scale of the wave
        return (np.rint(wave * np.float64(scale)) / scale).astype(np.float32)
