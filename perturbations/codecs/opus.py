"""Opus, the codec of Voice over IP, at the bit rates of speech."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import checked, fitted
from .libsndfile import recoded
from .line import PEAK, pcm, through
from .pyav import INSTALL, decoded, encoded, pyav

CODEC = "libopus"
RATES = (8000, 12000, 16000)  # Hz: narrow, medium and wide band
DECODED = 48000  # Hz, whatever the encoder's rate
FRAME = 0.02  # seconds
# Without the classifier of speech and music, which runs from complexity 7 on, the mode depends on the bit
# rate alone: below some 70 kbit/s it is SILK, whose sound was of the same bits on all CPU types tried. The
# sound of CELT, the other mode, differed by as much as .03 of full scale.
OPTIONS = {"application": "voip", "vbr": "off", "frame_duration": "20", "compression_level": "1"}
LOWEST, SPAN = 6.0, 250.0  # kbit/s of libsndfile's compression levels 1 and 1 to 0


def opus(line: np.ndarray, rate: int, kbps: float) -> np.ndarray:
    """Float32 (samples,) at ``rate`` Hz through Opus, its delay taken out.

    Where PyAV is absent, libsndfile's Opus stands in: its bit rate varies around ``kbps``.

    Source: RFC 6716; the delay is the pre-skip of the header, RFC 7845, section 5.1.
    """
    import soxr

    if pyav(CODEC) is None:
        return recoded(pcm(line), rate, "OGG", "OPUS", compression_level=1 - (kbps - LOWEST) / SPAN)
    frame = round(FRAME * rate)
    frames = -(-len(line) // frame) + 1  # one more for what the delay pushes behind the end
    packets, header = encoded(pcm(fitted(line, frames * frame)), CODEC, rate, round(kbps * 1000), OPTIONS)
    skip = int.from_bytes(header[10:12], "little")
    heard = soxr.resample(decoded(packets, CODEC, rate)[skip:], DECODED, rate)
    return fitted(heard, len(line))


@dataclass(frozen=True)
class Opus:
    """Wideband Opus at a constant ``kbps``, frames of 20 ms, tuned for speech (VoIP).

    Coded at the sampling rate, or the next higher of 8, 12 and 16 kHz, but at 16 kHz at most: nothing above
    8 kHz is left. So, and up to 64 kbit/s, Opus stays in its mode for speech, SILK, which can be repeated
    bit by bit on another CPU type; its other mode cannot. At the lowest bit rates the encoder narrows the
    band to 4 kHz. Complexity is 1 of 10, for speed.

    Encoded by PyAV, which the extra ``codecs`` installs. Where it is absent, libsndfile's Opus stands in at
    a variable bit rate of that mean, tuned for any sound and at complexity 10, and ``source`` says so.
    """

    kbps: float

    family: ClassVar[str] = "opus"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "kbps", self.kbps, LOWEST, 64, "kbit/s")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, kbps=self.kbps)

    @property
    def source(self) -> str:
        """The codec, or what stands in for it."""
        av = pyav(CODEC)
        if av:
            return f"libopus (PyAV {av.__version__})"
        return f"Opus of libsndfile, of variable bit rate, in place of libopus: {INSTALL}"

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Code float32 (samples,) at a peak of −3 dBFS, undone behind; length and timing stay.

        The peak may exceed ±1.

        Raises:
            ValueError: the wave is not finite.
        """
        rate = min((rate for rate in RATES if rate >= sampling_rate), default=RATES[-1])
        return through(checked(wave), sampling_rate, rate, PEAK, lambda line: opus(line, rate, self.kbps))
