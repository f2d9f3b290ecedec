"""Throughput: load time, latency, real-time factor and size, read from the run's timings."""

from __future__ import annotations

from ..audit import Needs
from ..finding import Estimate, Finding, Subject
from ..policy import Policy
from ..run import Run

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
    """Measurements of every checkpoint that was timed; they depend on the machine, so none has a limit."""
    return [f for c in run.manifest.checkpoints for f in _checkpoint(run, c.name)]


def _checkpoint(run: Run, name: str) -> list[Finding]:
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
    factor = offline["extra_info"]["real_time_factor"]
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
        _measure(
            "SER603",
            name,
            "real-time factor",
            factor,
            offline["stats"]["rounds"],
            f"{name} takes {{:.4f}} s for a second of audio in batches {where}.",
            {"seconds_of_audio_per_second": 1 / factor},
        ),
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
