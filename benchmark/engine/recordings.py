"""Recording conditions: the same takes by another device, read from the corpus instead of perturbed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..corpus import AudioError, Corpus, Utterance
from ..manifest import ConditionRecord
from ..naming import RECORDING as FAMILY


def variants(corpus: Corpus) -> tuple[str, ...]:
    """The variants that a corpus has recordings of beside its reference, sorted."""
    return tuple(sorted({v for u in corpus.utterances for v in u.variants}))


def condition(variant: str) -> str:
    """The id of the condition that a variant is."""
    return f"{FAMILY}.{variant}"


def is_recording(condition: str) -> bool:
    """Whether a condition's waves are recordings, to be taken as they are."""
    return condition.startswith(f"{FAMILY}.")


def record(variant: str, corpus: Corpus) -> ConditionRecord:
    """What the manifest says of it."""
    return ConditionRecord(
        id=condition(variant),
        family=FAMILY,
        version=1,
        label_preserving=True,
        sources={corpus.name: f"the corpus's own recordings, against those by {corpus.reference}"},
    )


def read_from(corpus: Corpus, condition: str) -> str:
    """The name of what a condition's waves are read from: the corpus, or a variant's recordings of it."""
    if not is_recording(condition):
        return corpus.name
    return f"{corpus.name} by {condition.removeprefix(f'{FAMILY}.')}"


@dataclass(frozen=True)
class Recorded:
    """A corpus as one variant recorded it; in the corpus's order, as the audio store takes it."""

    name: str
    revision: str
    utterances: Sequence[Utterance]


@dataclass(frozen=True)
class Absent:
    """The audio of a take that a variant did not record."""

    variant: str

    @property
    def content(self) -> str:
        """There is none."""
        return "absent"

    def __call__(self) -> tuple[np.ndarray, int]:
        """Never gives any.

        Raises:
            AudioError: always.
        """
        raise AudioError("missing", f"there is no recording of this take by {self.variant!r}")


def recorded(corpus: Corpus, variant: str) -> Recorded:
    """A corpus with the audio of one variant."""
    utterances = tuple(replace(u, load=u.variants.get(variant, Absent(variant))) for u in corpus.utterances)
    return Recorded(read_from(corpus, condition(variant)), f"{corpus.revision} {variant}", utterances)
