"""Batches that do not change a number: how waves of different lengths share one forward pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from ser_audit.benchmark.checkpoint import Padding
from ser_audit.benchmark.errors import InputError

Stacked = Callable[[np.ndarray], np.ndarray]  # float32 (batch, samples) -> raw (batch, outputs)
Listed = Callable[[Sequence[np.ndarray]], np.ndarray]  # waves of any lengths -> raw (batch, outputs)


@dataclass(frozen=True)
class Policies:
    """The ways that waves go through a model; which of them are exact is proven, not known."""

    stacked: Stacked  # equally long waves, without padding
    padded: Mapping[Padding, Listed] = field(default_factory=dict)  # lengths that differ, the best first
    how: str = ""  # the arithmetic in words, where it is another than the model's own


def one_by_one(stacked: Stacked) -> Listed:
    """A forward pass per wave: the reference that every other policy must equal."""

    def predict(waves: Sequence[np.ndarray]) -> np.ndarray:
        return np.concatenate([_whole(stacked(wave[None]), 1) for wave in waves])

    return predict


def equal_lengths(stacked: Stacked) -> Listed:
    """A forward pass per length: waves of exactly the same number of samples go together."""

    def predict(waves: Sequence[np.ndarray]) -> np.ndarray:
        places: dict[int, list[int]] = defaultdict(list)
        for place, wave in enumerate(waves):
            places[len(wave)].append(place)
        parts = [
            _whole(stacked(np.stack([waves[i] for i in group])), len(group)) for group in places.values()
        ]
        order = np.concatenate([np.array(group) for group in places.values()])
        return np.concatenate(parts)[np.argsort(order)]

    return predict


def _whole(raw: np.ndarray, waves: int) -> np.ndarray:
    """Refuse raw outputs that are not one row per wave: they would shift all that follow."""
    if raw.ndim != 2 or len(raw) != waves:
        raise ValueError(f"the model gave outputs of the shape {raw.shape} for {waves} waves")
    return raw


def pad(waves: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Stack waves, with zeros at the end of the shorter ones.

    Args:
        waves: float32 (samples,) each.

    Returns:
        float32 (batch, longest) and the lengths in samples, int64 (batch,).
    """
    lengths = np.array([len(wave) for wave in waves], dtype=np.int64)
    batch = np.zeros((len(waves), lengths.max()), dtype=np.float32)
    for row, wave in zip(batch, waves, strict=True):
        row[: len(wave)] = wave
    return batch, lengths


def prepare(waves: Sequence[np.ndarray], shortest: int) -> list[np.ndarray]:
    """Waves as a model takes them: float32, and zeros at the end of those that are too short.

    Args:
        waves: (samples,) each.
        shortest: samples that the model needs at least.

    Raises:
        InputError: a wave has not exactly one axis, or no sample.
    """
    prepared = []
    for wave in waves:
        wave = np.ascontiguousarray(wave, dtype=np.float32)
        if wave.ndim != 1 or len(wave) == 0:
            raise InputError(f"a wave has the shape {wave.shape}: give (samples,), mono, not empty")
        prepared.append(np.pad(wave, (0, max(0, shortest - len(wave)))))
    return prepared
