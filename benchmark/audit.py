"""The audit protocol: what it needs predicted, and how it judges the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .finding import Finding
    from .policy import Policy
    from .run import Run


@dataclass(frozen=True)
class Needs:
    """What an audit needs from the prediction step."""

    conditions: bool = False  # the perturbed conditions of the spec, beside clean
    timing: bool = False  # latency and throughput of each checkpoint
    pitch: bool = False  # the mean F0 of each utterance


class Audit(Protocol):
    """An audit: a module or object registered under the entry point group ``ser_audit.audits``."""

    CODES: Mapping[str, str]  # finding code -> the question it answers

    def plan(self) -> Needs:
        """What must be predicted or measured before :meth:`judge` can run."""
        ...

    def judge(self, run: Run, policy: Policy) -> list[Finding]:
        """Findings from the run's table and manifest: no audio, no model, no randomness."""
        ...
