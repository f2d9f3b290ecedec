"""What earlier runs computed, kept for later ones: a file for each key of all that the content depends on.

The folder may be deleted at any time. It holds predictions, proofs, timings and where speech lies in files,
never audio, names or truth. A file that is not whole is as good as none.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from ..files import write_atomically

FOLDER = "SER_AUDIT_CACHE"  # environment variable


class Cache:
    """Contents by kind and key; without a folder, it keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def get(self, kind: str, key: str) -> bytes | None:
        """What was kept under the key; None where there is nothing, or it is damaged."""
        if self.folder is None:
            return None
        path = self._path(kind, key)
        try:
            digest, _, content = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        if digest != _digest(content):
            return None
        return content

    def has(self, kind: str, key: str) -> bool:
        """Whether something whole is kept under the key."""
        return self.get(kind, key) is not None

    def put(self, kind: str, key: str, content: bytes) -> None:
        """Keep it; where that is impossible (a full disk, a folder that cannot be written), go on without."""
        if self.folder is None:
            return
        try:
            write_atomically(self._path(kind, key), _digest(content) + b"\n" + content)
        except OSError:
            return

    def _path(self, kind: str, key: str) -> Path:
        assert self.folder is not None
        return self.folder / kind / key[:2] / key


def user_cache(kept: bool = True) -> Cache:
    """The cache of the user: of ``SER_AUDIT_CACHE``, else ``XDG_CACHE_HOME`` or ``~/.cache``.

    Args:
        kept: False: nothing is read from it and nothing written.
    """
    given = os.environ.get(FOLDER)
    if given:
        return Cache(Path(given).absolute() if kept else None)
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        return Cache(Path(home).expanduser().absolute() / "ser-audit" if kept else None)
    except RuntimeError:  # there is no home
        return Cache(None)


def key(*parts: Any) -> str:
    """A key over values that JSON can hold."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
