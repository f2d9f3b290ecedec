"""A checkpoint that takes audio: forward passes joined with exact batches, proven when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from ser_audit.benchmark.checkpoint import CheckpointInfo, Padding
from ser_audit.benchmark.errors import InputError
from ser_audit.benchmark.manifest import Proofs

from .batching import Listed, Policies, equal_lengths, one_by_one, prepare
from .hashing import revision
from .outputs import to_scores
from .proof import SECONDS, first_exact, probe


@dataclass(frozen=True)
class AudioCheckpoint:
    """A :class:`~ser_audit.benchmark.checkpoint.Checkpoint` that computes."""

    name: str
    format: str
    source: str
    revision: str
    info: CheckpointInfo
    parameters: int | None
    padding: Padding
    proofs: Proofs
    device: str  # where it really runs
    _raw: Listed
    _macs: Callable[[int], int | None]
    _variants: Mapping[str, Callable[[], Policies]] = field(default_factory=dict)

    def predict(self, waves: Sequence[np.ndarray]) -> np.ndarray:
        """Predict a batch, exactly as one utterance at a time would.

        Args:
            waves: float32 (samples,) each, at ``info.sampling_rate`` Hz, any lengths; those under
                ``info.shortest_input`` get zeros at their end.

        Returns:
            float32 (batch, outputs).
        """
        if len(waves) == 0:
            return np.empty((0, len(self.info.outputs)), dtype=np.float32)
        return to_scores(self._raw(prepare(waves, shortest_samples(self.info))), self.info)

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the other arithmetics that the model can run in, such as bfloat16."""
        return tuple(self._variants)

    def variant(self, name: str) -> Variant:
        """The model in another arithmetic, made anew: takes and gives what :meth:`predict` does.

        Its batches are kept as those of the model are; whether they are exact is not proven.
        """
        policies = self._variants[name]()
        return Variant(policies.how, self.info, _ways(policies, stackable=True)[self.padding])

    def macs(self, samples: int) -> int | None:
        """Multiply-accumulates of one utterance of ``samples`` samples; None where unknown."""
        return self._macs(max(samples, shortest_samples(self.info)))


@dataclass(frozen=True)
class Variant:
    """A checkpoint in another arithmetic."""

    how: str  # in words
    info: CheckpointInfo
    _raw: Listed

    def __call__(self, waves: Sequence[np.ndarray]) -> np.ndarray:
        """Predict as the checkpoint does, float32 (batch, outputs)."""
        return to_scores(self._raw(prepare(waves, shortest_samples(self.info))), self.info)


def shortest_samples(info: CheckpointInfo) -> int:
    """Samples that the model takes at least."""
    return round(info.shortest_input * info.sampling_rate)


def prove_and_build(
    *,
    format: str,
    name: str,
    source: str,
    files: Sequence[Path],
    info: CheckpointInfo,
    device: str,
    weights: str,
    policies: Policies,
    stackable: bool = True,
    parameters: int | None = None,
    macs: Callable[[int], int | None] = lambda samples: None,
    variants: Mapping[str, Callable[[], Policies]] | None = None,
) -> AudioCheckpoint:
    """Find the fastest policy that is exact, and make the checkpoint.

    Args:
        format: the adapter's registered name.
        name: of the checkpoint.
        source: its file or folder name.
        files: all files that it was loaded from.
        info: its facts.
        device: where it runs.
        weights: what was found when the weights were loaded.
        policies: the ways that waves go through the model.
        stackable: whether equally long waves may share a forward pass.
        parameters: their number.
        macs: samples -> multiply-accumulates.
        variants: name -> the same model in another arithmetic (bfloat16, …), made when it is asked for.

    Raises:
        InputError: the model breaks on the probe even one by one, or its number of outputs is not
            that of the declared ones.
    """
    single = one_by_one(policies.stacked)
    ways = _ways(policies, stackable)
    waves = prepare(probe(info.sampling_rate, info.shortest_input), shortest_samples(info))
    reference = _reference(single, waves, info, source)
    classes = [i for i, output in enumerate(info.outputs) if output.kind == "class"]
    padding, proof = first_exact(ways, reference, waves, classes)
    return AudioCheckpoint(
        name=name,
        format=format,
        source=source,
        revision=revision(files),
        info=info,
        parameters=parameters,
        padding=padding,
        proofs=Proofs(
            weights=weights,
            probe_utterances=len(SECONDS),
            repeat_max_difference=proof.repeat_max_difference,
            batch_relative_l2=proof.relative_l2,
            batch_changed_labels=proof.changed_labels,
        ),
        device=device,
        _raw=ways[padding],
        _macs=macs,
        _variants=variants or {},
    )


def _ways(policies: Policies, stackable: bool) -> dict[Padding, Listed]:
    """All ways by policy, the fastest first."""
    ways: dict[Padding, Listed] = {**policies.padded}
    if stackable:
        ways["equal lengths"] = equal_lengths(policies.stacked)
    return {**ways, "one by one": one_by_one(policies.stacked)}


def _reference(single: Listed, waves: Sequence[np.ndarray], info: CheckpointInfo, source: str) -> np.ndarray:
    """Raw outputs of the probe, one at a time, float32 (waves, outputs): as many as declared, and finite."""
    parts = []
    for wave in waves:
        try:
            parts.append(single([wave]))
        except (RuntimeError, ValueError, IndexError) as error:
            first = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InputError(f"{source} breaks on {len(wave)} samples of noise: {first}") from error
        if parts[-1].shape != (1, len(info.outputs)):
            names = ", ".join(output.name for output in info.outputs)
            raise InputError(
                f"{source} gives outputs of the shape {parts[-1].shape} for one utterance, but its facts name"
                f" {len(info.outputs)}: {names}"
            )
        if not np.isfinite(parts[-1]).all():
            raise InputError(f"{source} gives outputs that are not finite on {len(wave)} samples of noise")
    return np.concatenate(parts)
