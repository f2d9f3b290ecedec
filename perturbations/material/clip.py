"""One sound file of a noise pack."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..rooms.decay import decay
from .sound import SEEKABLE, facts, first_channel, kept, resampled

SHORT = 30.0  # seconds; shorter clips are decoded whole and kept
MARGIN = 0.05  # seconds read beyond a stretch on either side, for the resampler's filter
LEAD = 0.005  # seconds kept before the direct path: what rings there belongs to the sound
LONGEST = 10.0  # seconds of an impulse response


class ClipError(Exception):
    """A sound of a noise pack is no longer what it was when the pack was read, or cannot be used.

    No ``ValueError``: the fault is not the utterance's, so no row may go without a prediction for it.
    """


@dataclass(frozen=True)
class Clip:
    """A file, what it is, and where it lies."""

    path: Path
    name: str  # relative to the pack's folder, with forward slashes
    folder: str  # the user's own category: the first subfolder's name; empty at the top
    category: str  # one of layouts.CATEGORIES
    seconds: float
    t30: float | None = None  # seconds; of impulse responses
    pack: str = ""  # the name of its noise pack
    stamp: str = ""  # size and time of the file when the pack was read; empty: not looked at again

    def read(self, samples: int, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """A stretch of the clip that begins at random, float32 (samples,), of its first channel.

        A clip that is not long enough goes on from its start, as often as needed. Of long clips only the
        stretch is read, where the format can seek exactly. Which of these ways is gone depends on the clip
        and on ``samples`` only, and the draw is one, so that what a process has kept changes no byte.

        Raises:
            ClipError: the file cannot be read, or has changed since the pack was read.
        """
        share = rng.random()
        self._require_unchanged()
        try:
            spare = self.seconds - samples / sampling_rate
            if self.seconds > SHORT and spare > 0 and self.path.suffix.lower() in SEEKABLE:
                return _stretch(self.path, share * spare, samples, sampling_rate)
            whole = kept[self.path, self.stamp, sampling_rate]
        except ValueError as error:
            raise ClipError(f"noise pack {self.pack}: {self.name} cannot be read: {error}") from None
        if len(whole) >= samples:
            start = int(share * (len(whole) - samples + 1))
            return whole[start : start + samples].copy()
        return np.take(whole, int(share * len(whole)) + np.arange(samples), mode="wrap")

    def response(self, sampling_rate: int) -> tuple[np.ndarray, int]:
        """The clip as an impulse response, float64 (taps,), and the index of the direct path in it.

        The first channel, from 5 ms before the direct path (see ``rooms.decay.direct_path``) to where the
        decay has met the noise or lost 60 dB, 10 s at most.

        Raises:
            ClipError: the file cannot be read, or has changed since the pack was read.
        """
        self._require_unchanged()
        try:
            return _response(self.path, self.stamp, sampling_rate)
        except ValueError as error:
            raise ClipError(f"noise pack {self.pack}: {self.name} cannot be read: {error}") from None

    def _require_unchanged(self) -> None:
        """The manifest holds the hash of what was there when the pack was read."""
        try:
            if self.stamp and stamp(self.path) != self.stamp:
                raise ClipError(f"noise pack {self.pack}: {self.name} has changed since the pack was read")
        except OSError as error:
            raise ClipError(f"noise pack {self.pack}: {self.name} cannot be read: {error.strerror}") from None


def stamp(path: Path) -> str:
    """Size in bytes and time of the last change of a file.

    Raises:
        OSError: there is no such file.
    """
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns}"


def _stretch(path: Path, start: float, samples: int, sampling_rate: int) -> np.ndarray:
    """``samples`` samples from ``start`` seconds on, read with a margin that the resampler rings in."""
    _, native = facts(path)
    first = int(start * native)
    before = min(first, round(MARGIN * native))
    needed = before + int(np.ceil((samples / sampling_rate + MARGIN) * native))
    wave, _ = first_channel(path, first - before, needed)
    skipped = round(before / native * sampling_rate)
    wave = resampled(wave, native, sampling_rate)[skipped : skipped + samples]
    return np.pad(wave, (0, samples - len(wave)))  # a sample or two, at the very end of a file


@lru_cache(maxsize=32)
def _response(path: Path, stamp: str, sampling_rate: int) -> tuple[np.ndarray, int]:
    """See :meth:`Clip.response`; the array is not writeable, as all are handed the same."""
    wave, native = first_channel(path, dtype="float64")
    found = decay(wave, native)
    end = min(found.end, found.direct + round(LONGEST * native))
    first = max(0, found.direct - round(LEAD * native))
    taps = resampled(wave[first:end], native, sampling_rate)
    taps.flags.writeable = False
    return taps, min(round((found.direct - first) / native * sampling_rate), len(taps) - 1)
