"""Coding and decoding by FFmpeg's libraries, which come with PyAV: the optional extra ``codecs``.

Packets go from the encoder straight to the decoder. There is no container, whose header and trailer would
cost time, and whose edit lists decide on delays.
"""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np

from .line import STEPS

INSTALL = "pip install 'ser-audit[codecs]'"


def pyav(codec: str) -> ModuleType | None:
    """PyAV, if it is installed and its FFmpeg encodes ``codec``; else None."""
    try:
        import av

        av.Codec(codec, "w")
    except (ImportError, ValueError):  # PyAV's error for an unknown codec is a ValueError
        return None
    return av


def encoded(
    samples: np.ndarray, codec: str, rate: int, bit_rate: int, options: dict[str, str]
) -> tuple[list[Any], bytes]:
    """The packets of int16 (samples,) at ``rate`` Hz, and the codec's header where it has one.

    The encoder is opened anew, so no state outlives a call. It runs in one thread.

    Args:
        samples: whole frames of the codec.
        codec: FFmpeg's name of the encoder.
        rate: in Hz.
        bit_rate: in bit/s.
        options: of the encoder, by FFmpeg's names.
    """
    import av

    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.sample_rate, encoder.layout, encoder.format = rate, "mono", "s16"
    encoder.bit_rate, encoder.thread_count, encoder.options = bit_rate, 1, options
    encoder.time_base = Fraction(1, rate)
    frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
    frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return packets, bytes(encoder.extradata or b"")


def decoded(packets: list[Any], codec: str, rate: int) -> np.ndarray:
    """The sound of packets, float32 (samples,), the codec's delay still in front of it.

    Args:
        packets: of :func:`encoded`.
        codec: FFmpeg's name of the decoder.
        rate: of the encoder in Hz; the decoder has its own, if the codec has one.
    """
    import av

    decoder: Any = av.CodecContext.create(codec, "r")
    decoder.sample_rate, decoder.layout, decoder.thread_count = rate, "mono", 1
    frames = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]) / np.float32(STEPS)
