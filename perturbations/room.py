"""Reverberation of a room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .condition import condition_id, require_within
from .shoebox import response
from .wave import checked, rms


@dataclass(frozen=True)
class Room:
    """A talker 1.5 m from the microphone in a synthetic room with a reverberation time of ``rt60`` seconds.

    The same geometry for every severity (see ``shoebox``); only the walls differ. The response is built once
    per process, reverberation time and sampling rate. audiomentations' ApplyImpulseResponse is not used: it
    takes files only, delays by the direct path and sets the peak to −6 dBFS whatever the input's level.
    """

    rt60: float

    family: ClassVar[str] = "room"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "rt60", self.rt60, 0.2, 1, "seconds")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, rt60=self.rt60)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Convolve float32 (samples,) with the room; the length stays, the tail behind it is cut.

        The direct path stays where it was, to the nearest sample. The RMS is restored, so that reverberation
        is not a change of level as well; the peak may exceed ±1.

        Raises:
            ValueError: the wave is not finite.
        """
        from scipy.signal import fftconvolve

        wave = checked(wave)
        taps, direct = response(self.rt60, sampling_rate)
        wet = fftconvolve(wave, taps)[direct : direct + len(wave)]
        level = rms(wet)
        return (wet * (rms(wave) / level if level > 0 else 1.0)).astype(np.float32)
