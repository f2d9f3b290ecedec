"""The revision of a checkpoint: a hash over the names and the content of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
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
        with file.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256")
        total.update(f"{file.name}\0{content.hexdigest()}\n".encode())
    return f"sha256:{total.hexdigest()}"
