"""Verdicts: an interval held against a limit, in plain words."""

from __future__ import annotations

from .finding import Finding, Limit, Verdict
from .resampling import Interval
from .wording import number

ENDS = {
    "pass": "inside the limit",
    "fail": "outside the limit",
    "inconclusive": "undecided against the limit",
}


def verdict(interval: Interval, limit: Limit | None) -> Verdict:
    """Hold an interval against a limit.

    ``pass`` where it lies wholly inside, ``fail`` where wholly outside, else ``inconclusive``, also
    where there is no interval. ``not_applicable`` without a limit, or where the value is undefined.
    """
    if limit is None or interval.value is None:
        return "not_applicable"
    if interval.low is None or interval.high is None:
        return "inconclusive"
    below = limit.low if limit.low is not None else -float("inf")
    above = limit.high if limit.high is not None else float("inf")
    if interval.low > below and interval.high < above:
        return "pass"
    return "fail" if interval.high <= below or interval.low >= above else "inconclusive"


def allowed(limit: Limit) -> str:
    """Put a limit in words: "above .5", "between −.075 and .075"."""
    if limit.low is not None and limit.high is not None:
        return f"between {number(limit.low)} and {number(limit.high)}"
    return f"above {number(limit.low)}" if limit.low is not None else f"below {number(limit.high or 0.0)}"


def clause(given: Verdict, limit: Limit | None, metric: str) -> str:
    """End a message with what the verdict says of the limit; empty where there is none to give."""
    if limit is None or given not in ENDS:
        return ""
    noun, of, _ = metric.partition(" of ")
    return f": {ENDS[given]} ({f'a {noun} ' if of else ''}{allowed(limit)})"


def withhold(finding: Finding, reason: str) -> Finding:
    """Take back a pass or an open verdict of a checkpoint without skill; a fail stands."""
    if finding.verdict not in ("pass", "inconclusive"):
        return finding
    message = f"{finding.message.rstrip('.')}; no verdict, as {reason}."
    return finding.model_copy(update={"verdict": "not_applicable", "message": message})
