"""Throughput: load time, latency, real-time factor and size, read from the run's timings.

They depend on the machine; a policy may limit the real-time factor all the same, as that of this machine.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..audit import Needs
from ..finding import Estimate, Finding, Subject
from ..policy import Policy
from ..resampling import Interval
from ..run import Run
from ..verdict import clause, verdict
from ..wording import decimals, number

NAME = "throughput"
CODES = {
    "SER601": "How long does the checkpoint take to load?",
    "SER602": "How long does a single utterance take?",
    "SER603": "How many seconds does a second of audio take, in batches?",
    "SER604": "How many parameters has it?",
    "SER605": "How many multiply–accumulates does a second of audio take?",
}


def plan() -> Needs:
    """Needs timings."""
    return Needs(timing=True)


def judge(run: Run, policy: Policy) -> list[Finding]:
    """Measurements of every checkpoint that was timed; the policy may limit the real-time factor."""
    return [f for c in run.manifest.checkpoints for f in _checkpoint(run, c.name, policy)]


def _checkpoint(run: Run, name: str, policy: Policy) -> list[Finding]:
    timings = run.throughput(name)
    if timings is None:
        elsewhere = next(c.padding == "no audio" for c in run.manifest.checkpoints if c.name == name)
        message = f"{name} was not timed: its predictions were made elsewhere."
        if not elsewhere:
            message = f"{name} could not be timed: it fails on utterances of its first corpus."
        return [
            Finding(
                code="SER602",
                audit=NAME,
                subject=Subject(checkpoint=name),
                verdict="not_applicable" if elsewhere else "error",
                message=message,
            )
        ]
    by_scenario = {b["group"]: b for b in timings["benchmarks"]}
    load, single, offline = (by_scenario[k] for k in ("load", "single stream", "offline"))
    extra = single["extra_info"]
    where = f"on {extra['device']} with {extra['threads']} threads"
    p50, p90, p99 = (1000 * extra[p] for p in ("p50", "p90", "p99"))
    found = [
        _measure(
            "SER601", name, "load time [s]", load["stats"]["mean"], 1, f"{name} loads in {{:.1f}} s {where}."
        ),
        _measure(
            "SER602",
            name,
            "latency p50 [ms]",
            p50,
            single["stats"]["rounds"],
            f"{name} takes {{:.1f}} ms for a single utterance (p90 {p90:.1f}, p99 {p99:.1f}) {where}.",
            {"p90": p90, "p99": p99},
        ),
        _factor(name, where, offline, policy),
    ]
    if extra["parameters"] is not None:
        found.append(
            _measure(
                "SER604", name, "parameters", extra["parameters"], 1, f"{name} has {{:,.0f}} parameters."
            )
        )
    if extra["macs_per_second"] is not None:
        text = f"{name} takes {{:,.0f}} multiply–accumulates for a second of audio."
        found.append(_measure("SER605", name, "MACs per second of audio", extra["macs_per_second"], 1, text))
    return found


def _factor(name: str, where: str, offline: dict, policy: Policy) -> Finding:
    """Hold the real-time factor against the policy's limit."""
    metric, audio = "real-time factor", offline["extra_info"]["audio_seconds"]
    rounds = [seconds / audio for seconds in offline["stats"]["data"]]
    interval, limit = of_rounds(rounds, policy.confidence), policy.throughput_limit(metric)
    given = verdict(interval, limit)
    digits = 4 if rounds and max(rounds) < 0.1 else decimals(interval, limit)  # most are small
    span = ""
    if interval.low is not None and interval.high is not None:
        span = f" ({number(interval.low, digits)} to {number(interval.high, digits)}; {len(rounds)} rounds)"
    value = interval.value or 0.0
    return Finding(
        code="SER603",
        audit=NAME,
        metric=metric,
        subject=Subject(checkpoint=name),
        estimate=Estimate(
            value=value,
            low=interval.low,
            high=interval.high,
            confidence=policy.confidence if interval.low is not None else None,
            method=interval.method,
            n=len(rounds),
        ),
        limit=limit,
        verdict=given,
        message=f"{name} takes {number(value, digits)} s{span} for a second of audio in batches {where}"
        f"{clause(given, limit, metric)}.",
        details={"seconds_of_audio_per_second": 1 / value},
    )


def of_rounds(rounds: Sequence[float], confidence: float) -> Interval:
    """The mean over rounds with Student's interval, which ends at 0; none from a single round.

    The mean, not the median, since the time that a corpus takes is a sum.
    """
    from statistics import fmean, stdev

    from scipy.special import stdtrit

    n, value = len(rounds), fmean(rounds)
    if n < 2:
        return Interval(value, reason="no interval from one round")
    reach = float(stdtrit(n - 1, (1 + confidence) / 2)) * stdev(rounds) / n**0.5
    return Interval(value, max(0.0, value - reach), value + reach, "Student's t over rounds")


def _measure(code: str, name: str, metric: str, value: float, n: int, text: str, details=None) -> Finding:
    return Finding(
        code=code,
        audit=NAME,
        metric=metric,
        subject=Subject(checkpoint=name),
        estimate=Estimate(value=float(value), n=n),
        verdict="not_applicable",
        message=text.format(value),
        details=details or {},
    )
