"""Batches: utterances sorted by length, so that little is padded; fixed before prediction begins."""

from __future__ import annotations

from collections.abc import Sequence


def batches(
    lengths: Sequence[int], batch_size: int, sampling_rate: int, batch_seconds: float = 60.0
) -> list[tuple[int, ...]]:
    """Indices into ``lengths`` (samples), batched; utterances of length 0 are left out.

    A batch holds at most ``batch_size`` utterances and, padded, at most ``batch_seconds`` of audio,
    longest utterance × utterances (a longer utterance is a batch of its own).
    """
    order = sorted((i for i, n in enumerate(lengths) if n), key=lambda i: (lengths[i], i))
    result: list[list[int]] = []
    for i in order:
        last = result[-1] if result else []
        padded = (len(last) + 1) * lengths[i]
        if last and len(last) < batch_size and padded <= batch_seconds * sampling_rate:
            last.append(i)
        else:
            result.append([i])
    return [tuple(b) for b in result]
