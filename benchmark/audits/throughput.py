"""Throughput: load time, MLPerf's scenarios, memory and size, read from the run's timings.

They depend on the machine; a policy may limit the real-time factor all the same, as that of this machine, and
the ratio to a baseline that was timed in turn (``throughput_compared.py``).
"""

from __future__ import annotations

from ..audit import Needs
from ..finding import Finding, Subject
from ..policy import Policy
from ..run import Run
from ..throughput.rounds import of_rounds
from ..wording import number
from .throughput_compared import compared
from .timed import absent, busy, held, measured, ms, where

CODES = {
    "SER601": "How long does the checkpoint take to load?",
    "SER602": "How long does a single utterance take?",
    "SER603": "How many seconds does a second of audio take, in batches?",
    "SER604": "How many parameters has it?",
    "SER605": "How many multiply–accumulates does a second of audio take?",
    "SER606": "How long does an utterance take when they arrive at random?",
    "SER607": "Is it slower than its baseline?",
    "SER608": "How much memory does a batch take?",
    "SER609": "How long does it take to decode a second of audio?",
    "SER610": "How much faster is it in another arithmetic?",
    "SER611": "How much does another arithmetic change its predictions?",
}
MIB = 2**20


def plan() -> Needs:
    """Needs timings."""
    return Needs(timing=True)


def judge(run: Run, policy: Policy) -> list[Finding]:
    """Measurements of every checkpoint that was timed; the policy may limit some of them."""
    return [f for c in run.manifest.checkpoints for f in _checkpoint(run, c.name, policy)]


def _checkpoint(run: Run, name: str, policy: Policy) -> list[Finding]:
    timings = run.throughput(name)
    if timings is None:
        if next(c.padding == "no audio" for c in run.manifest.checkpoints if c.name == name):
            return [absent("SER602", name, f"{name} was not timed: its predictions were made elsewhere.")]
        message = f"{name} could not be timed: it fails on utterances of its first corpus."
        return [absent("SER602", name, message, error=True)]
    alone = {b["group"]: b for b in timings["benchmarks"] if "compared" not in b["extra_info"]}
    load, single, offline = (alone[k] for k in ("load", "single stream", "offline"))
    extra = single["extra_info"]
    place, seconds = where(extra), load["stats"]["mean"]
    found = [
        measured("SER601", name, "load time [s]", seconds, 1, f"{name} loads in {seconds:.1f} s {place}."),
        _single(name, place, single),
        _factor(name, place, offline, policy),
    ]
    if extra["parameters"] is not None:
        count = extra["parameters"]
        found.append(measured("SER604", name, "parameters", count, 1, f"{name} has {count:,.0f} parameters."))
    if extra["macs_per_second"] is not None:
        count = extra["macs_per_second"]
        text = f"{name} takes {count:,.0f} multiply–accumulates for a second of audio."
        found.append(measured("SER605", name, "MACs per second of audio", count, 1, text))
    if "server" in alone:
        found.append(_server(name, place, alone["server"]))
    elif "server" in timings["skipped"]:
        reason = timings["skipped"]["server"]
        found.append(absent("SER606", name, f"{name} was not timed on utterances that arrive: {reason}."))
    found.append(_memory(name, place, offline["extra_info"]))
    if "decode" in alone:
        found.append(_decode(name, alone["decode"], offline["extra_info"]))
    return found + compared(name, timings, policy)


def _single(name: str, place: str, single: dict) -> Finding:
    extra, n = single["extra_info"], single["stats"]["rounds"]
    message = (
        f"{name} takes {ms(extra['p50'])} ms for a single utterance (p90 {ms(extra['p90'])},"
        f" p99 {ms(extra['p99'])}; {n} in a row) {place}{busy(extra)}."
    )
    further = {p: 1000 * extra[p] for p in ("p90", "p99")}
    return measured("SER602", name, "latency p50 [ms]", 1000 * extra["p50"], n, message, further)


def _factor(name: str, place: str, offline: dict, policy: Policy) -> Finding:
    """Hold the real-time factor against the policy's limit."""
    extra = offline["extra_info"]
    rounds = [seconds / extra["audio_seconds"] for seconds in offline["stats"]["data"]]
    interval = of_rounds(rounds, policy.confidence)
    details = {"seconds_of_audio_per_second": 1 / (interval.value or 1.0)}
    if "utterances_per_second" in extra:
        details["utterances_per_second"] = extra["utterances_per_second"]
    return held(
        "SER603",
        Subject(checkpoint=name),
        "real-time factor",
        interval,
        len(rounds),
        policy,
        (f"{name} takes ", f" for a second of audio in batches {place}"),
        f"{len(rounds)} rounds",
        details,
        busy(extra),
        " s",
    )


def _server(name: str, place: str, server: dict) -> Finding:
    extra, n = server["extra_info"], server["stats"]["rounds"]
    late = "; more arrive than it can serve, so it falls ever further behind" if extra["load"] >= 1 else ""
    share = f"{100 * min(extra['load'], 1):.0f} %"
    p50, p90, p99 = (ms(extra[p]) for p in ("p50", "p90", "p99"))
    message = (
        f"{name} takes {p50} ms from the arrival of an utterance to its scores (p90 {p90}, p99 {p99};"
        f" {n} utterances) where {extra['rate']:,.3g} a second arrive at random and keep it busy for"
        f" {share} of the time, {place}{late}{busy(extra)}."
    )
    further = {p: 1000 * extra[p] for p in ("p90", "p99")} | {k: extra[k] for k in ("rate", "load")}
    return measured("SER606", name, "server latency p50 [ms]", 1000 * extra["p50"], n, message, further)


def _memory(name: str, place: str, extra: dict) -> Finding:
    if extra["peak_memory"] is None:
        reason = extra["peak_memory_method"]
        return absent("SER608", name, f"The peak memory of {name} could not be measured: {reason}.")
    mib, total = extra["peak_memory"] / MIB, extra["peak_memory_total"] / MIB
    message = (
        f"{name} takes {mib:,.0f} MiB at its peak for batches of up to {extra['largest_batch']} utterances,"
        f" beyond what was held before ({total:,.0f} MiB with it), {place}."
    )
    details = {"total": total, "method": extra["peak_memory_method"]}
    return measured("SER608", name, "peak memory [MiB]", mib, extra["utterances"], message, details)


def _decode(name: str, decode: dict, offline: dict) -> Finding:
    extra, n = decode["extra_info"], decode["stats"]["rounds"]
    seconds = decode["stats"]["total"] / extra["audio_seconds"]
    share = seconds / offline["real_time_factor"]
    message = (
        f"Decoding and resampling take {ms(seconds)} ms for a second of audio ({n} files),"
        f" {number(share)} times what {name} takes for it in batches."
    )
    details = {"share_of_model": share}
    return measured("SER609", name, "decoding [ms per s]", 1000 * seconds, n, message, details)
