"""The revision of a checkpoint: a hash over the names and the content of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path


def revision(files: Iterable[Path]) -> str:
    """Hash files, in the order of their names.

    Only the last part of each path counts, so a moved checkpoint keeps its revision.

    Args:
        files: files of one folder.

    Returns:
        ``sha256:`` and 64 hexadecimal digits.
    """
    total = hashlib.sha256()
    for file in sorted(files, key=lambda f: f.name):
        about = file.stat()
        total.update(f"{file.name}\0{_content(file, about.st_size, about.st_mtime_ns)}\n".encode())
    return f"sha256:{total.hexdigest()}"


@lru_cache(maxsize=1024)
def _content(file: Path, size: int, changed: int) -> str:
    """A large file is read once in a process, unless its size or its time of change is another."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
