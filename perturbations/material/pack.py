"""A noise pack: a user's folder of sound files."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from ..rooms.decay import decay
from .clip import Clip, stamp
from .layouts import FOLDERS, sorted_out
from .sound import MAT, SUFFIXES, facts, first_channel, reason

if TYPE_CHECKING:
    from hashlib import _Hash

    from ..perturbation import Perturbation

NAME = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
BLOCK = 2**20  # bytes that are read at a time


@dataclass(frozen=True)
class Pack:
    """A folder of noises and impulse responses."""

    name: str
    layout: str  # "folders", "MUSAN", "ESC-50", "DEMAND", "AIR", "OpenAIR", "RIRS_NOISES"; several by "and"
    revision: str  # "sha256:…" over the names and bytes of its sound files
    clips: tuple[Clip, ...]

    # Looked up for every speaker of a corpus, so each is made once: packs have up to 60 000 clips.

    @cached_property
    def by_category(self) -> dict[str, tuple[Clip, ...]]:
        """Its clips by category."""
        found: dict[str, list[Clip]] = {}
        for clip in self.clips:
            found.setdefault(clip.category, []).append(clip)
        return {category: tuple(clips) for category, clips in found.items()}

    @cached_property
    def families(self) -> dict[str, Callable[..., Perturbation]]:
        """The families of conditions that it adds."""
        from .families import families

        return families(self)

    def rooms(self, shortest: float, longest: float) -> tuple[Clip, ...]:
        """Its impulse responses with a T30 of ``shortest`` to ``longest`` seconds."""
        rooms, t30 = self._rooms
        return tuple(rooms[i] for i in np.flatnonzero((t30 >= shortest) & (t30 <= longest)))

    @cached_property
    def _rooms(self) -> tuple[tuple[Clip, ...], np.ndarray]:
        rooms = tuple(clip for clip in self.by_category.get("room", ()) if clip.t30 is not None)
        return rooms, np.array([clip.t30 for clip in rooms], dtype=float)


def read_pack(name: str, folder: str | Path) -> Pack:
    """Find the sounds of a folder, sort them into categories, and measure its rooms.

    Wav, flac, ogg, opus, mp3 and aiff files are taken, and the Aachen database's ``air_*.mat``; hidden files
    and all else are passed over, and so are links that lead out of the folder. Files of the layouts that
    ``layouts`` knows get the category they have there, all others that of the outermost folder with a usual
    name.

    The revision depends on the names within the folder and on the bytes of the files that are taken, not on
    where the folder lies.

    Raises:
        ValueError: the name or the folder will not do, the folder holds no audio, or a file cannot be read.
    """
    _require_name(name)
    root = Path(folder)
    if not root.is_dir():
        raise ValueError(f"noise pack {name}: {folder} is not a folder")
    root = root.resolve()
    found = sorted_out(sorted(_sounds(name, root)))
    if not found:
        raise ValueError(
            f"noise pack {name}: {folder} holds no audio; {', '.join(s[1:] for s in SUFFIXES)} are read"
        )
    digest = hashlib.sha256()
    clips = []
    for file, (_, category) in found.items():
        try:
            _hash(digest, file, root / file)
            clips.append(_clip(name, root / file, file, category))
        except (ValueError, OSError) as error:
            raise ValueError(f"noise pack {name}: {file} cannot be read: {reason(error)}") from None
    layouts = sorted({layout for layout, _ in found.values()}, key=lambda name: (name == FOLDERS, name))
    return Pack(name, " and ".join(layouts), f"sha256:{digest.hexdigest()}", tuple(clips))


def _require_name(name: str) -> None:
    """Refuse a name that cannot be part of a condition id, or is taken there."""
    from ..make import registered

    if not NAME.fullmatch(name):
        raise ValueError(
            f"noise pack {name!r}: a name has letters, digits, _ and - only, as it is part of condition ids"
        )
    for family in registered():
        if family in (f"noise.{name}", f"room.{name}"):
            raise ValueError(f"noise pack {name!r}: {family} is a family already; choose another name")


def _sounds(name: str, root: Path) -> Iterator[str]:
    """The sound files below a folder, relative to it, with forward slashes."""

    def refuse(error: OSError) -> None:
        raise ValueError(f"noise pack {name}: {error.filename} cannot be read: {error.strerror}") from None

    for place, folders, files in os.walk(root, onerror=refuse):
        folders[:] = [f for f in folders if not f.startswith(".") and f != "__MACOSX"]
        for folder in folders:
            if Path(place, folder).is_symlink():
                _refuse_link(name, Path(place, folder).relative_to(root))
        for file in files:
            path = Path(place, file)
            suffix = path.suffix.lower()
            wanted = suffix in SUFFIXES and (suffix != MAT or file.lower().startswith("air_"))
            if not wanted or file.startswith("."):
                continue
            if not path.resolve().is_relative_to(root):
                _refuse_link(name, path.relative_to(root))
            if not stat.S_ISFIFO(path.stat().st_mode if path.exists() else 0):  # reading one would wait
                yield path.relative_to(root).as_posix()


def _refuse_link(name: str, path: Path) -> None:
    raise ValueError(
        f"noise pack {name}: {path} is a link, which is not followed:"
        " give what it leads to as a pack of its own, or copy it"
    )


def _hash(digest: _Hash, name: str, path: Path) -> None:
    """Add a file's name, its size and its bytes: the size keeps one file's end from being another's name."""
    digest.update(f"{name}\0{path.stat().st_size}\0".encode("utf-8", "surrogateescape"))
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)


def _clip(pack: str, path: Path, name: str, category: str) -> Clip:
    """A clip of the pack; an impulse response is measured."""
    known = stamp(path)
    samples, sampling_rate = facts(path)
    parts = PurePosixPath(name).parts
    t30 = None
    if category == "room":
        t30 = decay(first_channel(path, dtype="float64")[0], sampling_rate).t30
    folder = parts[0] if len(parts) > 1 else ""
    return Clip(path, name, folder, category, samples / sampling_rate, t30, pack, known)
