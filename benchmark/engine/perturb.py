"""Perturbing a batch, in a worker process: the output depends on seed, utterance and condition only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from ser_audit.perturbations.make import make
from ser_audit.perturbations.material.clip import ClipError
from ser_audit.perturbations.perturbation import Perturbation
from ser_audit.perturbations.rng import generator

from ..errors import HarnessError
from ..predictions import CLEAN
from .material import material
from .recordings import is_recording
from .store import Slot, read_wave


@dataclass(frozen=True)
class Task:
    """One batch in one condition."""

    corpus: str
    batch: int
    condition: str
    seed: int
    sampling_rate: int  # Hz
    path: Path  # of the audio store
    packs: Path  # of the noise packs' contents
    utterances: tuple[str, ...]
    speakers: tuple[str, ...]
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Perturbed:
    """One utterance in one condition; ``wave`` is None where it could not be perturbed."""

    wave: np.ndarray | None  # float32 (samples,)
    status: str
    detail: str | None
    input_hash: str | None  # SHA-256 over the float32 samples, little-endian


def perturb(task: Task) -> list[Perturbed]:
    """The waves of a batch in its condition, in the batch's order."""
    rows = zip(task.utterances, task.speakers, task.slots, strict=True)
    return [_one(task, utterance, speaker, slot) for utterance, speaker, slot in rows]


@lru_cache(maxsize=256)
def _perturbation(condition: str, packs: Path, corpus: str, store: Path, speaker: str) -> Perturbation:
    """One object per process and speaker: making one costs more than gain or noise."""
    return make(CLEAN if is_recording(condition) else condition, material(packs, corpus, store, speaker))


def _one(task: Task, utterance: str, speaker: str, slot: Slot) -> Perturbed:
    wave = read_wave(task.path, slot)
    try:
        rng = generator(task.seed, utterance, task.condition)
        made = _perturbation(task.condition, task.packs, task.corpus, task.path, speaker)
        wave = made(wave, task.sampling_rate, rng)
    except ValueError as error:
        return Perturbed(None, "not_perturbed", str(error), None)
    except ClipError as error:
        raise HarnessError(
            f"{error}; what is done is kept: put it back as it was and give the same command again"
        ) from None
    wave = np.ascontiguousarray(wave, dtype="<f4")
    if not np.isfinite(wave).all():
        return Perturbed(None, "not_perturbed", f"{task.condition} gave samples that are not finite", None)
    return Perturbed(wave, "ok", None, hashlib.sha256(wave.tobytes()).hexdigest())
