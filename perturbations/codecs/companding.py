"""G.711, the 8-bit companding of fixed lines and of Voice over IP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import checked
from .libsndfile import recoded
from .line import pcm, through

RATE = 8000  # Hz
LAWS = {"mulaw": "ULAW", "alaw": "ALAW"}  # libsndfile's names


def g711(wave: np.ndarray, law: str) -> np.ndarray:
    """A wave at 8000 Hz through a G.711 coder and decoder, float32 (samples,).

    Source: ITU-T G.711 (1988): 255 levels (µ-law) or 256 (A-law), companded in 8 segments per sign.

    Args:
        wave: int16 (samples,), or float32 within ±1. Of int16 libsndfile drops the bits that the law has no
            use for, as the Recommendation does. Floats it rounds to them first: their decision values lie
            half a step of 14 bits (µ-law) or 13 bits (A-law) too low, which A-law hears at soft levels.
        law: ``"mulaw"`` or ``"alaw"``.

    Raises:
        ValueError: the wave exceeds ±1 (libsndfile would wrap it around), or holds a NaN.
    """
    peak = 0 if wave.dtype == np.int16 else np.abs(wave).max(initial=0)
    if not peak <= 1:  # nor a NaN, which libsndfile would look up outside its table
        raise ValueError(f"G.711 takes a wave within ±1; the peak is {peak:.3f}")
    return recoded(wave, RATE, "WAV", LAWS[law])


def _companded(wave: np.ndarray, sampling_rate: int, law: str, level_db: float) -> np.ndarray:
    """A wave by way of 8000 Hz, its peak at ``level_db`` dBFS there, through :func:`g711`."""
    return through(checked(wave), sampling_rate, RATE, level_db, lambda line: g711(pcm(line), law))


@dataclass(frozen=True)
class MuLaw:
    """G.711 µ-law at 8 kHz, of a talker whose peak is at ``level_db`` dBFS.

    From about −30 dBFS down the steps stop shrinking with the speech, so a soft talker meets steps that are
    coarser for him: 6 dB of level are then 6 dB of noise. The wave is brought to that level before the
    coder and its gain undone behind it, so that the level of the recording itself plays no part.
    """

    level_db: float

    family: ClassVar[str] = "mulaw"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "level_db", self.level_db, -60, 0, "dBFS")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, level_db=self.level_db)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Compand float32 (samples,); length, timing and level stay, the peak may exceed ±1.

        Raises:
            ValueError: the wave is not finite.
        """
        return _companded(wave, sampling_rate, self.family, self.level_db)


@dataclass(frozen=True)
class ALaw:
    """G.711 A-law at 8 kHz, of a talker whose peak is at ``level_db`` dBFS.

    A-law has no level at zero: silence comes out as half a step, −72 dBFS.
    """

    level_db: float

    family: ClassVar[str] = "alaw"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "level_db", self.level_db, -60, 0, "dBFS")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, level_db=self.level_db)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Compand float32 (samples,); length, timing and level stay, the peak may exceed ±1.

        Raises:
            ValueError: the wave is not finite.
        """
        return _companded(wave, sampling_rate, self.family, self.level_db)
