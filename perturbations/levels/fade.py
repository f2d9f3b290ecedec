"""Slow fades over the whole utterance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..wave import checked


def falling(samples: int, sampling_rate: int, percent_per_s: float) -> np.ndarray:
    """Gains max(0, 1 − p·t), float64 (samples,), 1 at t = 0; p is ``percent_per_s`` / 100 per second."""
    return np.maximum(0, 1 - percent_per_s / 100 * np.arange(samples) / sampling_rate)


@dataclass(frozen=True)
class FadeIn:
    """The amplitude grows by ``percent_per_s`` % of the original per second, up to the original at the end.

    Source: Wagner et al. 2023 (arXiv 2203.07378), who fade by 2 % per second.
    """

    percent_per_s: float

    family: ClassVar[str] = "fade.in"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "percent_per_s", self.percent_per_s, 0, 100, "% per second")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, percent_per_s=self.percent_per_s)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Fade in float32 (samples,); the length stays, no level is made up for.

        The gain is max(0, 1 − p·(T − t)), 1 at the last sample: an utterance longer than 100 % / p begins
        with silence.

        Raises:
            ValueError: the wave is not finite.
        """
        wave = checked(wave)
        return (wave * falling(len(wave), sampling_rate, self.percent_per_s)[::-1]).astype(np.float32)


@dataclass(frozen=True)
class FadeOut:
    """The amplitude falls by ``percent_per_s`` % of the original per second, from the original at the start.

    Source: Wagner et al. 2023 (arXiv 2203.07378), who fade by 2 % per second.
    """

    percent_per_s: float

    family: ClassVar[str] = "fade.out"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "percent_per_s", self.percent_per_s, 0, 100, "% per second")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, percent_per_s=self.percent_per_s)

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Fade out float32 (samples,); the length stays, no level is made up for.

        The gain is max(0, 1 − p·t), 1 at the first sample: an utterance longer than 100 % / p ends in
        silence.

        Raises:
            ValueError: the wave is not finite.
        """
        wave = checked(wave)
        return (wave * falling(len(wave), sampling_rate, self.percent_per_s)).astype(np.float32)
