"""One trial: all mutants audited with one seed, in as many processes as there are cores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from .. import policy as policies
from ..engine.ahead import ahead
from ..errors import InputError
from ..finding import Finding
from ..plugins import nearest
from ..policy import Policy
from ..progress import Progress, quiet
from . import planted
from .heard import SESSIONS
from .planted import PLANTED

MUTANTS = (*PLANTED, *(name for session in SESSIONS for name in session.mutants))


def limits() -> Policy:
    """The policy that mutants are judged by: the one that is shipped as default."""
    return policies.load("default")


@dataclass(frozen=True)
class Part:
    """Mutants that are judged together: one that is planted in scores, or those of a session."""

    session: int | None  # index in SESSIONS
    names: tuple[str, ...]
    seed: int

    def findings(self, policy: Policy, full: bool = False) -> dict[str, list[Finding]]:
        """Findings on each mutant; ``full``: over as much as true values are taken from."""
        if self.session is None:
            return {name: planted.findings(name, self.seed, policy, full) for name in self.names}
        found = SESSIONS[self.session].findings(self.names, self.seed, policy, full)
        return {name: [f for f in found if f.subject.checkpoint == name] for name in self.names}


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """All mutants, or those of these names.

    Raises:
        InputError: there is no such mutant.
    """
    for name in names:
        if name not in MUTANTS:
            raise InputError(f"no mutant {name!r}: {nearest(name, MUTANTS)}")
    return tuple(name for name in MUTANTS if not names or name in names)


def trial(
    names: Sequence[str], seed: int, policy: Policy, workers: int, progress: Progress = quiet
) -> dict[str, list[Finding]]:
    """Findings on the mutants of these names.

    Args:
        names: of mutants.
        seed: of all corpora.
        policy: holds the limits.
        workers: processes.
        progress: is told what is done.
    """
    todo = list(parts(names, seed))
    found: dict[str, list[Finding]] = {}
    judged = ahead(partial(Part.findings, policy=policy), todo, workers)
    for done, (part, findings) in enumerate(zip(todo, judged, strict=True), 1):
        found |= findings
        progress(f"audit {part.names[-1]}", done, len(todo))
    return {name: found[name] for name in names}


def parts(names: Sequence[str], seed: int) -> Iterator[Part]:
    """What is to be judged for mutants of these names; the longest first, which are those through audio."""
    for number, session in enumerate(SESSIONS):
        own = tuple(name for name in session.mutants if name in names)
        if own:
            yield Part(number, own, seed)
    for name in PLANTED:
        if name in names:
            yield Part(None, (name,), seed)
