"""The families of conditions that a noise pack adds: all its noises, those of a folder, and its rooms."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ..perturbation import Perturbation
from .clip import Clip
from .pack import Pack
from .pack_noise import PackNoise
from .pack_room import PackRoom


@dataclass(frozen=True)
class _Noise:
    """Makes the perturbations of a family of noises; its arguments are the parameters of the id."""

    family: str
    source: str
    clips: tuple[Clip, ...] = field(repr=False)

    def __call__(self, snr_db: float, active: float = 0) -> PackNoise:
        return PackNoise(snr_db, active, family=self.family, source=self.source, clips=self.clips)


@dataclass(frozen=True)
class _Room:
    """Makes the perturbation of a family of rooms."""

    family: str
    source: str
    clips: tuple[Clip, ...] = field(repr=False)

    def __call__(self) -> PackRoom:
        return PackRoom(family=self.family, source=self.source, clips=self.clips)


def families(pack: Pack) -> dict[str, Callable[..., Perturbation]]:
    """``noise.PACK``, ``noise.PACK.FOLDER``, ``room.PACK`` and ``room.PACK.FOLDER``, as far as there are any.

    Folders are the first level's. Of their names, what is no letter, digit, ``_`` or ``-`` becomes ``-``.
    """
    found: dict[str, Callable[..., Perturbation]] = {}
    for kind, factory, rooms in (("noise", _Noise, False), ("room", _Room, True)):
        clips = [clip for clip in pack.clips if (clip.category == "room") == rooms]
        grouped = {f"{kind}.{pack.name}": clips} if clips else {}
        for clip in clips:
            if clip.folder:
                grouped.setdefault(f"{kind}.{pack.name}.{_clean(clip.folder)}", []).append(clip)
        for family, group in grouped.items():
            files = f"{len(group)} clip{'' if len(group) == 1 else 's'}"
            found[family] = factory(family, f"pack {pack.name} ({files})", tuple(group))
    return found


def _clean(folder: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", folder, flags=re.ASCII)
