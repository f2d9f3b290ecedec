"""Checkpoints that an earlier run proved: known without their weights, loaded when they predict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import perf_counter

import numpy as np
from pydantic import ValidationError

from .. import checkpoints, plugins
from ..checkpoint import Checkpoint, CheckpointInfo, Padding
from ..errors import InputError
from ..finding import Record
from ..manifest import CheckpointRecord, Manifest, Proofs
from .cache import Cache, key
from .plan import PlannedCheckpoint
from .settings import Settings, depends_on


class Proven(Record):
    """What loading a checkpoint showed."""

    parameters: int | None
    padding: Padding
    proofs: Proofs | None


@dataclass(frozen=True)
class Known:
    """A :class:`~ser_audit.benchmark.checkpoint.Checkpoint` whose weights may not be in memory."""

    planned: PlannedCheckpoint
    revision: str
    proven: Proven
    settings: Settings

    @property
    def name(self) -> str:
        """Of the checkpoint."""
        return self.planned.name

    @property
    def format(self) -> str:
        """The adapter's registered name."""
        return self.planned.format

    @property
    def source(self) -> str:
        """Its file or folder name."""
        return Path(checkpoints.resolve(self.planned.spec.path)).absolute().name

    @property
    def info(self) -> CheckpointInfo:
        """Its facts."""
        return self.planned.info

    @property
    def parameters(self) -> int | None:
        """Their number."""
        return self.proven.parameters

    @property
    def padding(self) -> Padding:
        """How its batches are kept exact."""
        return self.proven.padding

    @property
    def proofs(self) -> Proofs | None:
        """What was measured when it was loaded first."""
        return self.proven.proofs

    @cached_property
    def loaded(self) -> Checkpoint:
        """The checkpoint itself; its weights are loaded and proven when this is asked for first."""
        return self._opened[0]

    @property
    def load_seconds(self) -> float:
        """How long loading and proving took."""
        return self._opened[1]

    @cached_property
    def _opened(self) -> tuple[Checkpoint, float]:
        checkpoint, seconds = opened(self.planned, self.settings)
        if checkpoint.revision != self.revision:
            raise InputError(f"the files of {self.source} changed meanwhile: give the same command again")
        return checkpoint, seconds

    def predict(self, waves: Sequence[np.ndarray]) -> np.ndarray:
        """As the checkpoint predicts."""
        return self.loaded.predict(waves)

    def macs(self, samples: int) -> int | None:
        """As the checkpoint counts."""
        return self.loaded.macs(samples)


def load(checkpoint: Checkpoint) -> None:
    """Bring its weights into memory, where they are not yet."""
    if isinstance(checkpoint, Known):
        _ = checkpoint.loaded


def opened(planned: PlannedCheckpoint, settings: Settings) -> tuple[Checkpoint, float]:
    """Load and prove; with the seconds that it took."""
    start = perf_counter()
    checkpoint = checkpoints.open_checkpoint(
        planned.spec.path,
        name=planned.name,
        info_file=planned.spec.info,
        device=settings.device,
        threads=settings.threads,
        trust=planned.spec.trust,
    )
    return checkpoint, perf_counter() - start


def know(planned: PlannedCheckpoint, settings: Settings, before: Manifest | None, cache: Cache) -> Checkpoint:
    """A checkpoint as the run that goes on, or the cache, knows it; else it is loaded and proven now.

    A table of predictions is always read.

    Raises:
        InputError: its files are missing, refused, or not what they should be.
    """
    if planned.format == "table":
        return opened(planned, settings)[0]
    revision = checkpoints.revision_of(planned.spec.path, planned.format)
    kept = cache if complete(planned) else Cache(None)
    proof = key(revision, planned.format, repr(planned.info), depends_on(settings))
    said = kept.get("proofs", proof)
    proven = _read(said) or _from_run(planned, revision, before)
    if proven:
        return Known(planned, revision, proven, settings)
    checkpoint, seconds = opened(planned, settings)
    proven = Proven(parameters=checkpoint.parameters, padding=checkpoint.padding, proofs=checkpoint.proofs)
    kept.put("proofs", proof, proven.model_dump_json().encode())
    known = Known(planned, checkpoint.revision, proven, settings)
    vars(known)["_opened"] = (checkpoint, seconds)
    return known


def complete(planned: PlannedCheckpoint) -> bool:
    """Whether the revision covers all that predictions depend on, so that other runs may use them."""
    module = plugins.load("checkpoints", planned.format)
    return not hasattr(module, "complete") or module.complete(checkpoints.resolve(planned.spec.path))


def _read(said: bytes | None) -> Proven | None:
    try:
        return Proven.model_validate_json(said) if said else None
    except ValidationError:  # kept by another version
        return None


def _from_run(planned: PlannedCheckpoint, revision: str, before: Manifest | None) -> Proven | None:
    record: CheckpointRecord | None = next(
        (c for c in before.checkpoints if c.name == planned.name) if before else iter(()), None
    )
    if record is None or record.revision != revision:
        return None
    return Proven.model_validate(record.model_dump(include={"parameters", "padding", "proofs"}))
