"""GSM 06.10, the full-rate codec of the first mobile phones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id
from ..wave import checked
from .libsndfile import recoded
from .line import PEAK, pcm, require_known, through

RATE = 8000  # Hz
PASSES = (1, 2, 3, 4, 5)


def gsm(line: np.ndarray, passes: int = 1) -> np.ndarray:
    """Float32 (samples,) at 8000 Hz through GSM 06.10 at 13 kbit/s, ``passes`` times.

    It has no look-ahead, so no delay. Its arithmetic is of integers: the same on every CPU.

    Source: ETSI EN 300 961 (GSM 06.10), regular pulse excitation with long-term prediction.
    """
    for _ in range(passes):
        line = recoded(pcm(line), RATE, "WAV", "GSM610")
    return line


@dataclass(frozen=True)
class Gsm:
    """GSM 06.10 full rate at 8 kHz and 13 kbit/s, ``passes`` codings in tandem.

    Each call between two mobile phones of the time was coded twice, and once more for each relay. Digital
    silence comes out as idle noise: −66 dBFS after one coding, −48 dBFS after five.
    """

    passes: float

    family: ClassVar[str] = "gsm"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_known(self.family, "passes", self.passes, PASSES, "number of codings in tandem")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, passes=self.passes)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Code float32 (samples,) at a peak of −3 dBFS, undone behind; length and timing stay.

        The peak may exceed ±1.

        Raises:
            ValueError: the wave is not finite.
        """
        passes = int(self.passes)
        return through(checked(wave), sampling_rate, RATE, PEAK, lambda line: gsm(line, passes))
