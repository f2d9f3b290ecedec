"""The audio store: every utterance of a corpus decoded and resampled once, in one file on disk."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np

from ..corpora.decode import prepare
from ..corpus import AudioError, Corpus, Utterance
from ..files import write_atomically
from ..progress import Progress
from .ahead import ahead
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
    """Decoded audio of one corpus at one sampling rate: float32, one utterance after the other."""

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

    def handled(self) -> dict[str, int]:
        """How many utterances were mixed down or resampled."""
        return dict(sorted(Counter(h for s in self.slots for h in s.handled).items()))


def read_wave(path: Path, slot: Slot) -> np.ndarray:
    """One utterance from a store's file: float32 (samples,)."""
    return np.fromfile(path, dtype="<f4", count=slot.length, offset=4 * slot.start)


def open_store(
    corpus: Corpus | Recorded,
    sampling_rate: int,
    folder: Path,
    workers: int,
    progress: Progress,
    pitch: bool = False,
) -> AudioStore:
    """The store of a corpus, or of one variant's recordings of it.

    It is decoded unless a complete store of the same content lies in ``folder``: one that knows the mean F0
    of the utterances, where ``pitch`` asks for it.
    """
    key = hashlib.sha256(f"{corpus.revision} {sampling_rate} {len(corpus.utterances)}".encode()).hexdigest()[
        :16
    ]
    path, index = folder / f"{key}.f32", folder / f"{key}.json"
    if index.is_file() and path.is_file():
        known = read_index(path)
        if known.f0 is not None or not pitch:
            return AudioStore(path, sampling_rate, known.slots, known.f0)
        index.unlink()  # what is begun anew is not complete
    folder.mkdir(parents=True, exist_ok=True)
    slots, f0 = zip(*_decode(corpus, sampling_rate, path, workers, progress, pitch), strict=True)
    names = [u.id for u in corpus.utterances], [u.speaker for u in corpus.utterances]
    measured = f0 if pitch else None
    write_atomically(index, json.dumps([*names, [asdict(s) for s in slots], measured]).encode())
    return AudioStore(path, sampling_rate, slots, measured)


def read_index(path: Path) -> Index:
    """The index of a complete store."""
    utterances, speakers, slots, *f0 = json.loads(path.with_suffix(".json").read_bytes())
    made = tuple(Slot(**{**s, "handled": tuple(s["handled"])}) for s in slots)
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
