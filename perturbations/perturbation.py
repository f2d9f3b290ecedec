"""The perturbation protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np


class Perturbation(Protocol):
    """A perturbation of speech, fixed in all its parameters but its random draws.

    It is picklable, holds no state that a call changes, and draws from ``rng`` alone.
    The attributes are read only: the built-in perturbations are frozen dataclasses.

    What is registered is the class; its arguments are the parameters of condition ids, all numbers. Two
    things more it may have:

    - an argument ``material`` (a field that takes no part in comparisons): it is given the audit's
      :class:`~.material.material.Material`, noise packs and voices of other speakers;
    - a property ``source``, a few words on what its sounds are taken from, for manifest and report.
    """

    @property
    def id(self) -> str:
        """The condition, such as ``"noise.white@snr_db=20"``."""
        ...

    @property
    def family(self) -> str:
        """The condition without its severity, such as ``"noise.white"``; the name it is registered by."""
        ...

    @property
    def version(self) -> int:
        """Raised when its sound changes."""
        ...

    @property
    def label_preserving(self) -> bool:
        """False: a sensitivity probe, reported, never gated."""
        ...

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Perturb float32 (samples,) at ``sampling_rate`` Hz; returns float32 (samples',).

        The wave itself is left as it is. The result is finite and may exceed ±1.

        Raises:
            ValueError: the wave cannot be perturbed so (say, silence has no SNR).
        """
        ...
