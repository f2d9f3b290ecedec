"""The journal of a table in the making: one line per finished batch, so that a killed run goes on."""

from __future__ import annotations

import json
from pathlib import Path

Row = tuple[str, str | None, str | None, list[float] | None]  # status, detail, input_hash, scores


class Journal:
    """Rows of the finished batches of one (checkpoint, corpus, condition)."""

    def __init__(self, path: Path, key: str) -> None:
        """Open a journal: a torn last line is dropped; one of another ``key`` is begun anew.

        Args:
            path: of the journal's file.
            key: what the rows depend on, hashed.
        """
        self.path = path
        self.batches: dict[int, list[Row]] = {}
        head = json.dumps({"key": key}).encode() + b"\n"
        content = path.read_bytes() if path.is_file() else b""
        kept = len(head)
        if content.startswith(head):
            for line in content[kept:].splitlines(keepends=True):
                if not line.endswith(b"\n"):
                    break
                entry = json.loads(line)
                self.batches[entry["batch"]] = [tuple(row) for row in entry["rows"]]
                kept += len(line)
            with path.open("r+b") as file:
                file.truncate(kept)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(head)

    def append(self, batch: int, rows: list[Row]) -> None:
        """Add a finished batch. Scores are float32 values, which JSON's shortest form keeps exactly."""
        line = json.dumps({"batch": batch, "rows": rows}, allow_nan=False).encode() + b"\n"
        with self.path.open("ab") as file:
            file.write(line)
        self.batches[batch] = rows

    def remove(self) -> None:
        """Delete the file: its table is written."""
        self.path.unlink(missing_ok=True)
