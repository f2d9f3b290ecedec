"""What the perturbations of an audit may take sounds from: noise packs, and other speakers' voices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np

    from ..perturbation import Perturbation
    from .clip import Clip
    from .pack import Pack


class Voices(Protocol):
    """Speech of the corpus, for babble; already without the speaker of the utterance to be perturbed."""

    @property
    def name(self) -> str:
        """Of the corpus."""
        ...

    @property
    def speakers(self) -> Sequence[str]:
        """Their names, sorted."""
        ...

    def read(self, speaker: str, samples: int, rng: np.random.Generator) -> np.ndarray:
        """Speech of one of them, float32 (samples,): utterances drawn without pause, at the corpus's level.

        It is at the sampling rate of the waves that are perturbed.
        """
        ...


@dataclass(frozen=True)
class Material:
    """Noise packs in the user's order, and voices; either may be missing."""

    packs: tuple[Pack, ...] = ()
    voices: Voices | None = field(default=None, compare=False)

    def clips(self, category: str) -> tuple[Clip, ...]:
        """The packs' clips of a category, as ``layouts`` names them; empty where there are none."""
        return tuple(clip for pack in self.packs for clip in pack.by_category.get(category, ()))

    def named(self, categories: Sequence[str]) -> str:
        """In words, the packs that have clips of a category: "pack musan (660 clips)"."""
        counts = {p.name: sum(len(p.by_category.get(c, ())) for c in categories) for p in self.packs}
        return ", ".join(f"pack {name} ({n} clip{'' if n == 1 else 's'})" for name, n in counts.items() if n)

    @property
    def families(self) -> dict[str, Callable[..., Perturbation]]:
        """The families that packs add: ``noise.PACK``, ``noise.PACK.FOLDER`` and ``room.PACK``."""
        return {family: factory for pack in self.packs for family, factory in pack.families.items()}


NOTHING = Material()
