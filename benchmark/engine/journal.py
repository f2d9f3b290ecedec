"""The journal of a table in the making: one line per finished batch, so that a killed run goes on.

A line begins with the hash of what follows: one that is torn or damaged is as good as none.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

Row = tuple[str, str | None, str | None, list[float] | None]  # status, detail, input_hash, scores


class Journal:
    """Rows of the finished batches of one (checkpoint, corpus, condition)."""

    def __init__(self, path: Path, key: str) -> None:
        """Open a journal: from the first line that is not whole it is dropped; another ``key`` begins anew.

        Args:
            path: of the journal's file.
            key: what the rows depend on, hashed.
        """
        self.path = path
        self.batches: dict[int, list[Row]] = {}
        self.halved = 0  # batches that the device had no memory for as a whole
        head = _line({"key": key})
        content = path.read_bytes() if path.is_file() else b""
        kept = len(head)
        if content.startswith(head):
            for line in content[kept:].splitlines(keepends=True):
                entry = _entry(line)
                if entry is None:
                    break
                self._add(**entry)
                kept += len(line)
            with path.open("r+b") as file:
                file.truncate(kept)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(head)

    def append(self, batch: int, rows: list[Row], halved: bool = False) -> None:
        """Add a finished batch. Scores are float32 values, which JSON's shortest form keeps exactly."""
        entry: dict[str, Any] = {"batch": batch, "rows": rows, "halved": halved}
        with self.path.open("ab") as file:
            file.write(_line(entry))
        self._add(**entry)

    def remove(self) -> None:
        """Delete file and rows: the table is written."""
        self.path.unlink(missing_ok=True)
        self.batches.clear()

    def _add(self, batch: int, rows: list[Row], halved: bool) -> None:
        self.batches[batch] = [(r[0], r[1], r[2], r[3]) for r in rows]
        self.halved += halved


def _line(entry: dict) -> bytes:
    said = json.dumps(entry, allow_nan=False).encode()
    return _digest(said) + b" " + said + b"\n"


def _entry(line: bytes) -> dict | None:
    """What a line says; None of one that is not whole."""
    digest, _, said = line.partition(b" ")
    return json.loads(said) if line.endswith(b"\n") and digest == _digest(said[:-1]) else None


def _digest(said: bytes) -> bytes:
    return hashlib.sha256(said).hexdigest()[:16].encode()
