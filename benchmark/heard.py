"""One recording in one condition, as a model would be given it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from ser_audit.perturbations.material.clip import ClipError
from ser_audit.perturbations.perturbation import Perturbation
from ser_audit.perturbations.rng import generator

from .corpora.decode import Source, prepare
from .corpus import AudioError, Utterance
from .errors import InputError
from .naming import condition
from .run import slug
from .wording import number


@dataclass(frozen=True)
class Recording:
    """A file as an audit decodes it."""

    name: str
    wave: np.ndarray  # float32 (samples,), mono
    sampling_rate: int  # Hz
    handled: tuple[str, ...]  # "mixed down", "resampled"


@dataclass(frozen=True)
class Sound:
    """A recording in one condition; ``problem`` says why, where the condition cannot be applied to it."""

    condition: str  # canonical id
    words: str
    label_preserving: bool
    source: str  # what its sounds are taken from; empty where from the recording alone
    wave: np.ndarray | None = None  # float32 (samples,); None too once it is written
    problem: str = ""
    longer: float = 0.0  # seconds
    peak_dbfs: float | None = None  # None for silence

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{slug(self.condition)}.wav"

    @property
    def clips(self) -> bool:
        """Whether a player, which takes what lies within full scale, clips it; a model is given all of it."""
        return self.peak_dbfs is not None and self.peak_dbfs > 0

    @property
    def facts(self) -> tuple[str, str]:
        """In words, how its length changes, and its peak: "length kept", "peak −3.2 dBFS"."""
        size = abs(self.longer)
        amount = f"{number(1000 * size, 0)} ms" if size < 1 else f"{number(round(size, 2))} s"
        change = f"{amount} {'longer' if self.longer > 0 else 'shorter'}" if size >= 0.0005 else "length kept"
        return change, "silent" if self.peak_dbfs is None else f"peak {number(self.peak_dbfs, 1)} dBFS"


def decoded(file: str | Path, sampling_rate: int) -> Recording:
    """A file as an audit gives it to a model: mono, at ``sampling_rate`` Hz.

    Raises:
        InputError: there is no such file, it holds no audio, or less than 50 ms.
    """
    name = Path(file).name
    try:
        prepared = prepare(Utterance(name, "", {}, {}, Source(str(Path(file).absolute()))), sampling_rate)
    except AudioError as error:
        raise InputError(f"{file} cannot be heard: {error.detail}") from None
    return Recording(name, prepared.wave, sampling_rate, prepared.handled)


def heard(perturbation: Perturbation, recording: Recording, seed: int) -> Sound:
    """A recording in a condition, drawn from (seed, the file's name, the condition) as the engine does."""
    sound = Sound(
        perturbation.id,
        condition(perturbation.id),
        perturbation.label_preserving,
        getattr(perturbation, "source", ""),
    )
    rng = generator(seed, recording.name, perturbation.id)
    try:
        wave = np.asarray(perturbation(recording.wave, recording.sampling_rate, rng), dtype=np.float32)
    except ValueError as error:
        return replace(sound, problem=str(error))
    except ClipError as error:
        raise InputError(str(error)) from None
    if not np.isfinite(wave).all():
        return replace(sound, problem=f"{perturbation.id} gave samples that are not finite")
    peak = float(np.abs(wave).max(initial=0))
    return replace(
        sound,
        wave=wave,
        longer=(len(wave) - len(recording.wave)) / recording.sampling_rate,
        peak_dbfs=float(20 * np.log10(peak)) if peak else None,
    )
