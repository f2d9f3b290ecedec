"""One burst cut out of a recording that may hold silence and other bursts."""

from __future__ import annotations

import numpy as np

FRAMES_PER_SECOND = 100
BELOW_PEAK = 0.01  # of the loudest frame's power (−20 dB): what is quieter is not part of a burst
LONGEST_GAP = 10  # frames, 100 ms: between the phases of one cough
MARGIN = 3  # frames kept on each side, faded


def cut_burst(circle: np.ndarray, sampling_rate: int) -> np.ndarray:
    """The loudest burst of a recording of which ``circle`` is one round, float32 (samples,), begun anywhere.

    Read as a circle, the recording is opened at its quietest 10 ms, so that a burst is whole wherever the
    reading began. The burst is what lies around the loudest 10 ms and no more than 20 dB below them, with
    gaps of up to 100 ms, and 30 ms on either side, faded in and out. A steady sound is all one burst.

    Returns:
        float32 (burst samples,), no longer than the recording.
    """
    frames = len(circle) * FRAMES_PER_SECOND // sampling_rate
    if frames < 2:
        return circle
    edges = np.linspace(0, len(circle), frames + 1).astype(int)
    power = np.add.reduceat(np.square(circle, dtype=np.float64), edges[:-1]) / np.diff(edges)
    opening = int(np.argmin(power))
    sound, power = np.roll(circle, -edges[opening]), np.roll(power, -opening)
    starts = np.roll(edges[:-1], -opening) - edges[opening]
    edges = np.append(np.where(starts < 0, starts + len(circle), starts), len(circle))

    loud = np.flatnonzero(power >= BELOW_PEAK * power.max())
    runs = np.split(loud, np.flatnonzero(np.diff(loud) > LONGEST_GAP + 1) + 1)
    run = next(run for run in runs if int(np.argmax(power)) in run)
    first, last = max(0, run[0] - MARGIN), min(frames, run[-1] + 1 + MARGIN)
    burst = sound[edges[first] : edges[last]].copy()
    _fade(burst[: edges[run[0]] - edges[first]])
    _fade(burst[len(burst) - (edges[last] - edges[run[-1] + 1]) :][::-1])
    return burst


def _fade(samples: np.ndarray) -> None:
    """Bring samples in place from 0 to their level, by half a cosine."""
    samples *= 0.5 - 0.5 * np.cos(np.pi * (np.arange(len(samples)) + 0.5) / max(1, len(samples)))
