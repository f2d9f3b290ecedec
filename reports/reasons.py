"""What could not be judged, and why: one reason for many findings, never a line for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ser_audit.benchmark.finding import Finding, Subject

from . import format as fmt
from .deciding import sentence
from .model import Reason
from .tables import TOGETHER, WITHHELD, by

ROWS = "rows_to_name"  # of a speaker, from which one that is wholly wrong would be named as broken
UNSKILLED = ", as no skill"


def reasons(findings: Iterable[Finding]) -> tuple[Reason, ...]:
    """Group findings without a decision: broken, undecided, without skill, nothing to score."""
    groups = by((f for f in findings if unjudged(f)), _key)
    return tuple(_reason(kind, found) for (kind, *_), found in groups.items())


def unjudged(finding: Finding) -> bool:
    """Whether a question was put and not decided; what is only measured puts none, nor does a summary."""
    if finding.metric == TOGETHER:
        return False
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
        if ROWS in finding.details:
            return "unnamed", *place
        return "withheld", *place, _why(finding)
    return ("unbounded" if estimate.low is None or estimate.high is None else "undecided"), audit


def _reason(kind: str, findings: list[Finding]) -> Reason:
    first = findings[0]
    many = len(findings) > 1
    text = {
        "broken": f"The {first.audit} audit broke: {first.message}",
        "said": first.message,
        "withheld": f"{_place(first.subject)}: {_why(first)}",
        "unnamed": f"{_place(first.subject)}: no speaker could be named as broken on {_outputs(findings)}, "
        f"however bad: {_rows(findings)}",
        "unbounded": f"No interval to hold against the limit{', such as' if many else ''}: {first.message}",
        "undecided": f"{first.audit.capitalize()}: {'intervals reach' if many else 'the interval reaches'} "
        "from inside to outside of the limit.",
    }[kind]
    places = Counter(_place(f.subject) for f in findings)
    about = (
        [f"{place} {n}" for place, n in places.items()] if kind in ("undecided", "unbounded") and many else []
    )
    metrics = dict.fromkeys(f.metric for f in findings if f.metric) if kind == "withheld" else {}
    codes = sorted({f.code for f in findings})
    told = text if text.endswith(".") else f"{text}."
    decides = sentence(findings) if kind in ("undecided", "unbounded") else ""
    return Reason(told, len(findings), tuple(codes), (*about, *metrics), decides)


def _why(finding: Finding) -> str:
    """The reason for which a verdict was withheld."""
    for held in (WITHHELD, UNSKILLED):
        _, found, reason = finding.message.partition(held)
        if found:
            return reason if held == WITHHELD else f"no skill{reason}"
    return finding.message


def _outputs(findings: list[Finding]) -> str:
    *rest, last = dict.fromkeys(fmt.short(f.subject.output or "") for f in findings)
    return f"{', '.join(rest)} and {last}" if rest else last


def _rows(findings: list[Finding]) -> str:
    """How many utterances of a speaker would be needed to name it."""
    needed = sorted(n for f in findings if isinstance(n := f.details.get(ROWS), int))
    if not needed:
        return "the median speaker is as bad"
    span = str(needed[0]) if needed[0] == needed[-1] else f"{needed[0]} to {needed[-1]}"
    return f"about {span} utterances of each speaker would be needed"


def _place(subject: Subject) -> str:
    return fmt.short(subject.checkpoint) + (f" on {fmt.short(subject.corpus)}" if subject.corpus else "")
