"""Decoding: from an audio file, or a segment of one, to a mono wave at the checkpoint's sampling rate."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..corpus import AudioError

if TYPE_CHECKING:
    import soundfile

    from ..corpus import Utterance

MINIMUM_SECONDS = 0.05
"""Shorter audio is ``too_short``: it holds no phone, and codecs and the 25 ms receptive field of
wav2vec 2.0's encoder fail on it."""

_LARGEST = 1 << 29  # samples of all channels in one utterance: 2 GiB, 9 h of mono at 16 kHz
_STREAMED_WAV = 0x7FFF0000  # bytes; writers into pipes state this or more, for want of the real size
_CUT_WAV = re.compile(r"data : (\d+) \(should be (\d+)\)")  # libsndfile's log of a cut data chunk


@dataclass(frozen=True)
class Source:
    """Where an utterance's audio lies; calling it decodes. Picklable, for worker processes."""

    file: str = field(repr=False)  # absolute, so that it holds in any worker; never shown
    start: float | None = None  # seconds; None: from the file's start
    end: float | None = None  # seconds; None: to the file's end, where a later end is cut too

    def __call__(self) -> tuple[np.ndarray, int]:
        """Decode; channels are mixed down by their mean.

        Returns:
            float32 (samples,) as stored (integers scaled to [-1, 1)), and its sampling rate in Hz.

        Raises:
            AudioError: ``missing``, ``corrupt``, ``empty`` or ``non_finite``.
        """
        import soundfile

        path = Path(self.file)
        try:
            there = path.is_file()
        except (OSError, ValueError):  # a name that no file can have: too long, or with NUL
            there = False
        if not there:
            raise AudioError("missing", "there is no such file")
        if not os.access(path, os.R_OK):
            raise AudioError("missing", "the file may not be read: permission denied")
        if not path.stat().st_size:
            raise AudioError("empty", "the file has 0 bytes")
        try:
            with soundfile.SoundFile(path) as file:
                wave, rate = self._read(file), int(file.samplerate)
        except soundfile.LibsndfileError as error:  # its str() may hold the path, error_string does not
            raise AudioError("corrupt", f"it cannot be decoded: {error.error_string.rstrip('.')}") from None
        except TypeError:  # soundfile's answer to a .raw file
            raise AudioError("corrupt", "it cannot be decoded: a raw file tells no sampling rate") from None
        _check(wave)
        return wave, rate

    def channels(self) -> int:
        """Channels of the file, from its header."""
        import soundfile

        return soundfile.info(self.file).channels

    def seconds(self) -> float:
        """How long the utterance is, from the file's header; 0 where that cannot be read."""
        import soundfile

        try:
            duration = soundfile.info(self.file).duration
        except (soundfile.LibsndfileError, TypeError):
            return 0.0
        end = duration if self.end is None else min(duration, self.end)
        return max(0.0, end - (self.start or 0.0))

    def _read(self, file: soundfile.SoundFile) -> np.ndarray:
        cut = _CUT_WAV.search(file.extra_info)
        if cut and int(cut[2]) < int(cut[1]) < _STREAMED_WAV:
            raise AudioError("corrupt", f"the file is cut: {cut[2]} of {cut[1]} bytes of samples")
        if not file.frames:
            raise AudioError("empty", "the file holds no samples")
        first = round((self.start or 0.0) * file.samplerate)
        last = file.frames if self.end is None else min(file.frames, round(self.end * file.samplerate))
        if first >= last:
            raise AudioError("empty", f"the segment holds none of the file's {file.frames} samples")
        if (last - first) * file.channels > _LARGEST:
            raise AudioError("corrupt", "its header states no length, or one that cannot be")
        before = min(first, file.samplerate) if file.format == "MP3" else 0
        file.seek(first - before)
        # In one piece: soundfile seeks after each read, and after a seek MP3 needs its earlier frames.
        block = file.read(before + last - first, dtype="float32", always_2d=True)[before:]
        if len(block) < last - first:
            raise AudioError("corrupt", f"the file is cut: {len(block)} of {last - first} samples")
        return block[:, 0] if file.channels == 1 else block.mean(axis=1)


@dataclass(frozen=True)
class Prepared:
    """An utterance's audio as a checkpoint takes it."""

    wave: np.ndarray  # float32 (samples,), finite, at the checkpoint's sampling rate
    handled: tuple[str, ...]  # what had to be done: "mixed down", "resampled"


def resample(wave: np.ndarray, rate: int, target: int) -> np.ndarray:
    """``wave`` at another sampling rate, by the soxr library's HQ filter.

    Args:
        wave: float32 (samples,).
        rate: its sampling rate, Hz.
        target: the one wanted, Hz.

    Returns:
        float32 (about samples × target / rate,); ``wave`` itself where the rates are equal.
    """
    if rate == target:
        return wave
    import soxr

    return soxr.resample(wave, rate, target, quality="HQ")


def prepare(utterance: Utterance, sampling_rate: int) -> Prepared:
    """Load an utterance, of whatever corpus format, and resample it.

    Args:
        utterance: whose ``load`` is called.
        sampling_rate: of the checkpoint, Hz.

    Returns:
        at least ``MINIMUM_SECONDS`` of audio at ``sampling_rate`` Hz.

    Raises:
        AudioError: as ``load`` raises it, or ``too_short``.
    """
    wave, rate = utterance.load()
    wave = np.ascontiguousarray(wave, dtype=np.float32)
    _check(wave)
    if len(wave) < MINIMUM_SECONDS * rate:
        raise AudioError(
            "too_short",
            f"{1000 * len(wave) / rate:.0f} ms: at least {1000 * MINIMUM_SECONDS:.0f} ms are needed",
        )
    mixed_down = isinstance(utterance.load, Source) and utterance.load.channels() > 1
    handled = (["mixed down"] if mixed_down else []) + (["resampled"] if rate != sampling_rate else [])
    return Prepared(resample(wave, rate, sampling_rate), tuple(handled))


def _check(wave: np.ndarray) -> None:
    if not len(wave):
        raise AudioError("empty", "there are no samples")
    finite = np.isfinite(wave)
    if not finite.all():
        raise AudioError("non_finite", f"{np.count_nonzero(~finite)} of {len(wave)} samples are not finite")
