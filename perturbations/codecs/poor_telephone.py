"""A telephone of low quality, that of ser-tests."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id
from ..filters.cutoff import HighPass
from ..generators.coloured import coloured
from ..wave import SILENCE, checked, peak_gain, rms
from .amr import RATE, amr, amr_source
from .line import PEAK, through

THRESHOLD, SLOPE, KNEE = -20.0, 0.8, 4.0  # dBFS; dB out per dB in above it; dB to both sides of it
ATTACK, RELEASE = 0.01, 0.02  # seconds, time constants of the level
KBPS = 7.4
HISS = -25.0  # dBFS, the peak of the pink noise before its high-pass
HISS_FROM, HISS_ORDER = 3000.0, 2.0  # Hz, where the high-pass is 3 dB down; of the Butterworth filter


def level(wave: np.ndarray, sampling_rate: int) -> np.ndarray:
    """The level that the compressor goes by, float64 (samples,): the mean magnitude, one pole each way.

    It starts at full scale, as SoX's ``compand`` does.
    """
    attack, release = (1 - math.exp(-1 / (sampling_rate * seconds)) for seconds in (ATTACK, RELEASE))
    state = 1.0
    levels = []
    for value in np.abs(wave).tolist():  # floats: several times as fast as an array's elements
        state += (value - state) * (attack if value > state else release)
        levels.append(state)
    return np.array(levels)


def compressed(wave: np.ndarray, sampling_rate: int) -> np.ndarray:
    """Float64 (samples,) of a peak of 1 with 0.8 dB for each dB above −20 dBFS, over a soft knee.

    Source: SoX's ``compand``, which the published test runs, but for a gain that its normalising undoes.
    """
    above = 20 * np.log10(np.maximum(level(wave, sampling_rate), SILENCE)) - THRESHOLD
    bent = np.clip(above + KNEE, 0, 2 * KNEE) ** 2 / (4 * KNEE) + np.maximum(above - KNEE, 0)
    return wave * 10 ** ((SLOPE - 1) * bent / 20)


@dataclass(frozen=True)
class PoorTelephone:
    """A poor telephone connection: compressed, 8 kHz, AMR-NB at 7.4 kbit/s, with hiss above 3 kHz.

    Brought to full scale, compressed (0.8 dB per dB above −20 dBFS; 10 ms attack, 20 ms release), coded,
    brought to full scale again; pink noise of a peak at −25 dBFS, high-passed at 3 kHz (Butterworth,
    order 2), is added, and the RMS of the recording restored. Where PyAV is absent, GSM 06.10 stands in for
    AMR-NB and ``source`` says so.

    Source: the method page of ser-tests (Derington et al. 2023, arXiv 2312.06270). There the RMS is not
    restored so far that the wave would clip; here it always is.
    """

    family: ClassVar[str] = "telephone.poor"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family)

    @property
    def source(self) -> str:
        """The codec, or what stands in for it."""
        return amr_source()

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Pass float32 (samples,) at 8000 Hz or more; length, timing and RMS stay, the peak may exceed ±1.

        Raises:
            ValueError: the sampling rate is below 8000 Hz, or the wave is silent (there is no level for the
                noise then), or not finite.
        """
        wave = checked(wave)
        if sampling_rate < RATE:
            raise ValueError(f"{self.id} takes waves of {RATE} Hz or more, not of {sampling_rate} Hz")
        if rms(wave) < SILENCE:
            raise ValueError(f"{self.id}: the utterance is silent, and its noise lies below the speech")
        spoken = compressed(wave * peak_gain(wave, 0), sampling_rate).astype(np.float32)
        heard = through(spoken, sampling_rate, RATE, PEAK, lambda line: amr(line, KBPS))
        pink = coloured(len(wave), 1, sampling_rate, rng)
        pink = (pink * peak_gain(pink, HISS)).astype(np.float32)
        hiss = HighPass(HISS_FROM, HISS_ORDER)(pink, sampling_rate, rng)
        noisy = heard.astype(np.float64) * peak_gain(heard, 0) + hiss
        if rms(noisy) < SILENCE:
            raise ValueError(f"{self.id}: nothing is left of an utterance of {len(wave)} samples")
        return (noisy * (rms(wave) / rms(noisy))).astype(np.float32)
