"""The corpus protocol: utterances with their truth, their groups, and audio loaded lazily."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np

DIMENSIONS = ("arousal", "dominance", "valence")


class AudioError(Exception):
    """An utterance's audio cannot be used; ``status`` is the row's status code.

    Status codes: ``missing``, ``corrupt``, ``empty``, ``too_short``, ``non_finite``.
    """

    def __init__(self, status: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail  # never holds an absolute path


@dataclass(frozen=True)
class Utterance:
    """One utterance. ``load`` is picklable: worker processes call it."""

    id: str  # unique in its corpus; stable; never an absolute path
    speaker: str
    truth: Mapping[str, float | str]  # dimension -> [0, 1]; "emotion" -> the corpus's own label
    groups: Mapping[str, str]  # "sex" -> "female", "language" -> "en", …; missing where unknown
    load: Callable[[], tuple[np.ndarray, int]]  # float32 (samples,) mono, sampling rate in Hz;
    # made audio says in an attribute ``content`` what decides its sound, so that predictions can be kept
    transcript: str | None = None
    variants: Mapping[str, Callable[[], tuple[np.ndarray, int]]] = field(default_factory=dict)
    """The same take recorded otherwise: name -> load. ``load`` itself is the reference."""


@dataclass(frozen=True)
class CorpusOptions:
    """What the user says of a corpus that its files do not tell."""

    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # column -> values that choose rows
    columns: Mapping[str, str] = field(default_factory=dict)  # role -> column name
    scales: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # dimension -> range
    language: str | None = None
    reference: str | None = None  # of the variants that a take was recorded in
    limit: int | None = None  # the first N utterances, spread over speakers
    seed: int = 0


class Corpus(Protocol):
    """A corpus: what is scored."""

    name: str
    format: str  # the adapter's registered name
    source: str  # file or folder name, never a path
    revision: str  # "sha256:…" over labels and file list
    utterances: Sequence[Utterance]
    scales: Mapping[str, tuple[float, float]]  # dimension -> the declared scale of its truth
    reference: str | None  # of the variants that its takes were recorded in
    labels: Sequence[str]  # every emotion label it knows, also of rows that were not chosen

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of its utterances, sorted; empty where unknown."""
        ...
