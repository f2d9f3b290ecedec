"""Batches: utterances sorted by length, so that little is padded; fixed before prediction begins."""

from __future__ import annotations

from collections.abc import Sequence

MAX_SECONDS = 60.0  # of audio per batch, longest utterance × utterances


def batches(lengths: Sequence[int], batch_size: int, sampling_rate: int) -> list[tuple[int, ...]]:
    """Indices into ``lengths`` (samples), batched; utterances of length 0 are left out.

    A batch holds at most ``batch_size`` utterances and, padded, at most ``MAX_SECONDS`` of audio
    (a longer utterance is a batch of its own).
    """
    order = sorted((i for i, n in enumerate(lengths) if n), key=lambda i: (lengths[i], i))
    result: list[list[int]] = []
    for i in order:
        last = result[-1] if result else []
        fits = last and len(last) < batch_size and (len(last) + 1) * lengths[i] <= MAX_SECONDS * sampling_rate
        if fits:
            last.append(i)
        else:
            result.append([i])
    return [tuple(b) for b in result]
