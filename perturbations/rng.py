"""Randomness that depends on seed, utterance and condition only."""

from __future__ import annotations

import hashlib
import json

import numpy as np


def generator(seed: int, utterance: str, condition: str) -> np.random.Generator:
    """The generator of one utterance in one condition.

    Its stream is a function of the three arguments: order, batch, worker, process and machine do not enter.
    The bit generator is named (PCG64), as numpy may change its default one.
    """
    key = json.dumps([seed, utterance, condition])  # unlike a joined string, no two triples share a key
    digest = hashlib.sha256(key.encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))
