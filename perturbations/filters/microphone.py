"""The frequency response of a small microphone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import checked
from .equaliser import equalised

RESPONSE = {  # Hz -> share of the largest deviation between 100 Hz and 7 kHz
    50: -1.6,
    100: -1.0,  # the bass rolls off: a leak behind the membrane, and a filter against wind and handling
    200: -0.5,
    400: -0.1,
    1000: 0.0,  # where sensitivities are stated
    1600: -0.3,  # what the casing reflects arrives half a period late: 11 cm
    2400: 0.1,
    4000: 0.8,  # the port and the cavity behind it resonate
    5200: 0.2,
    6300: -0.6,  # above the resonance, and the next reflection
    8000: -0.3,
    11000: 0.3,
    16000: -0.6,
}


@dataclass(frozen=True)
class Microphone:
    """Recorded by the microphone of a phone or a laptop, which strays from flat by up to ``db`` dB.

    One plausible response, not a model of a certain device: the bass rolls off by some 5 dB per octave at 10
    dB, there is a presence peak at 4 kHz where the port resonates, and dips on both sides of it. It is drawn
    through :data:`RESPONSE` over log frequency without overshoot (PCHIP), held beyond the outer points, and
    scaled so that its largest deviation from flat between 100 Hz and 7 kHz is ``db``.

    Source: up to 5 dB it lies within the mask that 3GPP TS 26.131 (clause 6.4.5, table 13) sets for
    hand-held hands-free phones: 5 dB to both sides from 200 to 5000 Hz, down to −10 dB at 6.3 kHz, no lower
    limit below 200 Hz. More lies outside it.
    """

    db: float

    family: ClassVar[str] = "microphone"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "db", self.db, 0, 20, "dB")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, db=self.db)

    def gain_db(self, hz: np.ndarray) -> np.ndarray:
        """The gain in dB at frequencies in Hz, before the level is restored."""
        from scipy.interpolate import PchipInterpolator

        points = np.log2(list(RESPONSE))
        curve = PchipInterpolator(points, list(RESPONSE.values()))
        return self.db * curve(np.clip(np.log2(np.maximum(hz, 1)), points[0], points[-1]))

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Filter float32 (samples,) with zero phase; length and timing stay.

        The RMS is restored, so that the response is not a change of level as well; the peak may exceed ±1.

        Raises:
            ValueError: the wave is not finite.
        """
        return equalised(checked(wave), sampling_rate, self.gain_db)
