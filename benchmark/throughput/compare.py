"""A checkpoint against another one, or against itself in another arithmetic: times in turn, what changes."""

from __future__ import annotations

import gc
import re
import warnings
from collections.abc import Mapping, Sequence
from time import perf_counter

import numpy as np

from ..checkpoint import Checkpoint, CheckpointInfo
from ..errors import InputError
from .ratio import in_turn
from .record import entry
from .scenarios import Predict
from .watch import watched

Waves = Sequence[np.ndarray]


def against_baseline(
    checkpoint: Checkpoint,
    baseline: Checkpoint,
    waves: Waves,
    baseline_waves: Waves,
    chosen: Sequence[int],
    batched: Sequence[Sequence[int]],
    shared: Mapping,
) -> list[dict]:
    """Entries of both, single stream and offline.

    Args:
        checkpoint: warm on these utterances.
        baseline: what it is held against.
        waves: float32 (samples,) each.
        baseline_waves: the same utterances at the baseline's sampling rate.
        chosen: utterances of the single stream.
        batched: the batches.
        shared: what stands in every entry.
    """
    for i in chosen:
        baseline.predict([baseline_waves[i]])
    for batch in batched:
        baseline.predict([baseline_waves[i] for i in batch])
    extra = {"compared": "baseline", "baseline": baseline.name}
    names = checkpoint.name, baseline.name
    both = checkpoint.predict, baseline.predict
    return _in_both_scenarios(names, both, (waves, baseline_waves), chosen, batched, shared, extra)


def as_variant(
    checkpoint: Checkpoint,
    name: str,
    waves: Waves,
    chosen: Sequence[int],
    batched: Sequence[Sequence[int]],
    shared: Mapping,
) -> list[dict]:
    """Entries of a variant and of the checkpoint itself, with what the variant does to the predictions.

    Args:
        checkpoint: warm on these utterances.
        name: of the variant.
        waves: float32 (samples,) each.
        chosen: utterances of the single stream; those whose predictions are compared.
        batched: the batches.
        shared: what stands in every entry.

    Raises:
        InputError: the checkpoint has no such variant, or its scores are not finite.
        Exception: whatever making or running it raises.
    """
    known = getattr(checkpoint, "variants", ())
    if name not in known:
        which = f"only {', '.join(known)}" if known else "and no other"
        raise InputError(f"checkpoints of the format {checkpoint.format} have no such variant, {which}")
    begun = perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a compiler's, on code that is not the auditor's
        variant = checkpoint.variant(name)  # type: ignore[attr-defined]  # those with variants have it
        other = np.concatenate([variant([waves[i]]) for i in chosen])
        for batch in batched:
            variant([waves[i] for i in batch])
    seconds = perf_counter() - begun
    own = np.concatenate([checkpoint.predict([waves[i]]) for i in chosen])
    extra = {
        "compared": "variant",
        "variant": name,
        "how": variant.how,
        "seconds_to_make": seconds,
        **changes(own, other, checkpoint.info),
    }
    names = f"{checkpoint.name} as {name}", checkpoint.name
    try:
        return _in_both_scenarios(
            names, (variant, checkpoint.predict), (waves, waves), chosen, batched, shared, extra
        )
    finally:
        del variant
        _free()


def changes(own: np.ndarray, other: np.ndarray, info: CheckpointInfo) -> dict:
    """What a variant does to the scores.

    Args:
        own: float32 (utterances, outputs).
        other: of the variant, likewise.
        info: says which outputs are classes.

    Returns:
        ``moved``: the mean |Δ score| of each utterance; ``largest_difference``: the greatest |Δ score|;
        ``relative_l2``: ‖Δ‖ / ‖own‖; ``changed_labels``: utterances whose likeliest class is another, null
        without classes.

    Raises:
        InputError: scores of the variant are not finite.
    """
    broken = int(np.sum(~np.isfinite(other).all(axis=1)))
    if broken:
        raise InputError(f"its scores are not finite for {broken} of {len(other)} utterances")
    a, b = own.astype(np.float64), other.astype(np.float64)
    classes = [i for i, output in enumerate(info.outputs) if output.kind == "class"]
    changed = None
    if classes:
        changed = int(np.sum(a[:, classes].argmax(axis=1) != b[:, classes].argmax(axis=1)))
    difference, scale = np.abs(b - a), np.linalg.norm(a)
    return {
        "moved": difference.mean(axis=1).tolist(),
        "largest_difference": float(difference.max()),
        "relative_l2": float(np.linalg.norm(b - a) / scale) if scale > 0 else None,
        "changed_labels": changed,
    }


def reason(error: BaseException) -> str:
    """The first line of an error, without paths of this machine."""
    first = (str(error).strip().splitlines() or [""])[0]
    first = re.sub(r"(/[^\s/'\"]+)+/", "", first)[:200].rstrip(".:")
    own = isinstance(error, InputError)
    return first if own else f"{type(error).__name__}: {first}".rstrip(": ")


def _in_both_scenarios(
    names: tuple[str, str],
    predict: tuple[Predict, Predict],
    waves: tuple[Waves, Waves],
    chosen: Sequence[int],
    batched: Sequence[Sequence[int]],
    shared: Mapping,
    extra: Mapping,
) -> list[dict]:
    """Two entries for each scenario, whose rounds are pairs."""
    entries = []
    for scenario, parts in (("single stream", [[i] for i in chosen]), ("offline", batched)):
        items = [([waves[0][i] for i in part], [waves[1][i] for i in part]) for part in parts]
        with watched() as machine:
            times = in_turn(*predict, items)
        group = f"{scenario}, {names[0]} and {names[1]} in turn"
        for place, other in ((0, 1), (1, 0)):
            about = f"{names[place]} beside {names[other]}"
            own = extra if place == 0 else {"compared": "reference"}
            entries.append(entry(scenario, about, times[place], {**shared, **own, **machine}, group))
    return entries


def _free() -> None:
    """Let go of a variant before the next one is made."""
    gc.collect()
    import sys

    if "torch" in sys.modules and (torch := sys.modules["torch"]).cuda.is_available():
        torch.cuda.empty_cache()
