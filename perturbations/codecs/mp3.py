"""MP3 compression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id
from ..seeding import apply
from ..wave import checked, fitted
from .line import PEAK, require_known, through

SHORTEST = 0.1  # seconds that the encoder takes
LOW = (8, 16, 24, 32, 40, 48, 56, 64)  # kbps, in every low-rate layer III
# Sampling rates in Hz with the bit rates of their layer III: ISO/IEC 11172-3, 13818-3 and MPEG-2.5
BIT_RATES: dict[int, tuple[int, ...]] = {
    **dict.fromkeys((8000, 11025, 12000), LOW),
    **dict.fromkeys((16000, 22050, 24000), (*LOW, 80, 96, 112, 128, 144, 160)),
    **dict.fromkeys((32000, 44100, 48000), (*LOW[3:], 80, 96, 112, 128, 160, 192, 224, 256, 320)),
}


@dataclass(frozen=True)
class Mp3:
    """MP3 at a constant ``kbps``, encoded by LAME and decoded again.

    The decoder gives 16 bit, so the wave is brought to a peak of −3 dBFS before and that gain undone
    behind: the severity does not depend on the level of the recording. The codec's delay is taken out,
    LAME's own scaling (−0.45 dB at low bit rates) stays.
    Where MP3 lacks the sampling rate, or this bit rate at it, the wave is coded at the next lower rate that
    has it (else the lowest), as an encoder would.
    """

    kbps: float

    family: ClassVar[str] = "mp3"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        known = sorted(set().union(*BIT_RATES.values()))
        require_known(self.family, "kbps", self.kbps, known, "MP3 bit rate")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, kbps=self.kbps)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Compress float32 (samples,); the length and the timing stay, the peak may exceed ±1.

        Raises:
            ValueError: the wave is not finite.
        """
        import audiomentations

        bit_rate = int(self.kbps)
        rate = self._coding_rate(sampling_rate)
        transform = audiomentations.Mp3Compression(
            min_bitrate=bit_rate, max_bitrate=bit_rate, backend="fast-mp3-augment", p=1.0
        )

        def coder(plain: np.ndarray) -> np.ndarray:
            padded = fitted(plain, max(len(plain), int(np.ceil(SHORTEST * rate))))
            return apply(transform, padded, rate, rng)[: len(plain)]

        return through(checked(wave), sampling_rate, rate, PEAK, coder)

    def _coding_rate(self, sampling_rate: int) -> int:
        """The sampling rate in Hz that a wave of ``sampling_rate`` Hz is coded at."""
        rates = [rate for rate, bit_rates in BIT_RATES.items() if self.kbps in bit_rates]
        return max((rate for rate in rates if rate <= sampling_rate), default=min(rates))
