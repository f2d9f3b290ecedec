"""The audio of an audit: known by its hash, decoded only where somebody must hear it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from ..corpus import Corpus
from ..errors import InputError
from ..progress import Progress
from .cache import Cache, key
from .content import content
from .plan import Plan
from .recordings import Recorded, recorded, variants
from .settings import Settings, sounds_like
from .store import AudioStore, known_store, open_store


class Audio:
    """Stores of the corpora, and of their recordings in other variants, by name and sampling rate."""

    def __init__(self, plan: Plan, settings: Settings, work: Path, cache: Cache, progress: Progress) -> None:
        """Of a plan's corpora.

        Args:
            plan: of the audit.
            settings: of the run.
            work: folder of what is in the making.
            cache: keeps what is known of audio.
            progress: is told how much is decoded.
        """
        self.plan, self.settings, self.work = plan, settings, work
        self.cache, self.progress = cache, progress
        self._known: dict[tuple[str, int], AudioStore] = {}
        self._decoded: dict[tuple[str, int], AudioStore] = {}

    @cached_property
    def sources(self) -> dict[str, Corpus | Recorded]:
        """What is read: corpora, and their recordings in other variants."""
        corpora = {c.name: c for c in self.plan.corpora}
        others = [recorded(c, v) for c in self.plan.corpora for v in variants(c)]
        return {**corpora, **{o.name: o for o in others}}

    @cached_property
    def contents(self) -> dict[str, str | None]:
        """Name -> a hash of what is heard; None where that cannot be known without decoding."""
        return {name: content(source) for name, source in self.sources.items()}

    def identity(self, name: str) -> str:
        """What the audio is, for keys: its content, else what the corpus says of itself."""
        source = self.sources[name]
        return self.contents[name] or key(source.revision, [(u.id, u.speaker) for u in source.utterances])

    def cache_of(self, name: str) -> Cache:
        """The cache, for what depends on this audio; none where its content is not known."""
        return self.cache if self.contents[name] else Cache(None)

    def about(self, name: str, rate: int) -> AudioStore:
        """What is known of the audio at a sampling rate [Hz]; it is decoded where nothing is."""
        place = name, rate
        if place not in self._known:
            pitch = self.plan.pitch and name in {c.name for c in self.plan.corpora}
            known = known_store(rate, self.work, self._key(name), self.cache_of(name), pitch)
            self._known[place] = known or self.decoded(name, rate)
        return self._decoded.get(place) or self._known[place]

    def decoded(self, name: str, rate: int) -> AudioStore:
        """The audio itself at a sampling rate [Hz].

        Raises:
            InputError: none of a corpus's utterances can be read.
        """
        if (name, rate) not in self._decoded:
            source = self.sources[name]
            corpus = name in {c.name for c in self.plan.corpora}
            store = open_store(
                source,
                rate,
                self.work,
                self._key(name),
                self.plan.spec.workers,
                self.progress,
                self.cache_of(name),
                self.plan.pitch and corpus,
            )
            if corpus and not any(s.status == "ok" for s in store.slots):
                slot = store.slots[0]
                raise InputError(
                    f"corpus {name}: none of its {len(store.slots)} utterances can be read;"
                    f" the first, {source.utterances[0].id!r}, is {slot.status}: {slot.detail}"
                )
            self._decoded[name, rate] = store
        return self._decoded[name, rate]

    def _key(self, name: str) -> str:
        return key(self.identity(name), sounds_like(self.settings))
