"""Threads that share a checkpoint get what each would get alone."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from ser_audit.benchmark.checkpoints import open_checkpoint

RATE = 16000
KINDS = [
    ("wav2vec2", "group"),
    ("wav2vec2", "layer"),
    ("data2vec-audio", "layer"),
    ("wav2vec2-conformer", "layer"),
]


def batches() -> list[list[np.ndarray]]:
    """Eight batches of three noises of different lengths."""
    rng = np.random.default_rng(0)
    return [
        [rng.standard_normal(int(n)).astype(np.float32) for n in rng.integers(4000, 16000, 3)]
        for _ in range(8)
    ]


@pytest.mark.parametrize(("kind", "norm"), KINDS)
def test_passes_side_by_side_give_the_scores_of_one_after_the_other(make_folder, kind, norm):
    checkpoint = open_checkpoint(make_folder(kind, norm), threads=1)
    alone = [checkpoint.predict(b) for b in batches()]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            together = list(pool.map(checkpoint.predict, batches()))
            for a, b in zip(alone, together, strict=True):
                np.testing.assert_array_equal(a, b)
