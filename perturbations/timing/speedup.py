"""A hurried passage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import checked
from .stretch import stretched

CONTEXT = 0.06  # seconds on both sides that are stretched along, so that the passage is no beginning
FADE = 0.01  # seconds


@dataclass(frozen=True)
class SpeedUp:
    """One passage of ``percent`` % of the utterance, at random, ``factor`` times as fast, its pitch kept.

    With ``factor=1.25,percent=10..20`` as in Wagner et al. 2023 (arXiv 2203.07378).
    """

    factor: float
    percent: float

    family: ClassVar[str] = "speedup"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "factor", self.factor, 1, 2, "times as fast")
        require_within(self.family, "percent", self.percent, 0, 100, "% of the utterance")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, factor=self.factor, percent=self.percent)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Hurry a passage of float32 (samples,): of its round(samples · percent / 100) samples, n, stay
        exactly round(n / factor).

        The rest is left as it is, bit for bit, but moves up. The passage keeps the RMS of itself with
        60 ms on both sides, and is cross-faded into its neighbours over 10 ms of its own time. The peak may
        exceed ±1.

        Raises:
            ValueError: nothing is left of a wave this short, or it is not finite.
        """
        wave = checked(wave)
        passage = round(len(wave) * self.percent / 100)
        hurried = round(passage / self.factor)
        start = int(rng.integers(len(wave) - passage + 1))
        if hurried == passage:
            return wave.copy()
        end, context = start + passage, round(CONTEXT * sampling_rate)
        first, last = max(0, start - context), min(len(wave), end + context)
        try:
            fast = stretched(wave[first:last], sampling_rate, rng, factor=self.factor)
        except ValueError as error:
            raise ValueError(f"{self.id}: {error}") from error
        begin = min(round((start - first) / self.factor), len(fast) - hurried)
        middle = fast[begin : begin + hurried].copy()
        fade = min(round(FADE * sampling_rate), hurried // 2)
        rising = ((np.arange(fade) + 0.5) / max(fade, 1)).astype(np.float32)
        if start:
            middle[:fade] += (1 - rising) * (wave[start : start + fade] - middle[:fade])
        if end < len(wave):
            middle[hurried - fade :] += rising * (wave[end - fade : end] - middle[hurried - fade :])
        return np.concatenate([wave[:start], middle, wave[end:]])
