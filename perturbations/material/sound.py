"""Sound files as arrays: the first channel, at a sampling rate, and what was decoded lately kept."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np

MAT = ".mat"  # of the Aachen impulse responses; all else is for libsndfile
SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aif", ".aiff", MAT)
SEEKABLE = (".wav", ".flac", ".aif", ".aiff")  # to the exact sample, where others land near it
KEPT = 128 * 2**20  # bytes of decoded sound that a process keeps


class Kept:
    """Decoded sounds by key, in all at most some bytes: the least recently used are dropped."""

    def __init__(self, size: int):
        self.size = size
        self._waves: OrderedDict[tuple[Path, str, int], np.ndarray] = OrderedDict()

    def __getitem__(self, key: tuple[Path, str, int]) -> np.ndarray:
        """The first channel of a file at a sampling rate, float32 (samples,), not writeable.

        Args:
            key: the file, its stamp (another one of that name is decoded anew), and the rate in Hz.

        Raises:
            ValueError: the file cannot be read.
        """
        wave = self._waves.pop(key, None)
        if wave is None:
            path, _, sampling_rate = key
            wave = resampled(*first_channel(path), sampling_rate)
            wave.flags.writeable = False  # all are handed the same array
        self._waves[key] = wave
        while self._waves and sum(w.nbytes for w in self._waves.values()) > self.size:
            self._waves.popitem(last=False)
        return wave


kept = Kept(KEPT)


def facts(path: Path) -> tuple[int, int]:
    """The number of samples per channel, and the sampling rate in Hz, from a file's header.

    Raises:
        ValueError: the file cannot be read, or is empty.
    """
    if path.suffix.lower() == MAT:
        wave, native = _aachen(path)
        return len(wave), native
    import soundfile

    try:
        info = soundfile.info(path)
    except (OSError, soundfile.SoundFileError) as error:
        raise ValueError(reason(error)) from None
    if info.frames <= 0:
        raise ValueError("it holds no samples")
    return info.frames, info.samplerate


def first_channel(
    path: Path, start: int = 0, samples: int = -1, dtype: str = "float32"
) -> tuple[np.ndarray, int]:
    """The first channel of a file or of a stretch of it, (samples,), and its sampling rate in Hz.

    Not the mean of the channels: that combs the sound of microphones apart, and cancels what is out of phase.
    The first is the left one, or the omnidirectional one of B-format.

    Raises:
        ValueError: the file cannot be read, or holds no samples or ones that are not finite.
    """
    if path.suffix.lower() == MAT:
        wave, native = _aachen(path)
    else:
        import soundfile

        try:
            channels, native = soundfile.read(path, samples, start, dtype=dtype, always_2d=True)
        except (OSError, soundfile.SoundFileError) as error:
            raise ValueError(reason(error)) from None
        wave = np.ascontiguousarray(channels[:, 0])
    if not len(wave):
        raise ValueError("it holds no samples")
    if not np.isfinite(wave).all():
        raise ValueError("it holds samples that are NaN or infinite")
    return wave, native


def resampled(wave: np.ndarray, native: int, sampling_rate: int) -> np.ndarray:
    """(samples,) at ``native`` Hz as (samples',) at ``sampling_rate`` Hz, of the same dtype, undelayed."""
    if native == sampling_rate:
        return wave
    import soxr

    return soxr.resample(wave, native, sampling_rate)


def _aachen(path: Path) -> tuple[np.ndarray, int]:
    """An impulse response of the Aachen database: ``h_air`` at ``air_info.fs`` Hz; only numbers are read."""
    from scipy.io import loadmat

    try:
        held = loadmat(path, variable_names=["h_air", "air_info"], squeeze_me=True, struct_as_record=False)
        response, native = np.asarray(held["h_air"], np.float64), int(held["air_info"].fs)
    except Exception as error:  # a damaged file raises almost anything there
        raise ValueError(f"it is no MATLAB file with h_air and air_info.fs ({reason(error)})") from None
    if response.ndim == 2:  # channels in the shorter dimension
        response = response[0] if response.shape[0] <= response.shape[1] else response[:, 0]
    if response.ndim != 1 or not len(response) or native <= 0:
        raise ValueError(f"h_air has the shape {response.shape}, and air_info.fs is {native}")
    return response, native


def reason(error: Exception) -> str:
    """What an exception says, in one line and without the machine's paths."""
    said = getattr(error, "error_string", None) or getattr(error, "strerror", None) or error
    return " ".join(str(said).split()).rstrip(".") or type(error).__name__
