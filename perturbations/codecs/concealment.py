"""What a receiver plays where a packet did not arrive."""

from __future__ import annotations

import numpy as np

from ..wave import peak_gain
from .line import STEPS

SHORTEST, LONGEST = 0.005, 0.015  # seconds, pitch periods of 200 and 66 Hz; higher voices repeat several
WINDOW = 0.02  # seconds in which they are compared
HELD, FADED = 0.01, 0.06  # seconds into a gap, when its filling begins to fade and when it has faded


def continued(history: np.ndarray, samples: int, sampling_rate: int) -> np.ndarray:
    """What fills a gap of ``samples`` behind float32 (history,): float64 (samples,).

    The last pitch period again and again, at its level for 10 ms, then 20 % less every 10 ms; silence from
    60 ms on. Where there is no history, all is silence.

    Source: after ITU-T G.711, Appendix I (1999), less its overlap within what was heard before the gap.
    """
    time = np.arange(samples) / sampling_rate
    fading = np.clip((FADED - time) / (FADED - HELD), 0, 1)
    if len(history) == 0:
        return np.zeros(samples)
    return np.resize(history[-period(history, sampling_rate) :], samples) * fading


def period(history: np.ndarray, sampling_rate: int) -> int:
    """The lag in samples at which the last 20 ms of float32 (history,) are most like what came before.

    The correlation, over its energy, is taken of 16-bit steps of the loudest sample: sums of whole numbers,
    exact in whatever order a CPU takes them, so that two lags nearly alike are never exchanged.
    """
    shortest, longest, window = (round(s * sampling_rate) for s in (SHORTEST, LONGEST, WINDOW))
    heard = history[-longest - window :].astype(np.float64)
    heard = np.pad(heard, (longest + window - len(heard), 0))
    steps = np.rint(heard * peak_gain(heard, 0) * STEPS)
    earlier = steps[:-shortest]
    energy = np.cumsum(np.pad(earlier**2, (1, 0)))
    energy = energy[window:] - energy[:-window]
    likeness = np.correlate(earlier, steps[-window:], "valid") / np.sqrt(np.maximum(energy, 1))
    return longest - int(np.argmax(likeness))
