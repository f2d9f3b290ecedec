"""Listening: files and a page of players, so that an auditor can hear what was done."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ser_audit.perturbations.make import make
from ser_audit.perturbations.material.material import Material
from ser_audit.perturbations.sets import CLEAN, RECORDINGS, Group, read_set

from . import plugins
from .engine.material import read_packs
from .errors import InputError
from .files import write_atomically
from .heard import Sound, decoded, heard
from .naming import family
from .progress import Progress, quiet

SAMPLING_RATE = 16000  # Hz; nearly all checkpoints take it


@dataclass(frozen=True)
class Row:
    """Sounds that belong together, in the set's order: from weak to severe in a family.

    There are none where a set asks for recordings by other devices, which only a corpus has.
    """

    name: str
    note: str
    reference: Sound | None  # what they are compared with, where that is not clean
    sounds: tuple[Sound, ...]


@dataclass(frozen=True)
class Hearing:
    """What the page shows; the waves of its sounds lie in files beside it."""

    recording: str
    seconds: float
    sampling_rate: int  # Hz
    handled: tuple[str, ...]  # "mixed down", "resampled"
    name: str  # of the set
    summary: str
    source: str  # the publication; empty where there is none
    seed: int
    packs: tuple[str, ...]
    clean: Sound
    rows: tuple[Row, ...]

    @property
    def problems(self) -> tuple[Sound, ...]:
        """The conditions that could not be applied, each once."""
        found = (s for row in self.rows for s in (row.reference, *row.sounds) if s is not None and s.problem)
        return tuple({sound.condition: sound for sound in found}.values())


def hear(
    condition: str,
    file: str | Path,
    output: str | Path,
    *,
    seed: int = 0,
    packs: Mapping[str, str] | None = None,
    sampling_rate: int = SAMPLING_RATE,
) -> Sound:
    """Write a file in one condition as 32-bit float WAV: the samples that a model would be given.

    Args:
        condition: its id.
        file: the recording, in any format that an audit takes.
        output: a new file, ``….wav``.
        seed: of what is drawn.
        packs: noise packs, name -> folder.
        sampling_rate: of the model, Hz.

    Raises:
        InputError: the condition, the file, a pack or the output will not do.
    """
    output = Path(output)
    if output.suffix.lower() != ".wav":
        raise InputError(f"{output}: give a name that ends in .wav with -o")
    if output.exists():
        raise InputError(f"{output} exists already: give another name")
    try:
        perturbation = make(condition, Material(read_packs(dict(packs or {}))))
    except ValueError as error:
        raise InputError(str(error)) from None
    sound = heard(perturbation, decoded(file, sampling_rate), seed)
    if sound.problem:
        raise InputError(f"{file} cannot be heard so: {sound.problem}")
    try:
        _write(output, sound, sampling_rate)
    except OSError as error:
        raise InputError(f"{output} cannot be written: {error.strerror}") from None
    return sound


def hear_set(
    name: str | Path,
    file: str | Path,
    output: str | Path,
    *,
    seed: int = 0,
    packs: Mapping[str, str] | None = None,
    sampling_rate: int = SAMPLING_RATE,
    progress: Progress = quiet,
) -> Hearing:
    """Write a file in every condition of a set, and a page of players, into a new or empty folder.

    Nothing is put there before all is made, and the page comes last. Other arguments: see :func:`hear`.

    Raises:
        InputError: the set, the file, a pack or the folder will not do.
    """
    output = Path(output)
    if output.exists() and not output.is_dir():
        raise InputError(f"{output} is a file: give a folder with -o")
    if output.is_dir() and (strange := sorted(p.name for p in output.iterdir())):
        raise InputError(f"{output} holds {strange[0]!r}: give an empty or a new folder with -o")
    page = plugins.load("pages", "hearing")
    material = Material(read_packs(dict(packs or {})))
    try:
        chosen = read_set(name, material)
    except ValueError as error:
        raise InputError(str(error)) from None
    recording = decoded(file, sampling_rate)
    whole = output.absolute()
    making = whole.with_name(f".{whole.name}.{os.getpid()}.tmp")
    sounds = {}
    conditions = tuple(dict.fromkeys((CLEAN, *chosen.conditions)))
    try:
        for done, condition in enumerate(conditions):
            progress("hear", done, len(conditions))
            sound = heard(make(condition, material), recording, seed)
            if not sound.problem:
                _write(making / sound.file, sound, sampling_rate)
            sounds[condition] = replace(sound, wave=None)
        progress("hear", len(conditions), len(conditions))
        hearing = Hearing(
            recording.name,
            len(recording.wave) / sampling_rate,
            sampling_rate,
            recording.handled,
            Path(chosen.name).name,
            chosen.summary,
            chosen.source,
            seed,
            tuple(packs or {}),
            sounds[CLEAN],
            tuple(row for group in chosen.groups for row in _rows(group, sounds)),
        )
        write_atomically(making / page.FILENAME, page.render(hearing).encode())
        whole.mkdir(exist_ok=True)
        for path in sorted(making.iterdir(), key=lambda path: path.name == page.FILENAME):
            path.replace(whole / path.name)
    except OSError as error:
        raise InputError(f"{output} cannot be written: {error.strerror}") from None
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return hearing


def _rows(group: Group, sounds: Mapping[str, Sound]) -> list[Row]:
    """The row of a group; one per family where it is but a list without a name."""
    reference = None if group.reference == CLEAN else sounds[group.reference]
    found: dict[str, list[Sound]] = {}
    for condition in group.conditions:
        if condition != CLEAN:
            name = group.name or family(condition.partition("@")[0])
            found.setdefault(name, []).extend(
                [sounds[condition]] if not condition.startswith(RECORDINGS) else []
            )
    return [Row(name, group.note, reference, tuple(of_it)) for name, of_it in found.items()]


def _write(path: Path, sound: Sound, sampling_rate: int) -> None:
    """A sound as 32-bit float WAV, by SciPy: libsndfile would put the time of day into the file."""
    from scipy.io import wavfile

    file = io.BytesIO()
    wavfile.write(file, sampling_rate, sound.wave)
    write_atomically(path, file.getvalue())
