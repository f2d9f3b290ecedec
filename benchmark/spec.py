"""The specification of an audit: ``audit.toml``, the flags of ``run``, or Python, into one frozen record."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from .corpus import CorpusOptions
from .finding import Record
from .tomlfile import read_toml, validate


def cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


Variant = Literal["bfloat16", "int8", "compiled"]


class CheckpointSpec(Record):
    """A checkpoint to audit: a path, ``file.py:name``, or ``bundled``."""

    path: str = Field(min_length=1)
    name: str | None = Field(None, min_length=1)  # default: the file's or folder's name
    info: str | None = None  # a TOML file of facts; default: the one beside it
    trust: bool = False  # open it although it runs code of its own


class CorpusSpec(Record):
    """A corpus to score, and what its files do not tell."""

    name: str = Field(min_length=1)
    path: str = Field(min_length=1)  # a table, an audformat folder, or synthetic:LANGUAGE
    rows: dict[str, tuple[str, ...]] = {}  # column -> values that choose rows
    columns: dict[str, str] = {}  # role -> column
    scales: dict[str, tuple[float, float]] = {}  # dimension -> lowest and highest possible truth
    language: str | None = None
    reference: str | None = None  # where a column is the variant: the one that the others are compared with

    @field_validator("rows", mode="before")
    @classmethod
    def _one_value_is_a_list(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: (v,) if isinstance(v, str) else v for k, v in value.items()}
        return value

    def options(self, limit: int | None, seed: int) -> CorpusOptions:
        """As the corpus formats take it."""
        return CorpusOptions(self.rows, self.columns, self.scales, self.language, self.reference, limit, seed)


class Spec(Record):
    """An audit: what is predicted, what is asked, and with which settings."""

    checkpoints: tuple[CheckpointSpec, ...] = Field(min_length=1)
    corpora: tuple[CorpusSpec, ...] = Field(min_length=1)
    labels: str | None = None  # a TOML file that maps the corpora's labels to the checkpoints' classes
    conditions: str | tuple[str, ...] = "default"  # a set's name or file, or condition ids
    noise_packs: dict[str, str] = {}  # name -> folder of noises and impulse responses
    audits: tuple[str, ...] = ("integrity", "correctness", "robustness", "fairness", "transfer", "throughput")
    policy: str = "default"  # a policy's name or file
    seed: int = Field(0, ge=0)
    limit: int | None = Field(None, ge=1)  # utterances per corpus
    variants: tuple[Variant, ...] = ()  # arithmetics that throughput times and compares beside float32
    baseline: str | None = None  # the checkpoint, by its name, that the others are timed against in turn
    server_rate: float | None = Field(None, gt=0)  # utterances per second; None: half of a single stream's
    strict: bool = False  # rows that cannot be used stop the run
    device: str = "auto"  # auto, cpu, cuda, cuda:1, …
    threads: int | None = Field(None, ge=1, le=1024)  # of one forward pass; as many run as cores allow
    workers: int = Field(default_factory=cores, ge=1, le=256)  # processes that decode and perturb
    cache: bool = True  # use what earlier runs computed, and keep what this one computes
    batch_size: int | None = Field(None, ge=1, le=4096)  # utterances per batch at most

    @field_validator("checkpoints", mode="before")
    @classmethod
    def _path_is_a_checkpoint(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = [value]
        if isinstance(value, (list, tuple)):
            return tuple({"path": v} if isinstance(v, str) else v for v in value)
        return value

    @field_validator("corpora", mode="before")
    @classmethod
    def _mapping_of_names_to_paths(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return tuple({"name": k, **({"path": v} if isinstance(v, str) else v)} for k, v in value.items())
        return value

    @field_validator("corpora")
    @classmethod
    def _names_are_unique(cls, value: tuple[CorpusSpec, ...]) -> tuple[CorpusSpec, ...]:
        names = [c.name for c in value]
        repeated = sorted({n for n in names if names.count(n) > 1})
        if repeated:
            raise ValueError(f"the corpus name {repeated[0]!r} is given twice: give each its own")
        return value


def read_spec(path: str | Path) -> Spec:
    """The audit that a TOML file describes; its relative paths start at its own folder.

    Raises:
        InputError: the file cannot be read, or a key is unknown, missing or wrong.
    """
    data = read_toml(path)
    base = Path(path).parent
    spec = validate(Spec, data, str(path))

    def placed(reference: str | None) -> str | None:
        if reference is None or reference.startswith("synthetic:"):
            return reference
        there = base / reference.split(".py:")[0]
        exists = there.exists() or (base / f"{reference.split('.py:')[0]}.py").exists()
        return str(base / reference) if exists else reference

    return spec.model_copy(
        update={
            "checkpoints": tuple(
                c.model_copy(update={"path": placed(c.path), "info": placed(c.info)})
                for c in spec.checkpoints
            ),
            "corpora": tuple(c.model_copy(update={"path": placed(c.path)}) for c in spec.corpora),
            "noise_packs": {n: str(placed(folder)) for n, folder in spec.noise_packs.items()},
            "labels": placed(spec.labels),
            "policy": placed(spec.policy),
            "conditions": placed(spec.conditions) if isinstance(spec.conditions, str) else spec.conditions,
        }
    )
