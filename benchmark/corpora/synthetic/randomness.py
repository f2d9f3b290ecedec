"""One random generator per purpose, from a hash: no order of calls changes what another one draws."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(*key: str | int) -> np.random.Generator:
    """Make the generator that belongs to ``key`` alone.

    Args:
        key: what the draws are for, such as ``(seed, speaker, utterance, "voice")``.

    Returns:
        A fresh PCG64 generator, equal for equal keys on every machine and in every process.
    """
    digest = hashlib.sha256("\x1f".join(str(part) for part in key).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))
