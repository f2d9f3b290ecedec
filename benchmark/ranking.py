"""Which findings a reader must see first."""

from __future__ import annotations

from collections.abc import Iterable

from .finding import Finding


def excess(finding: Finding) -> float:
    """How far the estimate lies beyond its limit, in units of the metric; 0 where it does not."""
    estimate, limit = finding.estimate, finding.limit
    if estimate is None or estimate.value is None or limit is None:
        return 0.0
    below = limit.low - estimate.value if limit.low is not None else 0.0
    above = estimate.value - limit.high if limit.high is not None else 0.0
    return max(below, above, 0.0)


def worst(findings: Iterable[Finding], count: int) -> list[Finding]:
    """The failed findings farthest beyond their limits: the worst of each audit first, then the next ones."""
    failed = sorted((f for f in findings if f.verdict == "fail"), key=excess, reverse=True)
    first = {f.audit: f for f in reversed(failed)}  # the worst of each audit
    leading = [f for f in failed if f is first[f.audit]]
    return [*leading, *[f for f in failed if f is not first[f.audit]]][:count]
