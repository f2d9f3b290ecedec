"""What perturbations take sounds from, as worker processes read it: packs, and voices of the store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from ser_audit.perturbations.material.clip import Clip
from ser_audit.perturbations.material.material import Material
from ser_audit.perturbations.material.pack import Pack, read_pack

from ..corpus import Corpus
from ..errors import InputError
from ..files import write_atomically
from ..manifest import ConditionRecord
from ..predictions import OK
from .store import Slot, read_index, read_wave


def read_packs(folders: dict[str, str]) -> tuple[Pack, ...]:
    """The noise packs of a spec.

    Raises:
        InputError: a folder is none, holds no audio, or a file of it cannot be read.
    """
    try:
        return tuple(read_pack(name, folder) for name, folder in folders.items())
    except ValueError as error:
        raise InputError(str(error)) from None


def made_of(condition: ConditionRecord, corpus: str, packs: Sequence[Pack]) -> str:
    """All that a condition's sound depends on beside utterance and seed, for keys."""
    source = condition.sources.get(corpus)
    return json.dumps([condition.version, source, *((p.name, p.revision) for p in packs)])


def write_packs(work: Path, packs: Sequence[Pack]) -> Path:
    """Leave the packs' contents where worker processes find them; they keep what they read by its path."""
    content = json.dumps([asdict(p) for p in packs], default=str).encode()
    path = work / f"packs-{hashlib.sha256(content).hexdigest()[:16]}.json"
    write_atomically(path, content)
    return path


@lru_cache(maxsize=4)
def _packs(path: Path) -> Material:
    return Material(
        tuple(
            Pack(**{**p, "clips": tuple(Clip(**{**c, "path": Path(c["path"])}) for c in p["clips"])})
            for p in json.loads(path.read_bytes())
        )
    )


@dataclass(frozen=True)
class StoredVoices:
    """Voices of a corpus from its audio store, without those of one speaker."""

    name: str
    store: Path
    without: str

    @cached_property
    def speakers(self) -> tuple[str, ...]:
        """The others, sorted."""
        return tuple(s for s in _by_speaker(self.store) if s != self.without)

    def read(self, speaker: str, samples: int, rng: np.random.Generator) -> np.ndarray:
        """Utterances of a speaker one after the other, in an order at random, float32 (samples,)."""
        slots = _by_speaker(self.store)[speaker]
        waves: list[np.ndarray] = []
        while sum(map(len, waves)) < samples:
            waves.append(read_wave(self.store, slots[int(rng.integers(len(slots)))]))
        speech = np.concatenate(waves)
        start = int(rng.integers(len(speech) - samples + 1))
        return speech[start : start + samples]


@dataclass(frozen=True)
class PlannedVoices:
    """The voices of a corpus before it is decoded: what conditions can say of their sources."""

    name: str
    speakers: tuple[str, ...]  # any one left out, as each utterance leaves out its own

    @classmethod
    def of(cls, corpus: Corpus) -> PlannedVoices:
        """The voices that each utterance of a corpus finds beside its own speaker's."""
        return cls(corpus.name, tuple(sorted({u.speaker for u in corpus.utterances}))[1:])

    def read(self, speaker: str, samples: int, rng: np.random.Generator) -> np.ndarray:
        """Never called: a plan perturbs nothing."""
        raise RuntimeError("voices were read before the corpus was decoded")


@lru_cache(maxsize=4)
def _by_speaker(store: Path) -> dict[str, tuple[Slot, ...]]:
    """The usable utterances of each speaker, both sorted by name: the corpus's order does not enter."""
    index = read_index(store)
    found: dict[str, list[Slot]] = {}
    for _, speaker, slot in sorted(zip(index.utterances, index.speakers, index.slots, strict=True)):
        if slot.status == OK and slot.length:
            found.setdefault(speaker, []).append(slot)
    return {speaker: tuple(found[speaker]) for speaker in sorted(found)}


def material(packs: Path, corpus: str, store: Path, speaker: str) -> Material:
    """What an utterance of ``speaker`` may be perturbed with."""
    return replace(_packs(packs), voices=StoredVoices(corpus, store, speaker))
