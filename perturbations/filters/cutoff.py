"""High-pass and low-pass filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import canonical, condition_id, require_within
from ..seeding import apply
from ..wave import checked

ORDER = 4.0  # of the Butterworth filter unless told otherwise
DB_PER_OCTAVE = 6  # per order; causal, so it is 3 dB down at the cut-off


def require_order(family: str, order: float) -> None:
    """Refuse an order that is no whole number from 1 to 8.

    Raises:
        ValueError: it is none.
    """
    require_within(family, "order", order, 1, 8, "times 6 dB per octave")
    if order % 1:
        raise ValueError(f"{family}: order={canonical(order)} is no whole number")


def require_below_nyquist(condition: str, hz: float, sampling_rate: int) -> None:
    """Refuse a cut-off that a sampling rate cannot hold (audiomentations would move it without a word).

    Raises:
        ValueError: the cut-off is not below half the sampling rate.
    """
    if hz >= sampling_rate / 2:
        raise ValueError(
            f"{condition}: the cut-off must lie below half the sampling rate, {sampling_rate / 2:g} Hz"
        )


def _id(family: str, hz: float, order: float) -> str:
    """The condition id, without the order where it is the usual one."""
    return condition_id(family, hz=hz, **({} if order == ORDER else {"order": order}))


def _butterworth(hz: float, order: float) -> dict[str, float]:
    """Settings of audiomentations' filters that leave nothing to chance."""
    return {
        "min_cutoff_freq": hz,
        "max_cutoff_freq": hz,
        "min_rolloff": DB_PER_OCTAVE * int(order),
        "max_rolloff": DB_PER_OCTAVE * int(order),
        "p": 1.0,
    }


@dataclass(frozen=True)
class HighPass:
    """Nothing below ``hz``: a Butterworth high-pass, 6 dB per octave and ``order``, 3 dB down at ``hz``."""

    hz: float
    order: float = ORDER

    family: ClassVar[str] = "filter.highpass"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "hz", self.hz, 20, 20000, "Hz")
        require_order(self.family, self.order)

    @property
    def id(self) -> str:
        """The condition id."""
        return _id(self.family, self.hz, self.order)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Filter float32 (samples,); the length stays, no level is made up for, the peak may exceed ±1.

        Raises:
            ValueError: the cut-off is not below half the sampling rate, or the wave is not finite.
        """
        import audiomentations

        require_below_nyquist(self.id, self.hz, sampling_rate)
        transform = audiomentations.HighPassFilter(**_butterworth(self.hz, self.order))
        return apply(transform, checked(wave), sampling_rate, rng)


@dataclass(frozen=True)
class LowPass:
    """Nothing above ``hz``: a Butterworth low-pass, 6 dB per octave and ``order``, 3 dB down at ``hz``."""

    hz: float
    order: float = ORDER

    family: ClassVar[str] = "filter.lowpass"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "hz", self.hz, 20, 20000, "Hz")
        require_order(self.family, self.order)

    @property
    def id(self) -> str:
        """The condition id."""
        return _id(self.family, self.hz, self.order)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Filter float32 (samples,); the length stays, no level is made up for, the peak may exceed ±1.

        Raises:
            ValueError: the cut-off is not below half the sampling rate, or the wave is not finite.
        """
        import audiomentations

        require_below_nyquist(self.id, self.hz, sampling_rate)
        transform = audiomentations.LowPassFilter(**_butterworth(self.hz, self.order))
        return apply(transform, checked(wave), sampling_rate, rng)
