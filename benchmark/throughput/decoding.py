"""Decoding apart from the model: how long an utterance's file takes to become a wave."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from ..corpora.decode import Source, prepare
from ..corpus import Utterance

BUDGET = 1.0  # seconds


def decode(utterances: Sequence[Utterance], sampling_rate: int) -> tuple[list[float], float]:
    """Decode, mix down and resample utterances, as the prediction step does.

    The files were read before, so the disk is not in it. Utterances that lie in no file are left out.

    Args:
        utterances: that can be decoded.
        sampling_rate: of the checkpoint, Hz.

    Returns:
        Seconds that each took, until one second is over; and the seconds of audio of all of them.
    """
    seconds: list[float] = []
    audio = 0.0
    for utterance in utterances:
        if not isinstance(utterance.load, Source):
            continue
        if not seconds:
            prepare(utterance, sampling_rate)  # the first one imports the libraries
        start = perf_counter()
        wave = prepare(utterance, sampling_rate).wave
        seconds.append(perf_counter() - start)
        audio += len(wave) / sampling_rate
        if sum(seconds) > BUDGET:
            break
    return seconds, audio
