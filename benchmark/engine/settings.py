"""What rows depend on beside audio and model, as it is on this machine, or was when the run was begun."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ser_audit import perturbations

from .. import plugins
from ..manifest import Manifest
from ..spec import cores
from .lanes import lanes
from .machine import machine, resolve_device
from .memory import batch_seconds
from .plan import Plan

LIBRARIES = (
    "audiomentations",
    "av",
    "fast-mp3-augment",
    "numpy",
    "onnxruntime",
    "pyroomacoustics",
    "python-stretch",
    "scipy",
    "soundfile",
    "soxr",
    "swift-f0",
    "torch",
    "transformers",
)
ABSENT = "not installed"
ON_CPU, ON_CUDA = 16, 64  # utterances per batch at most


@dataclass(frozen=True)
class Settings:
    """What rows depend on; ``workers`` is left out, for nothing depends on it."""

    seed: int
    device: str
    threads: int  # of one forward pass
    batch_size: int
    batch_seconds: float
    versions: dict[str, str]


def settings(plan: Plan, before: Manifest | None) -> Settings:
    """The spec's settings; what it leaves open is as in the run that goes on, else chosen for this machine.

    Args:
        plan: of the audit.
        before: the manifest of the run that goes on; None: it begins.

    Raises:
        InputError: there is no such device.
    """
    spec = plan.spec
    device = resolve_device(spec.device)
    if before:
        chosen = before.threads, before.batch_size, before.batch_seconds
    else:
        threads = spec.threads or _threads(plan)
        chosen = (
            threads,
            ON_CUDA if device.startswith("cuda") else ON_CPU,
            batch_seconds(device, lanes(device, threads, cores())),
        )
    return Settings(
        spec.seed,
        device,
        spec.threads or chosen[0],
        spec.batch_size or chosen[1],
        chosen[2],
        versions(),
    )


def passes(plan: Plan, settings: Settings) -> int:
    """How many forward passes run side by side."""
    return 1 if _alone(plan) else lanes(settings.device, settings.threads, cores())


def _threads(plan: Plan) -> int:
    """One to a pass, and a pass for each core; all cores where passes must come one by one."""
    return cores() if _alone(plan) else 1


def _alone(plan: Plan) -> bool:
    """Whether passes of a checkpoint must not run side by side: its format says so in ``SIDE_BY_SIDE``."""
    formats = (plugins.load("checkpoints", c.format) for c in plan.checkpoints)
    return not all(getattr(f, "SIDE_BY_SIDE", True) for f in formats)


def sounds_like(settings: Settings) -> list[object]:
    """What kept audio depends on beside its files: libraries and processor, as a part of a key."""
    about = machine(settings.device)
    return [version("ser-audit"), _code(), settings.versions, about["cpu"], about["CPU features"]]


@lru_cache
def _code() -> str:
    """A hash of ser-audit's own code: its version does not tell one checkout from another."""
    total = hashlib.sha256()
    for folder in (Path(__file__).parents[1], Path(perturbations.__file__).parent):
        for file in sorted(folder.rglob("*.py")):
            total.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    return total.hexdigest()


def depends_on(settings: Settings) -> list[object]:
    """What kept predictions depend on beside checkpoint, audio and condition, as a part of a key."""
    about = machine(settings.device)
    return [
        *sounds_like(settings),
        about.get("gpu"),
        "float32",
        settings.seed,
        settings.device,
        settings.threads,
        settings.batch_size,
        settings.batch_seconds,
    ]


def versions() -> dict[str, str]:
    """Of Python and of the libraries that predictions depend on."""
    return {"python": platform.python_version(), **{name: _installed(name) for name in LIBRARIES}}


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ABSENT
