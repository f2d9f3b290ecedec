"""Packets lost on a network, and what a receiver fills the gaps with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import checked
from .concealment import continued

PACKET = 0.02  # seconds, the packet of most voice codecs
OVERLAP = 0.004  # seconds in which what fills a gap passes into what arrives behind it


def borders(samples: int, sampling_rate: int) -> np.ndarray:
    """Where the packets of a wave begin and the last one ends, int64 (packets + 1,); it may be short."""
    packets = int(np.ceil(samples / (PACKET * sampling_rate)))
    begin = np.rint(np.arange(packets) * PACKET * sampling_rate).astype(np.int64)
    return np.append(begin, samples)


@dataclass(frozen=True)
class PacketLoss:
    """``percent`` % of the 20 ms packets lost, each as likely, and concealed as a receiver does.

    The share is exact to a packet: ``percent`` % of their number, rounded (half to even), drawn without
    replacement. So 3 s are 150 packets and lose 8 at 5 %, and an utterance of few packets may lose none.
    A gap is filled by :func:`~.concealment.continued`, which passes into what arrives within 4 ms; all other
    samples stay as they are.
    """

    percent: float

    family: ClassVar[str] = "packetloss"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "percent", self.percent, 0, 50, "% of the packets")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, percent=self.percent)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Lose packets of float32 (samples,); length and timing stay, the peak does not grow.

        Raises:
            ValueError: the wave is not finite.
        """
        heard = checked(wave).copy()
        border = borders(len(heard), sampling_rate)
        packets = len(border) - 1
        lost = np.zeros(packets + 2, dtype=np.int8)  # with one that arrives before and behind them
        lost[1 + rng.permutation(packets)[: round(self.percent * packets / 100)]] = 1
        gaps = np.flatnonzero(np.diff(lost)).reshape(-1, 2)  # first packet lost, first that arrives again
        overlap = round(OVERLAP * sampling_rate)
        for start, stop in border[gaps]:
            behind = heard[stop : stop + overlap]  # a view; shorter, or empty, at the end
            filled = continued(heard[:start], stop - start + len(behind), sampling_rate)
            heard[start:stop] = filled[: stop - start]
            behind += (filled[stop - start :] - behind) * np.linspace(1, 0, overlap + 2)[1 : len(behind) + 1]
        return heard
