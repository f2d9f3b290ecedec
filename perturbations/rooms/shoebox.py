"""The impulse response of a shoebox room, calibrated to its reverberation time."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

SIZE = (6.2, 4.7, 2.9)  # m, a living room or an office
TALKER = (2.1, 1.7, 1.5)  # m
MICROPHONE = (3.3, 2.5, 1.1)  # m; 1.5 m from the talker
FAR_MICROPHONE = (1.1, 1.2, 1.1)  # m; from here the room holds a talker at any distance up to 4 m
FAR_TALKER = (4.56, 3.16, 1.5)  # m; 4 m away, 1.5 m and more from every wall
TOLERANCE, WIDER = 0.01, 0.05  # of the reverberation time: sought, and taken where it cannot be met


def t30(response: np.ndarray, sampling_rate: int) -> float:
    """Reverberation time of an impulse response in seconds, from its decay between −5 and −35 dB.

    A straight line is fitted to the backward-integrated energy (Schroeder 1965) in dB and carried on to
    −60 dB: T30 of ISO 3382-1. The response must be complete: a cut one seems to decay faster.
    """
    energy = np.cumsum(np.square(response, dtype=np.float64)[::-1])[::-1]
    decay = 10 * np.log10(energy[energy > 0] / energy[0])
    first, last = np.searchsorted(-decay, [5, 35])
    slope = np.polyfit(np.arange(first, last) / sampling_rate, decay[first:last], 1)[0]
    return -60 / slope


def response(rt60: float, sampling_rate: int) -> tuple[np.ndarray, int]:
    """The response 1.5 m from the talker, float64 (taps,), and the index of the direct path in it.

    Raises:
        ValueError: no absorption gives that reverberation time.
    """
    return _calibrated(TALKER, MICROPHONE, rt60, sampling_rate)


def response_at(m: float, rt60: float, sampling_rate: int) -> tuple[np.ndarray, int]:
    """The same ``m`` metres from the talker, who stands on a line from another place of the microphone.

    Raises:
        ValueError: no absorption gives that reverberation time.
    """
    away = np.subtract(FAR_TALKER, FAR_MICROPHONE)
    talker = FAR_MICROPHONE + m * away / np.linalg.norm(away)
    return _calibrated(tuple(talker.tolist()), FAR_MICROPHONE, rt60, sampling_rate)


Place = tuple[float, float, float]  # m


@lru_cache(maxsize=32)
def _calibrated(talker: Place, microphone: Place, rt60: float, sampling_rate: int) -> tuple[np.ndarray, int]:
    """The response between two places, with walls that give the reverberation time.

    The image-source method (Allen and Berkley 1979) by pyroomacoustics, with walls of one absorption,
    nothing random. No formula gives that absorption (Eyring's is 35 % off in this room), so it is searched
    until the measured T30 is within 1 % of ``rt60`` seconds. T30 may jump where the absorption does not, as a
    reflection enters or leaves its range: then the nearest one is taken, if it is within 5 %.
    """
    volume = float(np.prod(SIZE))
    surface = 2 * (SIZE[0] * SIZE[1] + SIZE[0] * SIZE[2] + SIZE[1] * SIZE[2])
    exponent = 1.33 * 0.161 * volume / (surface * rt60)  # −ln(1 − absorption), by Eyring, and 33 %
    nearest = np.inf
    for _ in range(8):
        taps, direct = _simulate(talker, microphone, 1 - np.exp(-exponent), rt60, sampling_rate)
        measured = t30(taps, sampling_rate)
        if abs(measured / rt60 - 1) < nearest:
            nearest, found = abs(measured / rt60 - 1), (taps, direct)
        if nearest <= TOLERANCE:
            break
        exponent *= measured / rt60
    if nearest <= WIDER:
        found[0].flags.writeable = False  # the cache hands out the same array to all
        return found
    raise ValueError(f"no wall absorption gives a room of rt60={rt60} s at {sampling_rate} Hz")


def _simulate(
    talker: Place, microphone: Place, absorption: float, rt60: float, sampling_rate: int
) -> tuple[np.ndarray, int]:
    """The response with walls of that energy absorption, complete up to ``rt60`` seconds."""
    import pyroomacoustics

    constants = pyroomacoustics.constants
    threads = constants.get("num_threads")
    constants.set("num_threads", 1)  # with more, the sums and so the last bits depend on the core count
    try:
        speed = constants.get("c")
        room = pyroomacoustics.ShoeBox(
            SIZE,
            fs=sampling_rate,
            materials=pyroomacoustics.Material(absorption),
            max_order=int(np.ceil(speed * rt60 / min(SIZE))),
        )
        room.add_source(talker)
        room.add_microphone(microphone)
        room.compute_rir()
        delay = constants.get("frac_delay_length") // 2  # that pyroomacoustics puts before every path
    finally:
        constants.set("num_threads", threads)
    distance = float(np.linalg.norm(np.subtract(talker, microphone)))
    return np.asarray(room.rir[0][0], dtype=np.float64), delay + round(distance / speed * sampling_rate)
