"""What utterances are called: stable, unique, and never an absolute path of somebody's machine."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath


def file_names(files: Sequence[str], folder: Path) -> list[str]:
    """Names for a table's files, in POSIX notation.

    A relative path is its own name. An absolute one is named relative to ``folder`` where it lies
    under it; the others by as many of their last parts as tell all files of the table apart.

    Args:
        files: as the table writes them; repetitions (segments of one file) are expected.
        folder: the table's.

    Returns:
        One name for each file, in order; never absolute.
    """
    roots = dict.fromkeys((PurePosixPath(folder.absolute()), PurePosixPath(folder.resolve())))
    names: dict[str, str] = {}
    outside: dict[str, tuple[str, ...]] = {}
    for file in dict.fromkeys(files):
        path = PurePosixPath(posixpath.normpath(file.replace("\\", "/")))  # a/../b.wav is b.wav
        windows = PureWindowsPath(file)
        under = next((r for r in roots if path.is_relative_to(r)), None)
        if under is not None:
            names[file] = str(path.relative_to(under))
        elif path.is_absolute() or windows.anchor:
            outside[file] = tuple(p for p in windows.parts if p != windows.anchor)
        else:
            names[file] = str(path)
    inside = set(names.values())
    deepest = max(map(len, outside.values()), default=0)
    for depth in range(1, deepest + 1):
        tails = {file: "/".join(parts[-depth:]) for file, parts in outside.items()}
        if len(set(tails.values())) == len(set(outside.values())) and not inside & set(tails.values()):
            break
    if outside:
        names |= tails
    return [names[file] for file in files]


def located(file: str, folder: Path) -> str:
    """Where a table's file lies, as an absolute path: it holds in any worker process."""
    return str((folder / file.replace("\\", "/")).absolute())


def utterance_id(file: str, start: float | None, end: float | None) -> str:
    """A file's name, with ``#start-end`` in seconds (to the microsecond) where it is a segment of it."""
    if not start and end is None:
        return file
    return f"{file}#{_seconds(start or 0.0)}-{'' if end is None else _seconds(end)}"


def _seconds(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
