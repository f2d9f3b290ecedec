"""Defects planted on purpose: a group, a speaker or a language whose recordings are noisy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

GROUPS = ("sex", "speaker", "language")


@dataclass(frozen=True)
class Noise:
    """White noise under every utterance of a group."""

    group: str  # one of GROUPS
    value: str  # such as "female", "aru_s03", "x-aru"
    snr: float  # dB, power of the utterance over the power of the noise


@dataclass(frozen=True)
class Defects:
    """All defects of a corpus; none by default."""

    noise: tuple[Noise, ...] = ()

    def apply(self, wave: np.ndarray, groups: Mapping[str, str], rng: np.random.Generator) -> np.ndarray:
        """Plant what concerns an utterance of these groups.

        Args:
            wave: float64 (samples,), not silent.
            groups: values of ``sex``, ``speaker``, ``language``.
            rng: draws the noise.

        Returns:
            float64 (samples,); ``wave`` itself where nothing concerns it.
        """
        power = np.mean(wave**2)
        for noise in self.noise:
            if groups[noise.group] == noise.value:
                wave = wave + np.sqrt(power * 10.0 ** (-noise.snr / 10.0)) * rng.standard_normal(len(wave))
        return wave
