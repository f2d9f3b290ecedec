"""Distance of the talker from the microphone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import checked
from .convolution import reverberated
from .room import require_rt60
from .shoebox import response_at


@dataclass(frozen=True)
class Distance:
    """A talker ``m`` metres from the microphone in a synthetic room with a T30 of ``rt60`` seconds.

    It is the room of the family ``room``, with the talker on a line away from the microphone. As the level is
    restored, what distance changes is the ratio of direct to reverberant sound: the direct sound falls by
    6 dB per doubling, the reverberation hardly.
    """

    m: float
    rt60: float = 0.5

    family: ClassVar[str] = "distance"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True
    source: ClassVar[str] = "image-source room"

    def __post_init__(self) -> None:
        require_within(self.family, "m", self.m, 0.25, 4, "metres")
        require_rt60(self.family, self.rt60)

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, m=self.m, **({} if self.rt60 == 0.5 else {"rt60": self.rt60}))

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Convolve float32 (samples,) with the room; length, RMS and the direct path's place stay.

        The peak may exceed ±1.

        Raises:
            ValueError: the wave is not finite.
        """
        return reverberated(checked(wave), *response_at(self.m, self.rt60, sampling_rate))
