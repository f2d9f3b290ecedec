"""True values of the mutants' findings, and from them what an audit must find: ``expected.csv``.

    python -m ser_audit.benchmark.selftest.truth

At the level of scores the values are those over a million utterances, 2000 speakers of 500 each (of the 20
speakers with a broken one, 50 000 each); through audio those over as many as the sessions of ``heard`` say,
2000 of each corpus. What is true is the value of a finding there, whatever its verdict.

- A true value beyond its limit by more than a fifth of it must be found: of each code, corpus and output the
  one that is farthest beyond. The others may be.
- One that lies within a fifth of the limit, on either side, may be found.
- Whatever is not in the table must not.

A fifth of a limit of a share above one half is a fifth of what it leaves to 1: of a PUP of .9 that is .02.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..finding import Finding, Limit
from ..predictions import CLEAN
from .expected import PATH, SKILL, TOGETHER, About, Expected, Must, column, read, write
from .planted import PLANTED
from .trial import MUTANTS, chosen, limits, parts

NEAR = 0.2  # of a limit
SEED = 9999  # of true values: no trial has it
TEXTS = ("SER104",)  # whose verdict rests on no value
SPEAKER = "SER406"  # names speakers; without a name it is about the lowest of them


def main(arguments: Sequence[str] | None = None) -> None:
    """Take true values of all mutants, or of some, and write the table; lines of the others stay."""
    parser = argparse.ArgumentParser(description="Write what the selftest must find.", epilog="10 minutes.")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / PATH)
    parser.add_argument("mutants", nargs="*", help="default: all")
    options = parser.parse_args(arguments)
    policy = limits()
    names = chosen(options.mutants)
    rows = [row for row in read() if row.mutant not in names] if options.mutants else []
    for part in parts(names, SEED):
        for name, findings in part.findings(policy, full=True).items():
            rows += expectations(name, findings)
            print(f"{name}: {sum(row.mutant == name for row in rows)} lines")
    write(sorted(rows, key=lambda row: MUTANTS.index(row.mutant)), options.output)


def expectations(mutant: str, findings: Sequence[Finding]) -> list[Expected]:
    """What must or may be found of a mutant whose true values are those of ``findings``."""
    values = {About.of(f): f for f in findings if _tells(f, mutant)}
    beyond = {about: _beyond(f) for about, f in values.items()}
    farthest: dict[tuple[str, str, str], About] = {}
    for about, how_far in beyond.items():
        key = about.code, about.corpus, about.output
        if how_far > NEAR and (key not in farthest or how_far > beyond[farthest[key]]):
            farthest[key] = about
    must = set(farthest.values())
    rows = [
        _row(mutant, about, values[about], "fail" if about in must else "may fail")
        for about, how_far in beyond.items()
        if how_far > -NEAR
    ]
    rows += [
        _row(mutant, About.of(f), f, "fail") for f in findings if f.code in TEXTS and f.verdict == "fail"
    ]
    if mutant == "clean":
        rows += [_row(mutant, about, values[about], "pass") for about in beyond if about.code in SKILL]
    claims = [f for f in findings if f.metric == TOGETHER]
    return [*rows, *(r for claim in claims for r in _claim(mutant, claim, rows, values))]


def _tells(finding: Finding, mutant: str) -> bool:
    """Whether the value of a finding is a true value: of a speaker only where speakers stay the same."""
    if finding.limit is None or finding.estimate is None or finding.estimate.value is None:
        return False
    if finding.code != SPEAKER:
        return True
    return finding.subject.group is not None and mutant in PLANTED and PLANTED[mutant].named


def _beyond(finding: Finding) -> float:
    """How far a true value lies beyond its limit, as a share of the limit; negative inside."""
    value, limit = finding.estimate.value if finding.estimate else None, finding.limit
    assert value is not None  # see _tells
    assert limit is not None
    sides = (limit.low, -1), (limit.high, 1)
    return max(sign * (value - end) / _scale(end) for end, sign in sides if end is not None)


def _scale(limit: float) -> float:
    """What a fifth is taken of."""
    return min(limit, 1 - limit) if 0.5 < limit < 1 else abs(limit)


def _row(mutant: str, about: About, finding: Finding, must: Must) -> Expected:
    limit = finding.limit or Limit(source="")
    value = finding.estimate.value if finding.estimate else None
    return Expected(mutant, about, value, limit.low, limit.high, must)


def _claim(
    mutant: str, claim: Finding, rows: Iterable[Expected], values: dict[About, Finding]
) -> Iterator[Expected]:
    """What is expected of a claim that all of a family lie inside: it fails where one of them does."""
    subject = claim.subject
    members = [
        row.must
        for row in rows
        if row.about in values
        and (values[row.about].family or "").partition(" ")[0].endswith(claim.audit)
        and (row.about.condition == CLEAN) == (subject.condition == CLEAN)
        and row.about.corpus == subject.corpus
        and (subject.group is None or column(row.about.group) == column(subject.group))
    ]
    if members:
        yield _row(mutant, About.of(claim), claim, "fail" if "fail" in members else "may fail")


if __name__ == "__main__":
    main()
