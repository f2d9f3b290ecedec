"""A checkpoint held against its baseline, and its variants against itself, both timed in turn."""

from __future__ import annotations

from collections.abc import Mapping

from ..finding import Finding, Subject
from ..policy import Policy
from ..throughput.ratio import ratio
from ..throughput.rounds import of_rounds, of_share
from ..wording import number
from .timed import absent, busy, held, where

WORK = {"single stream": "for a single utterance", "offline": "in batches"}


def compared(name: str, timings: Mapping, policy: Policy) -> list[Finding]:
    """Findings of the baseline and of all variants that were asked for.

    Args:
        name: of the checkpoint.
        timings: the content of its JSON file.
        policy: holds the limits.
    """
    found = []
    entries = [b for b in timings["benchmarks"] if "compared" in b["extra_info"]]
    reference = {b["group"]: b for b in entries if b["extra_info"]["compared"] == "reference"}
    for entry in entries:
        other, kind = reference[entry["group"]], entry["extra_info"]["compared"]
        if kind == "baseline":
            found.append(_baseline(name, entry, other, policy))
        elif kind == "variant":
            found.append(_gain(name, entry, other, policy))
            if entry["extra_info"]["scenario"] == "offline":
                found += _changes(name, entry["extra_info"], policy)
    for what, reason in timings["skipped"].items():
        if what == "baseline":
            message = f"{name} could not be timed against its baseline: {reason}."
            found.append(absent("SER607", name, message, error=True))
        elif what != "server":
            found.append(absent("SER610", name, f"{name} as {what} could not be made: {reason}."))
    return found


def _baseline(name: str, entry: Mapping, other: Mapping, policy: Policy) -> Finding:
    """The ratio of times, which the policy may limit."""
    extra, times = entry["extra_info"], entry["stats"]["data"]
    interval = ratio(times, other["stats"]["data"], policy.confidence)
    scenario, baseline = extra["scenario"], extra["baseline"]
    return held(
        "SER607",
        Subject(checkpoint=name, group=f"{scenario}: {name} / {baseline}"),
        "ratio to baseline",
        interval,
        len(times),
        policy,
        (f"{name} takes ", f" times as long as {baseline} {WORK[scenario]} {where(extra)}"),
        f"{len(times)} pairs in turn",
        {"milliseconds": 1000 * entry["stats"]["median"], "baseline": 1000 * other["stats"]["median"]},
        busy(extra),
    )


def _gain(name: str, entry: Mapping, other: Mapping, policy: Policy) -> Finding:
    """The ratio of times of a variant."""
    extra, times = entry["extra_info"], entry["stats"]["data"]
    interval = ratio(times, other["stats"]["data"], policy.confidence)
    scenario, variant = extra["scenario"], extra["variant"]
    return held(
        "SER610",
        Subject(checkpoint=name, group=f"{variant}, {scenario}"),
        "ratio to float32",
        interval,
        len(times),
        policy,
        (f"As {variant}, {name} takes ", f" times as long as in float32 {WORK[scenario]} {where(extra)}"),
        f"{len(times)} pairs in turn",
        {
            "how": extra["how"],
            "seconds_to_make": extra["seconds_to_make"],
            "milliseconds": 1000 * entry["stats"]["median"],
            "float32": 1000 * other["stats"]["median"],
        },
        f" ({extra['how']}; made and warm in {extra['seconds_to_make']:.0f} s){busy(extra)}",
    )


def _changes(name: str, extra: Mapping, policy: Policy) -> list[Finding]:
    """What a variant does to the scores, and to the labels where there are classes."""
    variant, moved, changed = extra["variant"], extra["moved"], extra["changed_labels"]
    n, largest, relative = len(moved), extra["largest_difference"], extra["relative_l2"]
    subject = Subject(checkpoint=name, group=variant)
    l2 = "" if relative is None else f", relative L2 {number(relative, 5)}"
    found = [
        held(
            "SER611",
            subject,
            "drift",
            of_rounds(moved, policy.confidence, "utterances"),
            n,
            policy,
            (f"As {variant}, the scores of {name} move by ", ""),
            f"mean over {n} utterances; at most {number(largest, 4)}{l2}",
            {"largest_difference": largest, "relative_l2": relative},
        )
    ]
    if changed is not None:
        found.append(
            held(
                "SER611",
                subject,
                "changed labels",
                of_share(changed, n, policy.confidence),
                n,
                policy,
                (f"As {variant}, {name} gives ", " of the utterances another label"),
                f"{changed} of {n} utterances",
                {"changed": changed},
            )
        )
    return found
