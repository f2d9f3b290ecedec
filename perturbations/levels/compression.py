"""Dynamic range compression, as by the gain control of a phone, a broadcast or a video call."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import SILENCE, checked, rms

THRESHOLD = -20.0  # dB of the peak: about the level of active speech, so that vowels are pressed
ATTACK = 0.005  # seconds, the time constant while the gain falls
RELEASE = 0.1  # seconds, the time constant while it comes back: some syllables
STEP = 0.001  # seconds between two values of the gain; it is interpolated between them
REACH = 5  # steps, to both sides, of which the level is the peak: 11 ms hold half a period of 45 Hz


def smoothed(reduction: np.ndarray, step: float) -> np.ndarray:
    """A gain reduction in dB, float64 (steps,), ``step`` seconds apart, through attack and release.

    One pole with two time constants; it starts settled, as in a compressor that has been running.
    """
    attack, release = math.exp(-step / ATTACK), math.exp(-step / RELEASE)
    values = reduction.tolist()  # a loop over floats is several times as fast as one over an array
    state = values[0]
    out = []
    for value in values:
        keep = attack if value > state else release
        state = keep * state + (1 - keep) * value
        out.append(state)
    return np.array(out)


def gain_db(wave: np.ndarray, sampling_rate: int, ratio: float, threshold: float) -> np.ndarray:
    """The gain of the compressor in dB, never above 0, float64 (samples,).

    Args:
        wave: float32 (samples,), not silent.
        sampling_rate: in Hz.
        ratio: dB of input for one dB of output above the threshold.
        threshold: in dB of full scale.
    """
    from scipy.ndimage import maximum_filter1d

    size = max(1, round(STEP * sampling_rate))
    starts = np.arange(0, len(wave), size)
    peaks = np.maximum.reduceat(np.abs(wave).astype(np.float64), starts)
    level = maximum_filter1d(peaks, 2 * REACH + 1, mode="nearest")
    over = 20 * np.log10(np.maximum(level / 10 ** (threshold / 20), 1))
    reduction = smoothed(over * (1 - 1 / ratio), size / sampling_rate)
    return np.interp(np.arange(len(wave)), starts + (size - 1) / 2, -reduction)


@dataclass(frozen=True)
class Compression:
    """Loud passages brought nearer to the soft ones: ``ratio`` dB above the threshold become one dB.

    A feed-forward compressor in the dB domain with a hard knee at ``threshold_db`` dB of the utterance's
    peak, 5 ms of attack and 100 ms of release (time constants). The level is the peak within 5 ms to both
    sides, so a steady tone has a steady gain, and onsets are met 5 ms ahead as in a limiter. Ratio 20 is
    nearly a limiter: 20 dB of loud speech become one. audiomentations has a limiter only.

    Source: Giannoulis, Massberg and Reiss 2012, Digital Dynamic Range Compressor Design, J. Audio Eng. Soc.
    60(6): the static curve with a hard knee, and the branching smoother, on the gain in dB.
    """

    ratio: float
    threshold_db: float = THRESHOLD

    family: ClassVar[str] = "compression"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "ratio", self.ratio, 1, 20, "dB of input for one of output")
        require_within(self.family, "threshold_db", self.threshold_db, -60, 0, "dB of the peak")

    @property
    def id(self) -> str:
        """The condition id."""
        threshold = {} if self.threshold_db == THRESHOLD else {"threshold_db": self.threshold_db}
        return condition_id(self.family, ratio=self.ratio, **threshold)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Compress float32 (samples,); the length stays.

        The RMS is restored, so that compression is not a change of level as well; the peak may exceed ±1.
        Silence stays silence.

        Raises:
            ValueError: the wave is not finite.
        """
        wave = checked(wave)
        peak = float(np.abs(wave).max())
        if peak < SILENCE:
            return wave.copy()
        unit = wave.astype(np.float64) / peak
        out = unit * 10 ** (gain_db(unit, sampling_rate, self.ratio, self.threshold_db) / 20)
        return (out * (rms(wave) / rms(out))).astype(np.float32)
