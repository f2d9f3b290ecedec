"""AMR narrowband, the codec of mobile telephony since 1999."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id
from ..wave import checked
from .gsm import gsm
from .line import PEAK, pcm, require_known, through
from .pyav import INSTALL, decoded, encoded, pyav

CODEC = "libopencore_amrnb"
RATE = 8000  # Hz
FRAME = 160  # samples, 20 ms
DELAY = 40  # samples: the encoder looks 5 ms ahead
KBPS = (4.75, 5.15, 5.9, 6.7, 7.4, 7.95, 10.2, 12.2)  # the modes of 3GPP TS 26.071


def amr_source() -> str:
    """What stands for AMR-NB on this machine."""
    av = pyav(CODEC)
    return f"AMR-NB (PyAV {av.__version__})" if av else f"GSM 06.10 in place of AMR-NB: {INSTALL}"


def amr(line: np.ndarray, kbps: float) -> np.ndarray:
    """Float32 (samples,) at 8000 Hz through AMR-NB, its delay taken out; GSM 06.10 where PyAV is absent.

    The codec (OpenCORE's, from 3GPP's reference) computes with integers: the same on every CPU.

    Source: 3GPP TS 26.071 and 26.090, algebraic code-excited linear prediction.
    """
    if pyav(CODEC) is None:
        return gsm(line)
    frames = -(-(len(line) + DELAY) // FRAME)
    samples = pcm(np.pad(line, (0, frames * FRAME - len(line))))
    packets, _ = encoded(samples, CODEC, RATE, round(kbps * 1000), {})
    return decoded(packets, CODEC, RATE)[DELAY : DELAY + len(line)]


@dataclass(frozen=True)
class Amr:
    """AMR narrowband at 8 kHz and a constant ``kbps``.

    Encoded by PyAV, which the extra ``codecs`` installs. Where it is absent, GSM 06.10 stands in, whatever
    the bit rate, and ``source`` says so.
    """

    kbps: float

    family: ClassVar[str] = "amr"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_known(self.family, "kbps", self.kbps, KBPS, "bit rate of AMR-NB")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, kbps=self.kbps)

    @property
    def source(self) -> str:
        """The codec, or what stands in for it."""
        return amr_source()

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Code float32 (samples,) at a peak of −3 dBFS, undone behind; length and timing stay.

        The peak may exceed ±1.

        Raises:
            ValueError: the wave is not finite.
        """
        return through(checked(wave), sampling_rate, RATE, PEAK, lambda line: amr(line, self.kbps))
