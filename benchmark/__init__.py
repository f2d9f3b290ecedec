"""The harness: predicts once into one table, reduces it to findings. Imports only perturbations.

This is the public Python interface::

    from ser_audit.benchmark import Spec, predict, render, score

    spec = Spec(checkpoints=["bundled"], corpora={"aru": "synthetic:aru"})
    run = predict(spec, "my-run")
    findings = score(run)
    report = render(run)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .engine.session import predict
    from .errors import HarnessError, InputError
    from .run import Run
    from .spec import CheckpointSpec, CorpusSpec, Spec, read_spec
    from .steps import render, score

__all__ = [
    "CheckpointSpec",
    "CorpusSpec",
    "HarnessError",
    "InputError",
    "Run",
    "Spec",
    "predict",
    "read_spec",
    "render",
    "score",
]

_HOME = {
    "predict": ".engine.session",
    "HarnessError": ".errors",
    "InputError": ".errors",
    "Run": ".run",
    "render": ".steps",
    "score": ".steps",
    "CheckpointSpec": ".spec",
    "CorpusSpec": ".spec",
    "Spec": ".spec",
    "read_spec": ".spec",
}


def __getattr__(name: str) -> Any:
    """Import on first use: `ser-audit --help` must not wait for pandas."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name], __name__), name)
