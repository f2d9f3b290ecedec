"""What could not be judged, and why: one reason for many findings, never a line for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ser_audit.benchmark.finding import Finding, Subject

from . import format as fmt
from .model import Reason
from .tables import WITHHELD, by


def reasons(findings: Iterable[Finding]) -> tuple[Reason, ...]:
    """Group findings without a decision: broken, undecided, without skill, nothing to score."""
    groups = by((f for f in findings if unjudged(f)), _key)
    return tuple(_reason(kind, found) for (kind, *_), found in groups.items())


def unjudged(finding: Finding) -> bool:
    """Whether a question was put and not decided; what is only measured puts none."""
    if finding.verdict in ("inconclusive", "error"):
        return True
    nothing = finding.estimate is None and not finding.details  # not even a measurement
    return finding.verdict == "not_applicable" and (finding.limit is not None or nothing)


def _key(finding: Finding) -> tuple[str, ...]:
    """Findings of one key share their reason."""
    estimate, audit = finding.estimate, finding.audit
    if finding.verdict == "error":
        return "broken", audit, finding.message
    if finding.limit is None or estimate is None or estimate.value is None:
        return "said", finding.message
    if finding.verdict == "not_applicable":
        place = (finding.subject.checkpoint, finding.subject.corpus or "")
        return "withheld", *place, finding.message.partition(WITHHELD)[2] or finding.message
    return ("unbounded" if estimate.low is None or estimate.high is None else "undecided"), audit


def _reason(kind: str, findings: list[Finding]) -> Reason:
    first = findings[0]
    many = len(findings) > 1
    text = {
        "broken": f"The {first.audit} audit broke: {first.message}",
        "said": first.message,
        "withheld": f"{_place(first.subject)}: {first.message.partition(WITHHELD)[2] or first.message}",
        "unbounded": f"No interval to hold against the limit, such as: {first.message}"
        if many
        else first.message,
        "undecided": f"{first.audit.capitalize()}: {'intervals reach' if many else 'the interval reaches'} "
        "from inside to outside of the limit; more speakers would decide.",
    }[kind]
    places = Counter(_place(f.subject) for f in findings)
    about = (
        [f"{place} {n}" for place, n in places.items()] if kind in ("undecided", "unbounded") and many else []
    )
    metrics = dict.fromkeys(f.metric for f in findings if f.metric) if kind == "withheld" else {}
    codes = sorted({f.code for f in findings})
    return Reason(text if text.endswith(".") else f"{text}.", len(findings), tuple(codes), (*about, *metrics))


def _place(subject: Subject) -> str:
    return fmt.short(subject.checkpoint) + (f" on {fmt.short(subject.corpus)}" if subject.corpus else "")
