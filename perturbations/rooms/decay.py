"""The decay of a measured impulse response: where it begins, where it ends in noise, how long it takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DIRECT = 10.0  # dB below the largest magnitude: the ringing of a band limit before the direct path is lower
BLOCK = 0.005  # seconds over which power is averaged
MARGIN = 10.0  # dB that a level must lie above the noise to be taken for decay (ISO 3382-1)
FITTED = 20.0  # dB above that, the range of the late decay that tells where it meets the noise
INAUDIBLE = 60.0  # dB below the whole energy; what comes after it is cut
RANGES = ((5.0, 35.0), (5.0, 25.0))  # dB; T30, and T20 where noise hides the lower part of T30


@dataclass(frozen=True)
class Decay:
    """What an impulse response shows."""

    direct: int  # index of the direct path
    end: int  # index behind the last sample worth keeping
    t30: float | None  # seconds; None where noise hides the decay


def direct_path(response: np.ndarray) -> int:
    """Index of the first peak of (taps,) whose magnitude is within 10 dB of the largest.

    Not of the largest itself: far from the talker, reflections that coincide can exceed the direct path.
    """
    size = np.abs(response)
    first = int(np.argmax(size >= size.max() * 10 ** (-DIRECT / 20)))
    while first + 1 < len(size) and size[first + 1] > size[first]:
        first += 1
    return first


def decay(response: np.ndarray, sampling_rate: int) -> Decay:
    """The decay of an impulse response (taps,) at ``sampling_rate`` Hz.

    The crossing of the late decay and the noise is found iteratively (Lundeby et al. 1995, Acustica 81, 344),
    the energy is integrated backwards from there (Schroeder 1965), less the noise's, and with the part that
    noise hides put in from the fitted decay. The reverberation time is T30 of ISO 3382-1, a line through −5
    to −35 dB carried on to −60 dB; where the noise is not 10 dB below that, T20, through −5 to −25 dB.

    Raises:
        ValueError: the response is silent.
    """
    if not np.any(response):
        raise ValueError("it is silent, and so no impulse response")
    direct = direct_path(response)
    power = np.square(np.trim_zeros(response[direct:], "b"), dtype=np.float64)
    blocks, size = _blocks(power, sampling_rate)
    line, noise = _late_decay(blocks)
    if line is None:
        return Decay(direct, direct + min(len(power), size * _sinks(blocks, noise)), None)
    level, slope = line[0], line[1] / size  # dB, dB per sample
    knee = min(len(power), max(1, int((noise - level) / slope)))
    hidden = 10 ** ((level + slope * knee) / 10) / (-slope * np.log(10) / 10)
    energy = np.cumsum(power[:knee][::-1] - 10 ** (noise / 10))[::-1] + hidden
    curve = _db(np.maximum(energy, hidden / 2) / energy[0])
    end = direct + int(np.searchsorted(-curve, INAUDIBLE))
    for low, high in RANGES:
        first, last = np.searchsorted(-curve, [low, high])
        if last < knee and last - first > 2 and level + slope * last >= noise + MARGIN:
            fit = np.polyfit(np.arange(first, last) / sampling_rate, curve[first:last], 1)
            return Decay(direct, end, float(-60 / fit[0]))
    return Decay(direct, end, None)


def _blocks(power: np.ndarray, sampling_rate: int) -> tuple[np.ndarray, int]:
    """The mean power of blocks of 5 ms, the last one shorter, and their samples."""
    size = max(1, round(BLOCK * sampling_rate))
    starts = np.arange(0, len(power), size)
    return np.add.reduceat(power, starts) / np.diff(starts, append=len(power)), size


def _late_decay(blocks: np.ndarray) -> tuple[tuple[float, float] | None, float]:
    """The late decay as a line, dB at the start and dB per block, and the noise that it sinks into, in dB.

    No line where the power does not stay above the noise for four blocks.
    """
    tail = len(blocks) - max(1, len(blocks) // 10)  # the last tenth is noise, to begin with
    noise = float(_db(blocks[tail:].mean()))
    line = None
    for _ in range(5):
        levels = np.maximum(_db(blocks), noise)
        last = _sinks(blocks, noise)
        above = np.flatnonzero(levels > noise + MARGIN + FITTED)
        first = min(int(above[-1]) if len(above) else int(np.argmax(levels)), last - 4)
        if first < 0 or last == len(blocks):
            return None, noise
        slope, level = np.polyfit(np.arange(first, last) + 0.5, levels[first:last], 1)
        if slope >= 0:
            return None, noise
        line = float(level), float(slope)
        behind = max(0, int((noise - MARGIN - level) / slope)) + 1  # the decay is 10 dB below the noise
        noise = float(_db(blocks[min(behind, tail) :].mean()))
    return line, noise


def _sinks(blocks: np.ndarray, noise: float) -> int:
    """The number of blocks up to the last one 10 dB above the noise; all of them where none is."""
    above = np.flatnonzero(_db(blocks) > noise + MARGIN)
    return int(above[-1]) + 1 if len(above) else len(blocks)


def _db(power: np.ndarray) -> np.ndarray:
    return 10 * np.log10(np.maximum(power, np.finfo(float).tiny))
