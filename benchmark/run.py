"""A run: the folder that holds the artefacts, each of which can be made again from the one before."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from .errors import InputError
from .finding import Findings, Record
from .manifest import Manifest
from .predictions import CLEAN, Predictions

POLICY = "policy.toml"  # a copy of the policy file that the run was made with, where it is no shipped one
R = TypeVar("R", bound=Record)


def slug(name: str) -> str:
    """A file name for ``name``: itself where it is plain, else cleaned and with a hash."""
    plain = re.sub(r"[^A-Za-z0-9._@=,+-]+", "_", name)[:80]
    if plain == name and not name.startswith("."):
        return name
    return f"{plain.lstrip('.')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def table_path(run: Path, checkpoint: str, corpus: str, condition: str) -> Path:
    """Where the predictions of one checkpoint on one corpus in one condition lie."""
    return run / "predictions" / f"{slug(checkpoint)}~{slug(corpus)}~{slug(condition)}.parquet"


def throughput_path(run: Path, checkpoint: str) -> Path:
    """Where the timings of one checkpoint lie."""
    return run / "throughput" / f"{slug(checkpoint)}.json"


class Run:
    """An audit's folder. Reads what is there; only the engine and ``score`` write to it."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not (self.path / "manifest.json").is_file():
            raise InputError(
                f"{self.path} is no run: it holds no manifest.json; make one with `ser-audit run`"
            )

    @cached_property
    def manifest(self) -> Manifest:
        """What was audited."""
        return self._read("manifest.json", Manifest)

    @cached_property
    def findings(self) -> Findings:
        """What was found."""
        path = self.path / "findings.json"
        if not path.is_file():
            raise InputError(f"{self.path} has no findings.json yet: run `ser-audit score {self.path}`")
        return self._read("findings.json", Findings)

    def _read(self, name: str, model: type[R]) -> R:
        try:
            return model.model_validate_json((self.path / name).read_bytes())
        except ValueError as error:
            first = str(error).splitlines()[0]
            raise InputError(f"{self.path / name} is none of this version of ser-audit: {first}") from None

    def missing(self) -> list[str]:
        """Names of planned tables that are not there: prediction was cut short, or files were removed."""
        return [t for t in self.manifest.tables if not (self.path / "predictions" / t).is_file()]

    def pairs(self) -> list[tuple[str, str]]:
        """All (checkpoint, corpus) names that the run has predictions of, in its order."""
        names = [(k.name, c.name) for k in self.manifest.checkpoints for c in self.manifest.corpora]
        return [pair for pair in names if table_path(self.path, *pair, CLEAN).is_file()]

    def predictions(self, checkpoint: str, corpus: str) -> Predictions:
        """The table of one checkpoint on one corpus, all conditions that it was predicted in."""
        key = (checkpoint, corpus)
        if key not in self._tables:
            paths = [table_path(self.path, checkpoint, corpus, c.id) for c in self.manifest.conditions]
            found = [path for path in paths if path.is_file()]
            if not found:
                raise InputError(f"{self.path} has no predictions of {checkpoint!r} on {corpus!r}")
            self._tables[key] = Predictions(found)
        return self._tables[key]

    @cached_property
    def _tables(self) -> dict[tuple[str, str], Predictions]:
        return {}

    def throughput(self, checkpoint: str) -> dict | None:
        """Timings of one checkpoint in pytest-benchmark's JSON layout; None where not measured."""
        path = throughput_path(self.path, checkpoint)
        return json.loads(path.read_text()) if path.is_file() else None
