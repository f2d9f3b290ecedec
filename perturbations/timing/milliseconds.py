"""What is said in milliseconds: crops, padding, shifts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..condition import condition_id, require_within


@dataclass(frozen=True)
class Milliseconds:
    """A perturbation of one duration, 0 to 5000 ms, to the nearest sample."""

    ms: float

    family: ClassVar[str]
    version: ClassVar[int] = 1
    label_preserving: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_within(self.family, "ms", self.ms, 0, 5000, "milliseconds")

    @property
    def id(self) -> str:
        """The condition id."""
        return condition_id(self.family, ms=self.ms)

    def samples(self, sampling_rate: int) -> int:
        """Its duration in samples at ``sampling_rate`` Hz."""
        return round(self.ms / 1000 * sampling_rate)
