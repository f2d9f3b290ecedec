"""A finding: one question put to the predictions, its estimate, its limit and the verdict."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Detail = float | int | str | bool | None
Verdict = Literal["pass", "fail", "inconclusive", "not_applicable", "error"]
VERDICTS: tuple[Verdict, ...] = ("fail", "inconclusive", "pass", "not_applicable", "error")


class Record(BaseModel):
    """Frozen, refuses unknown keys; NaN and infinity never enter it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Estimate(Record):
    """A value with its interval. None where it is undefined; the message says why."""

    value: float | None
    low: float | None = None  # of the interval that makes the verdict
    high: float | None = None
    pointwise_low: float | None = None  # of this value alone, where low and high hold for a family at once
    pointwise_high: float | None = None
    equivalence_low: float | None = None  # of this value alone at 90 %, which "all together" rests on
    equivalence_high: float | None = None
    confidence: float | None = None  # e.g. .95
    method: str | None = None  # e.g. "speaker bootstrap, simultaneous over 3"
    n: int = 0  # rows
    speakers: int = 0


class Limit(Record):
    """The open interval in which the true value must lie; None is unbounded."""

    low: float | None = None
    high: float | None = None
    source: str  # paper, ser-tests, … where the number comes from


class Subject(Record):
    """What a finding is about; None where it does not apply."""

    checkpoint: str
    corpus: str | None = None
    cohort: str | None = None  # "all", or "unseen speakers" / "training speakers"
    condition: str | None = None
    output: str | None = None  # a dimension, or "emotion"
    group: str | None = None  # e.g. "sex: female − male", "speaker: s07"


class Finding(Record):
    """One line of an audit.

    Without a limit it is a measurement: its verdict is ``not_applicable`` and it is not counted.
    """

    code: str  # e.g. "SER205"
    audit: str
    metric: str | None = None  # e.g. "CCC", "UAR", "change of CCC", "PUP"
    subject: Subject
    estimate: Estimate | None = None
    limit: Limit | None = None
    verdict: Verdict
    family: str | None = None  # of findings whose intervals hold at once; None: it stands alone
    message: str  # one sentence in plain words
    details: dict[str, Detail] = {}

    @property
    def counted(self) -> bool:
        """Whether it is a verdict; else it is a measurement, which no summary counts."""
        return self.limit is not None or self.verdict != "not_applicable"


class Findings(Record):
    """The content of ``findings.json``."""

    format: int = 1
    policy: str
    findings: tuple[Finding, ...]
