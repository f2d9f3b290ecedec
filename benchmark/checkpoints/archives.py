"""Zip archives as torch writes them, read as data: all members are checked before one of them is used.

Torch reads an archive with another library than Python does, and the two may see different members in a
file that was made for it. So what is loaded in the end is never the file itself, but an archive written
anew (:func:`write`) from the members that were checked here.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ser_audit.benchmark.errors import InputError

MAGIC = b"PK\x03\x04"
# A compressed archive may unpack to this many times its size, and this many bytes more.
RATIO, SPARE = 4, 1 << 26


@dataclass(frozen=True)
class Archive:
    """An open archive whose names and sizes were checked."""

    label: str  # for messages
    root: str  # the folder that holds all members, with a slash at its end; empty where there is none
    names: tuple[str, ...]  # of the members, within the root
    _zip: zipfile.ZipFile

    def read(self, name: str) -> bytes:
        """The content of a member.

        Raises:
            InputError: there is no such member, or its checksum is wrong.
        """
        try:
            return self._zip.read(self.root + name)
        except KeyError:
            raise InputError(f"{self.label} has no member {name!r}") from None
        except Exception as error:  # zipfile's and zlib's own, or the end of the file
            raise InputError(f"{self.label} is corrupt: its member {name!r} cannot be read") from error


@contextmanager
def opened(source: Path | bytes, label: str, compressed: bool = False) -> Iterator[Archive]:
    """Open an archive and check the names and sizes of all its members.

    Args:
        source: a file, or the bytes of one.
        label: its name in messages.
        compressed: whether members may be compressed, to a bounded size.

    Raises:
        InputError: it is no whole archive, or a member is encrypted, a link, named twice, named so that
            it leaves the archive, or larger than the archive can hold.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(f"{label} is no whole zip archive: it may be cut off or corrupt") from error
    with archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        _check(infos, label, compressed)
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        declared, most = sum(info.file_size for info in infos), RATIO * size + SPARE if compressed else size
        if declared > most:
            raise InputError(
                f"{label} has {size} bytes, but its members would have {declared}: refused, as one made"
                " to exhaust the memory"
            )
        root = _root([info.filename for info in infos])
        yield Archive(label, root, tuple(info.filename[len(root) :] for info in infos), archive)


def _check(infos: Iterable[zipfile.ZipInfo], label: str, compressed: bool) -> None:
    methods = {zipfile.ZIP_STORED, *([zipfile.ZIP_DEFLATED] if compressed else [])}
    known = set()
    for info in infos:
        name = info.orig_filename
        parts = name.replace("\\", "/").split("/")
        if "\\" in name or "\0" in name or ":" in parts[0] or name.startswith("/") or {"..", "."} & {*parts}:
            wrong = "a name that leaves the archive"
        elif stat.S_ISLNK(info.external_attr >> 16):
            wrong = "a link"
        elif info.flag_bits & 1:
            wrong = "encrypted"
        elif info.filename in known:
            wrong = "there twice"
        elif info.compress_type not in methods:
            wrong = "compressed, which torch does not do"
        else:
            known.add(info.filename)
            continue
        raise InputError(f"{label} is refused: its member {name[:80]!r} is {wrong}")


def _root(names: list[str]) -> str:
    """The one folder that all names begin with."""
    first = {name.partition("/")[0] if "/" in name else "" for name in names}
    only = first.pop() if len(first) == 1 else ""
    return f"{only}/" if only else ""


def write(members: Iterable[tuple[str, bytes]], root: str) -> io.BytesIO:
    """A new archive of members, uncompressed, at its start."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members:
            archive.writestr(root + name, content)
    buffer.seek(0)
    return buffer


Kind = Literal["torch.export", "TorchScript", "pickle", "cut off"]


def kind(path: Path) -> Kind | None:
    """What torch wrote into a file, told by the members of the archive alone; None where it is no archive."""
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            return None
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "cut off"
    inner = {name.partition("/")[2] for name in names}
    if {"archive_format", "serialized_exported_program.json"} & {*names, *inner}:
        return "torch.export"
    if "constants.pkl" in inner:
        return "TorchScript"
    return "pickle" if "data.pkl" in inner else None
