"""The audio store: every utterance of a corpus decoded and resampled once, in one file on disk."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np

from ..corpora.decode import prepare
from ..corpus import AudioError, Corpus, Utterance
from ..files import write_atomically
from ..progress import Progress
from .ahead import ahead
from .cache import Cache, key
from .pitch import mean_f0
from .recordings import Recorded

CHUNK = 8  # utterances that a worker decodes at a time


@dataclass(frozen=True)
class Slot:
    """Where an utterance lies in the store, or why it does not."""

    status: str
    detail: str | None
    start: int  # samples
    length: int  # samples
    handled: tuple[str, ...]  # "mixed down", "resampled"


@dataclass(frozen=True)
class Index:
    """What lies where in a store: tuples in the corpus's order."""

    utterances: tuple[str, ...]
    speakers: tuple[str, ...]
    slots: tuple[Slot, ...]
    f0: tuple[float | None, ...] | None = None  # Hz, mean of each utterance; None: not measured


@dataclass(frozen=True)
class AudioStore:
    """Decoded audio of one corpus at one sampling rate: float32, one utterance after the other.

    Of audio that nobody needs to hear again, only what is known of it is there, and no file.
    """

    path: Path
    sampling_rate: int  # Hz
    slots: tuple[Slot, ...]  # in the corpus's order
    f0: tuple[float | None, ...] | None = None  # Hz, mean of each utterance; None: not measured

    def wave(self, index: int) -> np.ndarray:
        """The wave of one utterance: float32 (samples,), a copy."""
        return read_wave(self.path, self.slots[index])

    @property
    def seconds(self) -> float:
        """Seconds of audio in the store."""
        return sum(s.length for s in self.slots) / self.sampling_rate

    @property
    def each(self) -> list[float | None]:
        """Seconds of every utterance, in the corpus's order; None of those that cannot be used."""
        return [s.length / self.sampling_rate if s.status == "ok" else None for s in self.slots]

    def handled(self) -> dict[str, int]:
        """How many utterances were mixed down or resampled."""
        return dict(sorted(Counter(h for s in self.slots for h in s.handled).items()))


def read_wave(path: Path, slot: Slot) -> np.ndarray:
    """One utterance from a store's file: float32 (samples,), a copy.

    Only its own stretch is mapped into memory: all of a large store would look like a leak of each process.
    """
    if not slot.length:
        return np.zeros(0, np.float32)
    return np.array(np.memmap(path, "<f4", mode="r", offset=4 * slot.start, shape=(slot.length,)))


def open_store(
    corpus: Corpus | Recorded,
    sampling_rate: int,
    folder: Path,
    content: str,
    workers: int,
    progress: Progress,
    cache: Cache,
    pitch: bool = False,
) -> AudioStore:
    """The store of a corpus, or of one variant's recordings of it.

    It is decoded unless a complete store of the same content lies in ``folder``: one that knows the mean F0
    of the utterances, where ``pitch`` asks for it.

    Args:
        corpus: what is decoded.
        sampling_rate: wanted, Hz.
        folder: of what is in the making.
        content: what its audio is, hashed, with all else that decoding depends on.
        workers: processes that decode.
        progress: is told how many utterances are decoded.
        cache: keeps what is known of the audio.
        pitch: measure the mean F0 of each utterance.
    """
    path, index = _paths(folder, content, sampling_rate)
    whole = _whole(path, index, pitch)
    if whole:
        return AudioStore(path, sampling_rate, whole.slots, whole.f0)
    index.unlink(missing_ok=True)  # what is begun anew is not complete
    folder.mkdir(parents=True, exist_ok=True)
    slots, f0 = zip(*_decode(corpus, sampling_rate, path, workers, progress, pitch), strict=True)
    names = [u.id for u in corpus.utterances], [u.speaker for u in corpus.utterances]
    measured = f0 if pitch else None
    places = [(s.status, s.detail, s.start, s.length, s.handled) for s in slots]
    write_atomically(index, json.dumps([*names, places, measured]).encode())
    cache.put("audio", key(content, sampling_rate, pitch), json.dumps([[], [], places, measured]).encode())
    return AudioStore(path, sampling_rate, slots, measured)


def known_store(
    sampling_rate: int, folder: Path, content: str, cache: Cache, pitch: bool = False
) -> AudioStore | None:
    """What an earlier run knew of the same audio, decoded or not; None where nothing is known."""
    path, index = _paths(folder, content, sampling_rate)
    whole = _whole(path, index, pitch)
    if whole:
        return AudioStore(path, sampling_rate, whole.slots, whole.f0)
    said = cache.get("audio", key(content, sampling_rate, pitch))
    if said is None:
        return None
    known = _index(said)
    return AudioStore(path, sampling_rate, known.slots, known.f0)


def _paths(folder: Path, content: str, sampling_rate: int) -> tuple[Path, Path]:
    name = key(content, sampling_rate)[:16]
    return folder / f"{name}.f32", folder / f"{name}.json"


def _whole(path: Path, index: Path, pitch: bool) -> Index | None:
    """The index of a complete store; None where it is not, is damaged, or lacks the wanted ``pitch``."""
    try:
        known, samples = _index(index.read_bytes()), path.stat().st_size // 4
    except (OSError, ValueError, TypeError, KeyError):
        return None
    complete = samples == sum(s.length for s in known.slots)
    return known if complete and (known.f0 is not None or not pitch) else None


def read_index(path: Path) -> Index:
    """The index of a complete store."""
    return _index(path.with_suffix(".json").read_bytes())


def _index(said: bytes) -> Index:
    utterances, speakers, slots, *f0 = json.loads(said)
    made = tuple(
        Slot(status, detail, start, length, tuple(handled))
        for status, detail, start, length, handled in slots
    )
    return Index(tuple(utterances), tuple(speakers), made, tuple(f0[0]) if f0 and f0[0] else None)


def _decode(
    corpus: Corpus | Recorded, sampling_rate: int, path: Path, workers: int, progress: Progress, pitch: bool
) -> Iterator[tuple[Slot, float | None]]:
    total, done, start = len(corpus.utterances), 0, 0
    chunks = [corpus.utterances[i : i + CHUNK] for i in range(0, total, CHUNK)]
    decoded = ahead(partial(_prepare_all, sampling_rate=sampling_rate, pitch=pitch), chunks, workers)
    with path.open("wb") as file, closing(decoded):
        for wave, status, detail, handled, f0 in chain.from_iterable(decoded):
            file.write(wave.astype("<f4", copy=False).tobytes())
            yield Slot(status, detail, start, len(wave), handled), f0
            start, done = start + len(wave), done + 1
            progress(f"decode {corpus.name}", done, total)


Decoded = tuple[np.ndarray, str, str | None, tuple[str, ...], float | None]


def _prepare_all(utterances: Sequence[Utterance], sampling_rate: int, pitch: bool) -> list[Decoded]:
    return [_prepare(u, sampling_rate, pitch) for u in utterances]


def _prepare(utterance: Utterance, sampling_rate: int, pitch: bool) -> Decoded:
    try:
        prepared = prepare(utterance, sampling_rate)
    except AudioError as error:
        return np.zeros(0, np.float32), error.status, error.detail, (), None
    f0 = mean_f0(prepared.wave, sampling_rate) if pitch else None
    return prepared.wave, "ok", None, prepared.handled, f0
