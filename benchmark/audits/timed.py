"""What findings on timings share: where they were measured, how busy the machine was, how they are made."""

from __future__ import annotations

from collections.abc import Mapping

from ..finding import Detail, Estimate, Finding, Limit, Subject
from ..policy import Policy
from ..resampling import Interval
from ..verdict import clause, verdict
from ..wording import decimals, number

NAME = "throughput"
BUSY = 0.5  # cores


def where(extra: Mapping) -> str:
    """Name device and threads: "on cpu with 2 threads"."""
    threads = extra["threads"]
    return f"on {extra['device']} with {threads} thread{'' if threads == 1 else 's'}"


def busy(extra: Mapping) -> str:
    """Say that others used the machine meanwhile; empty where they used less than half a core."""
    cores = extra.get("other_cores")
    if cores is None or cores <= BUSY:
        return ""
    return f"; other processes kept {cores:.1f} cores busy meanwhile"


def ms(seconds: float) -> str:
    """Write a time in milliseconds: "56.9", "4.21", ".04"."""
    return number(1000 * seconds, 1 if seconds >= 0.01 else 2)


def span(interval: Interval, digits: int, of: str) -> str:
    """Put an interval over rounds in brackets: " (.98 to 1.04; 40 pairs)"."""
    if interval.low is None or interval.high is None:
        return f" ({interval.reason}; {of})" if interval.reason else f" ({of})"
    return f" ({number(interval.low, digits)} to {number(interval.high, digits)}; {of})"


def measured(
    code: str, name: str, metric: str, value: float, n: int, message: str, details: Mapping | None = None
) -> Finding:
    """Make a measurement without an interval."""
    return Finding(
        code=code,
        audit=NAME,
        metric=metric,
        subject=Subject(checkpoint=name),
        estimate=Estimate(value=float(value), n=n),
        verdict="not_applicable",
        message=message,
        details=dict(details or {}),
    )


def held(
    code: str,
    subject: Subject,
    metric: str,
    interval: Interval,
    n: int,
    policy: Policy,
    words: tuple[str, str],
    of: str,
    details: Mapping[str, Detail] | None = None,
    after: str = "",
    unit: str = "",
) -> Finding:
    """Hold an interval against the policy's limit of its metric.

    Args:
        code: of the finding.
        subject: what it is about.
        metric: named as in the policy.
        interval: of the value.
        n: rounds, pairs or utterances.
        policy: holds the limits.
        words: the message before and after the number.
        of: what the interval is over, in words: "40 pairs".
        details: of the finding.
        after: how the message ends.
        unit: after the number.
    """
    limit: Limit | None = policy.throughput_limit(metric)
    given, value = verdict(interval, limit), interval.value or 0.0
    small = max(value, interval.high or 0.0) < 0.1
    digits = 4 if small else decimals(interval, limit)
    before, behind = words
    return Finding(
        code=code,
        audit=NAME,
        metric=metric,
        subject=subject,
        estimate=Estimate(
            value=value,
            low=interval.low,
            high=interval.high,
            confidence=policy.confidence if interval.low is not None else None,
            method=interval.method,
            n=n,
        ),
        limit=limit,
        verdict=given,
        message=f"{before}{number(value, digits)}{unit}{span(interval, digits, of)}{behind}"
        f"{clause(given, limit, metric)}{after}.",
        details=dict(details or {}),
    )


def absent(code: str, name: str, message: str, error: bool = False) -> Finding:
    """Make a finding on what could not be measured."""
    return Finding(
        code=code,
        audit=NAME,
        subject=Subject(checkpoint=name),
        verdict="error" if error else "not_applicable",
        message=message,
    )
