"""A perturbation whose parameters are drawn anew for each utterance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from .condition import Choice, Span, Value, with_parameters
from .perturbation import Perturbation

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Drawn:
    """A family with parameters such as ``db=-2/2`` or ``percent=10..20``.

    The published tests of small changes draw one value per file; this draws it from the utterance's own
    generator, before the perturbation itself draws.
    """

    family: str
    parameters: tuple[tuple[str, Value], ...]
    factory: Callable[..., Perturbation] = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        tried = (v.samples if isinstance(v, Choice | Span) else (v,) for _, v in self.parameters)
        for values in product(*tried):
            self._made(*values)  # refuses what is out of range now, not at the unlucky utterance

    def _made(self, *values: float) -> Perturbation:
        return self.factory(**dict(zip((name for name, _ in self.parameters), values, strict=True)))

    @property
    def _any(self) -> Perturbation:
        """One of them: all are of one version."""
        return self._made(*(v.values[0] if isinstance(v, Choice | Span) else v for _, v in self.parameters))

    @property
    def id(self) -> str:
        """The condition id."""
        return with_parameters(self.family, dict(self.parameters))

    @property
    def version(self) -> int:
        """Raised when its sound changes."""
        return self._any.version

    @property
    def label_preserving(self) -> bool:
        """False: a sensitivity probe, reported, never gated."""
        return self._any.label_preserving

    @property
    def source(self) -> str:
        """What its sounds are taken from; empty where there are none."""
        return getattr(self._any, "source", "")

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Draw the values, and perturb float32 (samples,) so.

        Raises:
            ValueError: the wave cannot be perturbed so.
        """
        values = [v.draw(rng) if isinstance(v, Choice | Span) else v for _, v in self.parameters]
        return self._made(*values)(wave, sampling_rate, rng)
