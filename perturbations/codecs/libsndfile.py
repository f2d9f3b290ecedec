"""Coding and decoding in memory by libsndfile, which comes with soundfile."""

from __future__ import annotations

import io

import numpy as np

BLOCK = 65536  # samples given to an encoder at once; libsndfile's Vorbis holds a whole block on its stack


def encoded(wave: np.ndarray, rate: int, container: str, codec: str, **options: float) -> bytes:
    """A file of int16 or float32 (samples,) at ``rate`` Hz.

    Args:
        wave: the samples.
        rate: in Hz.
        container: soundfile's name of it, such as ``"WAV"``.
        codec: soundfile's name of it, such as ``"GSM610"``.
        **options: of :class:`soundfile.SoundFile`, such as ``compression_level``.
    """
    import soundfile

    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", rate, channels=1, format=container, subtype=codec, **options
    ) as sound:
        for start in range(0, len(wave), BLOCK):
            sound.write(wave[start : start + BLOCK])
    return file.getvalue()


def recoded(wave: np.ndarray, rate: int, container: str, codec: str, **options: float) -> np.ndarray:
    """Int16 or float32 (samples,) after :func:`encoded` and decoding, float32 (samples,); the length stays.

    Codecs of whole frames fill the last one with zeros; these are cut off again. The bytes of an Ogg file
    differ in every call by their serial number, the sound does not.
    """
    import soundfile

    if len(wave) == 0:
        return np.zeros(0, np.float32)  # a file of no samples cannot always be read again
    decoded, _ = soundfile.read(io.BytesIO(encoded(wave, rate, container, codec, **options)), dtype="float32")
    return decoded[: len(wave)]
