"""The first N utterances of a corpus, spread over its speakers and labels."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from ..corpus import Utterance


def limited(utterances: Sequence[Utterance], n: int, seed: int) -> list[Utterance]:
    """N utterances: speakers take turns, each giving the label that has been given least so far.

    Speakers' counts differ by at most one, unless one has no more to give. The choice depends on
    ids and seed, not on the order of the utterances, and a larger ``n`` only adds to it.

    Args:
        utterances: of one corpus.
        n: how many, at least 1.
        seed: breaks the ties.

    Returns:
        ``n`` of them, or all where there are fewer, in their own order.

    Raises:
        InputError: ``n`` is below 1.
    """
    if n < 1:
        raise InputError(f"a limit of {n} utterances leaves nothing to score: give 1 or more")
    waiting: dict[str, dict[str, list[Utterance]]] = defaultdict(lambda: defaultdict(list))
    for utterance in sorted(utterances, key=lambda u: _draw(seed, "utterance", u.id), reverse=True):
        waiting[utterance.speaker][str(utterance.truth.get("emotion", ""))].append(utterance)
    speakers = sorted(waiting, key=lambda s: _draw(seed, "speaker", s))
    given: Counter[str] = Counter()
    chosen: set[str] = set()
    while len(chosen) < min(n, len(utterances)):
        for speaker in speakers[: n - len(chosen)]:
            labels = waiting[speaker]
            label = min(labels, key=lambda name: (given[name], _draw(seed, "label", name)))
            chosen.add(labels[label].pop().id)
            given[label] += 1
            if not labels[label]:
                del labels[label]
        speakers = [s for s in speakers if waiting[s]]
    return [u for u in utterances if u.id in chosen]


def _draw(seed: int, kind: str, name: str) -> str:
    """A number at random, as text, that only its arguments decide."""
    return hashlib.sha256(f"{seed}\0{kind}\0{name}".encode()).hexdigest()
