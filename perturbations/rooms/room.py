"""Reverberation of a room."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..condition import condition_id, require_within
from ..material.material import NOTHING, Material
from ..wave import checked
from .convolution import reverberated
from .shoebox import response

if TYPE_CHECKING:
    from ..material.clip import Clip
    from ..material.pack import Pack

TOLERANCE = 0.1  # of the reverberation time, for a measured room to stand for it


def require_rt60(family: str, rt60: float) -> None:
    """Refuse a reverberation time outside .2 to 1 seconds.

    Raises:
        ValueError: it is outside.
    """
    require_within(family, "rt60", rt60, 0.2, 1, "seconds")


@dataclass(frozen=True)
class Room:
    """A room with a reverberation time of ``rt60`` seconds.

    Where noise packs hold impulse responses whose measured T30 is within 10 % of it, one of those, drawn for
    each utterance. Where they hold none, a synthetic room with the talker 1.5 m from the microphone: the same
    geometry for every severity (see ``shoebox``); only the walls differ. Its response is built once per
    process, reverberation time and sampling rate. audiomentations' ApplyImpulseResponse is not used: it takes
    files only, delays by the direct path and sets the peak to −6 dBFS whatever the input's level.
    """

    rt60: float
    material: Material = field(default=NOTHING, compare=False, repr=False)

    family: ClassVar[str] = "room"
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_rt60(self.family, self.rt60)

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, rt60=self.rt60)

    @property
    def source(self) -> str:
        """The packs with rooms of that reverberation time, or the image-source room."""
        counts = {pack.name: len(self._of(pack)) for pack in self.material.packs}
        found = [f"pack {name} ({n} room{'' if n == 1 else 's'})" for name, n in counts.items() if n]
        return ", ".join(found) or "image-source room"

    def __call__(self, wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
        """Convolve float32 (samples,) with the room; the length stays, the tail behind it is cut.

        The direct path stays where it was, to the nearest sample. The RMS is restored, so that reverberation
        is not a change of level as well; the peak may exceed ±1.

        Raises:
            ValueError: the wave is not finite.
        """
        wave = checked(wave)
        if self._measured:
            clip = self._measured[int(rng.integers(len(self._measured)))]
            return reverberated(wave, *clip.response(sampling_rate))
        return reverberated(wave, *response(self.rt60, sampling_rate))

    def _of(self, pack: Pack) -> tuple[Clip, ...]:
        """Its rooms that stand for this one."""
        return pack.rooms((1 - TOLERANCE) * self.rt60, (1 + TOLERANCE) * self.rt60)

    @cached_property
    def _measured(self) -> tuple[Clip, ...]:
        return tuple(clip for pack in self.material.packs for clip in self._of(pack))
