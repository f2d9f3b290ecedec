"""The perturbation protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np


class Perturbation(Protocol):
    """A perturbation of speech, fixed in all its parameters but its random draws.

    It is picklable, holds no state that a call changes, and draws from ``rng`` alone.
    """

    id: str  # such as "noise.white@snr_db=20"
    family: str  # such as "noise.white"
    version: int  # raised when its sound changes
    label_preserving: bool  # False: a sensitivity probe, reported, never gated

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Perturb float32 (samples,) at ``sampling_rate`` Hz; returns float32 (samples',).

        Raises:
            ValueError: the wave cannot be perturbed so (say, silence has no SNR).
        """
        ...
