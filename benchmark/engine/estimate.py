"""What an audit would cost, from the plan and the headers of the audio files: for `--dry-run`."""

from __future__ import annotations

from ..corpus import AudioError, Corpus
from ..spec import Spec
from .plan import make_plan
from .recordings import is_recording

BYTES_PER_ROW = 200  # of a Parquet table, rounded up from real runs


def estimate(spec: Spec) -> str:
    """Hours of audio, forward passes and disk of an audit, in lines; predicts nothing, writes nothing."""
    plan = make_plan(spec)
    hours = rows = store = 0.0
    lines = []
    rates = {c.info.sampling_rate for c in plan.checkpoints if c.format != "table"}
    for corpus in plan.corpora:
        duration = _seconds(corpus)
        conditions = plan.of(corpus)
        passes = len(plan.checkpoints) * len(conditions)
        size = f"{len(corpus.utterances)} utterances, {len({u.speaker for u in corpus.utterances})} speakers"
        lines.append(f"{corpus.name}: {size}, {duration / 3600:.2f} h, {len(conditions)} conditions")
        hours += passes * duration / 3600
        rows += passes * len(corpus.utterances)
        copies = 1 + sum(is_recording(c.id) for c in conditions)
        store += sum(4 * rate * duration * copies for rate in rates)
    names = ", ".join(c.name for c in plan.checkpoints)
    lines += [
        f"checkpoints: {names}",
        f"audio to predict: {hours:.2f} h in {rows:.0f} rows",
        f"disk: {store / 1e6:.0f} MB while it runs, about {rows * BYTES_PER_ROW / 1e6:.1f} MB to keep",
    ]
    return "\n".join(lines)


def _seconds(corpus: Corpus) -> float:
    """Seconds of audio: from headers where the corpus can tell, else decoded; unreadable files count 0."""
    total = 0.0
    for utterance in corpus.utterances:
        try:
            if hasattr(utterance.load, "seconds"):
                total += utterance.load.seconds()
            else:
                wave, rate = utterance.load()
                total += len(wave) / rate
        except AudioError:
            continue
    return total
