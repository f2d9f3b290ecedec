"""The manifest: what was audited, with which versions, and what was proven before the first row."""

from __future__ import annotations

from typing import Literal

from .finding import Record


class OutputRecord(Record):
    """One output of a checkpoint."""

    name: str
    kind: Literal["dimension", "class"]


class TrainingRecord(Record):
    """A corpus that a checkpoint was trained on; speakers None means all."""

    corpus: str
    speakers: tuple[str, ...] | None = None


class Proofs(Record):
    """What was measured when the checkpoint was loaded; None where it does not apply."""

    weights: str  # e.g. "all 213 tensors loaded"
    probe_utterances: int
    repeat_max_difference: float | None  # same batch twice
    batch_relative_l2: float | None  # batched against one by one
    batch_changed_labels: int | None


class CheckpointRecord(Record):
    """A checkpoint of the run."""

    name: str
    format: str
    source: str
    revision: str
    licence: str | None
    sampling_rate: int | None  # None: a table of predictions
    shortest_input: float
    activation: str
    value_range: tuple[float, float]
    outputs: tuple[OutputRecord, ...]
    output: str | None = None  # of a graph that has several: the one that holds the predictions
    trained_on: tuple[TrainingRecord, ...] | None
    parameters: int | None
    padding: str
    proofs: Proofs | None = None


class CorpusRecord(Record):
    """A corpus of the run."""

    name: str
    format: str
    source: str
    revision: str
    audio: str | None = None  # "sha256:…" over all that is heard, where that is known without decoding
    languages: tuple[str, ...]
    utterances: int
    speakers: int
    seconds: float  # of decoded audio
    dimensions: tuple[str, ...]
    labels: dict[str, int]  # the corpus's own emotion labels with their counts
    groups: dict[str, dict[str, int]]  # column -> value -> utterances
    scales: dict[str, tuple[float, float]]
    reference: str | None = None  # of the variants that its takes were recorded in
    handled: dict[str, int]  # "mixed down", "resampled", "truth.arousal absent" -> utterances


class Coverage(Record):
    """How a corpus's labels map to a checkpoint's classes; None: unmapped, not scored."""

    checkpoint: str
    corpus: str
    mapping: dict[str, str | None]


class ConditionRecord(Record):
    """A condition of the run."""

    id: str
    family: str
    version: int
    label_preserving: bool
    reference: str = "clean"  # the condition that it is compared with
    sources: dict[str, str] = {}  # corpus -> what its sounds are taken from: a pack, a generator, a stand-in

    @property
    def source(self) -> str:
        """What its sounds are taken from; with the corpora, where that is not the same for all."""
        of: dict[str, list[str]] = {}
        for corpus, source in self.sources.items():
            of.setdefault(source, []).append(corpus)
        if len(of) < 2:
            return next(iter(of), "")
        return "; ".join(f"{source or 'nothing'} for {', '.join(corpora)}" for source, corpora in of.items())


class PackRecord(Record):
    """A noise pack of the run."""

    name: str
    layout: str
    revision: str
    clips: dict[str, int]  # category -> sound files


class Manifest(Record):
    """The content of ``manifest.json``; holds no path."""

    format: int = 1
    version: str  # of ser-audit
    seed: int
    device: str
    threads: int
    batch_size: int  # utterances
    batch_seconds: float = 60.0  # of audio, padding included
    limit: int | None
    policy: str
    audits: tuple[str, ...]
    conditions: tuple[ConditionRecord, ...]
    checkpoints: tuple[CheckpointRecord, ...]
    corpora: tuple[CorpusRecord, ...]
    packs: tuple[PackRecord, ...] = ()
    coverage: tuple[Coverage, ...]
    tables: tuple[str, ...]  # file names of all tables that were to be predicted
    versions: dict[str, str]  # of python and of the libraries that numbers depend on
    halved: dict[str, int] = {}  # table -> batches cut in two for want of memory: equal to 1e-6 then
    machine: dict[str, str]  # cpu, its features, gpu, platform

    def with_halved(self, table: str, batches: int) -> Manifest:
        """It, with how many batches of a table were cut in two."""
        return self.model_copy(update={"halved": {**self.halved, table: batches}})
