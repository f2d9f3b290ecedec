"""Whole files by atomic rename: a reader sees the old content or the new, never half of it."""

from __future__ import annotations

import os
from pathlib import Path

TEMPORARY = ".*.tmp"  # what a process that is killed while it writes leaves behind


def write_atomically(path: Path, content: bytes) -> None:
    """Write ``content`` to a temporary file beside ``path``, flush it to disk, and rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
