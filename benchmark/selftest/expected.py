"""What must be found: the committed table of expectations, and findings held against it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Literal, cast

from ..finding import Finding
from ..predictions import CLEAN

TOGETHER = "all together"  # the metric of a claim about a family: what it is about may shrink
SKILL = ("SER201", "SER209")
BLIND = ("correctness", "robustness", "fairness")  # audits in which an output without skill passes nothing
Must = Literal["fail", "pass", "may fail"]


def column(group: str | None) -> str:
    """The column of a group or of a pair: "sex" of "sex: female − male"."""
    return (group or "").partition(":")[0]


@dataclass(frozen=True)
class About:
    """Which finding of a mutant is meant: code, metric and subject; empty where it does not apply."""

    code: str
    metric: str
    corpus: str
    condition: str
    output: str
    group: str

    @classmethod
    def of(cls, finding: Finding) -> About:
        """What a finding is about."""
        subject = finding.subject
        inner = subject.condition, subject.output, subject.group
        if finding.metric == TOGETHER:
            inner = (CLEAN if subject.condition == CLEAN else None), None, column(subject.group)
        return cls(*(part or "" for part in (finding.code, finding.metric, subject.corpus, *inner)))

    def __str__(self) -> str:
        """Code and subject: "SER401 speech clean arousal sex: female − male"."""
        return " ".join(part for part in astuple(self)[:1] + astuple(self)[2:] if part)


@dataclass(frozen=True)
class Expected:
    """A line of the table: a finding that must or may fail, or must pass; every other must not fail."""

    mutant: str
    about: About
    true: float | None  # its true value; None where it has a verdict only
    low: float | None  # the limit, which the true value should lie above
    high: float | None  # and below
    must: Must


@dataclass(frozen=True)
class Wrong:
    """A finding that is not as expected."""

    mutant: str
    code: str
    kind: Literal["not found", "found", "passed"]
    what: str  # the subject
    told: str  # by the finding; empty where there is none


PATH = "expected.csv"
HEADER = ["mutant", *(f.name for f in fields(About)), "true", "low", "high", "must"]


def read() -> list[Expected]:
    """Read the committed table."""
    text = (resources.files(__package__ or "") / PATH).read_text(encoding="utf-8")
    return [_line(row) for row in csv.DictReader(text.splitlines())]


def _line(cells: Mapping[str, str]) -> Expected:
    true, low, high = (float(cells[key]) if cells[key] else None for key in ("true", "low", "high"))
    about = About(*(cells[f.name] for f in fields(About)))
    return Expected(cells["mutant"], about, true, low, high, cast(Must, cells["must"]))


def write(rows: Iterable[Expected], path: Path) -> None:
    """Write a table; true values to four decimals."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(HEADER)
        for row in rows:
            numbers = ["" if x is None else f"{x:.4g}" for x in (row.true, row.low, row.high)]
            table.writerow([row.mutant, *astuple(row.about), *numbers, row.must])


def compare(mutant: str, findings: Sequence[Finding], expected: Sequence[Expected]) -> list[Wrong]:
    """Hold the verdicts on one mutant against what is expected of it.

    - What must fail does, and what must pass does.
    - Nothing else fails but what may.
    - An output whose true skill lies outside its limit passes nothing that rests on predictions.
    """
    own = {row.about: row for row in expected if row.mutant == mutant}
    unskilled = [about for about, row in own.items() if about.code in SKILL and row.must == "fail"]
    found = {About.of(finding): finding for finding in findings if finding.counted}
    wrong = []
    for about, row in own.items():
        finding = found.get(about)
        if row.must != "may fail" and (finding is None or finding.verdict != row.must):
            told = f"{finding.verdict}: {finding.message}" if finding else "nothing was said of it"
            wrong.append(Wrong(mutant, about.code, "not found", f"{about} must {row.must}", told))
    for about, finding in found.items():
        if finding.verdict in ("fail", "error") and not (about in own and own[about].must != "pass"):
            wrong.append(Wrong(mutant, about.code, "found", str(about), finding.message))
        if finding.verdict == "pass" and finding.audit in BLIND and _deaf(about, unskilled):
            wrong.append(Wrong(mutant, about.code, "passed", f"{about} without skill", finding.message))
    return wrong


def _deaf(about: About, unskilled: Iterable[About]) -> bool:
    """Whether the output that is meant has no skill on that corpus."""
    lacking = {row.output for row in unskilled if row.corpus == about.corpus}
    return bool(about.output) and about.output in lacking
