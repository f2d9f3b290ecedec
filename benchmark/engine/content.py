"""What a corpus sounds like, as a hash: read from its files without decoding them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ..corpora.decode import Source
from ..corpus import Utterance
from .lanes import side_by_side

THREADS = 4  # hashing leaves the interpreter's lock; more than a disk can feed help nothing


class Heard(Protocol):
    """What utterances are read from: a corpus, or a variant's recordings of it."""

    @property
    def utterances(self) -> Sequence[Utterance]:
        """In the corpus's order."""
        ...


def content(corpus: Heard) -> str | None:
    """A hash of utterances, speakers and all audio; another wherever a wave could be another.

    Of files it is their bytes and the segment. Audio that is made says by ``load.content`` what it is made
    from; None where it does not.
    """
    loads = [u.load for u in corpus.utterances]
    files = list(dict.fromkeys(load.file for load in loads if isinstance(load, Source)))
    hashed = dict(zip(files, side_by_side(_file, files, THREADS, "cpu"), strict=True))
    total = hashlib.sha256()
    for utterance, load in zip(corpus.utterances, loads, strict=True):
        if isinstance(load, Source):
            said = [hashed[load.file], load.start, load.end]
        elif hasattr(load, "content"):
            said = [load.content]
        else:
            return None
        total.update(json.dumps([utterance.id, utterance.speaker, said]).encode() + b"\n")
    return f"sha256:{total.hexdigest()}"


def _file(path: str) -> str | None:
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):  # missing, or not to be read: its row says so
        return None
