"""Pitch groups: speakers by the mean fundamental frequency (F0) of their voice, as ser-tests has them."""

from __future__ import annotations

import numpy as np
from ser_audit.benchmark.scored import Scored

NAME = "pitch"
VALUES = ("low", "medium", "high")
BOUNDS = (145.0, 190.0)  # Hz; low ≤ 145 < medium ≤ 190 < high
VOICE = (50.0, 350.0)  # Hz; utterances whose mean F0 lies outside are not counted
FEWEST = 25  # utterances of a speaker


def codes(scored: Scored) -> np.ndarray | None:
    """Group of each row's speaker, index into ``VALUES``; None where no F0 was measured.

    Args:
        scored: a cohort whose table has the column ``f0``, Hz.

    Returns:
        int64 (utterances,), −1 for a speaker with fewer than 25 utterances of a mean F0 from 50 to 350 Hz.
    """
    f0 = scored.number("f0")
    voiced = (f0 >= VOICE[0]) & (f0 <= VOICE[1])
    if not voiced.any():
        return None
    speakers, count = scored.speakers[voiced], len(scored.cohort.speakers)
    n = np.bincount(speakers, minlength=count)
    mean = np.bincount(speakers, weights=f0[voiced], minlength=count) / np.maximum(n, 1)
    group = np.where(n >= FEWEST, np.searchsorted(BOUNDS, mean, side="left"), -1)
    return group[scored.speakers]
