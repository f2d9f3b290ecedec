"""A fixed-line telephone: band-pass, 8 kHz, G.711 µ-law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id
from ..seeding import apply
from ..wave import checked, fitted
from .companding import RATE, g711
from .line import PEAK, at_peak

BAND = (300.0, 3400.0)  # Hz, where the band-pass is 3 dB down; the voice band of ITU-T G.712
DB_PER_OCTAVE = 48  # 32 dB down at 200 Hz: most fundamentals are gone, as on a line


@dataclass(frozen=True)
class Telephone:
    """Speech over a telephone line: 300–3400 Hz, 8 kHz, G.711 µ-law, and back to the sampling rate.

    A line has gain control, so the band-passed wave is brought to a peak of −3 dBFS before the codec, and
    that gain is undone behind it: the level of what lies in the band stays, and a soft recording is not
    quantised away. Without it, the same codec would be a different severity for each corpus.
    """

    family: ClassVar[str] = "telephone"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Pass float32 (samples,) at 8000 Hz or more through the line; the length stays.

        Raises:
            ValueError: the sampling rate is below 8000 Hz, or the wave is not finite.
        """
        import audiomentations
        import soxr

        if sampling_rate < RATE:
            raise ValueError(f"telephone takes waves of {RATE} Hz or more, not of {sampling_rate} Hz")
        wave = checked(wave)
        low, high = BAND
        centre = (low + high) / 2
        transform = audiomentations.BandPassFilter(
            min_center_freq=centre,
            max_center_freq=centre,
            min_bandwidth_fraction=(high - low) / centre,
            max_bandwidth_fraction=(high - low) / centre,
            min_rolloff=DB_PER_OCTAVE,
            max_rolloff=DB_PER_OCTAVE,
            p=1.0,
        )

        def codec(line: np.ndarray) -> np.ndarray:
            return soxr.resample(g711(line, "mulaw"), RATE, sampling_rate)

        line = soxr.resample(apply(transform, wave, sampling_rate, rng), sampling_rate, RATE)
        return fitted(at_peak(line, PEAK, codec), len(wave))
