"""Families of conditions: the severities of one kind of perturbation, summarised together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .manifest import ConditionRecord
from .naming import RECORDING, condition
from .naming import family as named
from .predictions import CLEAN
from .scored import Scored


@dataclass(frozen=True)
class Family:
    """Conditions of one kind that are compared with clean, in the manifest's order."""

    name: str
    conditions: tuple[str, ...]
    label_preserving: bool

    @property
    def group(self) -> str:
        """What the subject of a finding calls it: "family: noise.white", "probe: pitch"."""
        return f"{'family' if self.label_preserving else 'probe'}: {self.name}"

    @property
    def words(self) -> str:
        """What a sentence calls it: "White noise on average over 5 conditions"."""
        probe = "" if self.label_preserving else " (probe)"
        if len(self.conditions) == 1:
            return condition(self.conditions[0]) + probe
        return f"{named(self.name)}{probe} on average over {len(self.conditions)} conditions"


def families(scored: Scored, records: Mapping[str, ConditionRecord]) -> tuple[Family, ...]:
    """The families of a table; without recordings, and without what is compared with another condition.

    Severities of one family that may change what a listener hears are a family of their own, a probe.
    A severity in which no utterance could be predicted (7 kHz low-pass for a checkpoint of 8 kHz) is none.
    """
    found: dict[tuple[str, bool], list[str]] = {}
    for name in scored.conditions:
        record = records[name]
        compared = name != CLEAN and record.reference == CLEAN and record.family != RECORDING
        if compared and scored.ok(name).any():
            found.setdefault((record.family, record.label_preserving), []).append(name)
    return tuple(Family(name, tuple(ids), preserving) for (name, preserving), ids in found.items())


def complete(scored: Scored, output: str, family: Family) -> np.ndarray:
    """Rows with truth that are ok in clean and in all conditions of a family: bool (utterances,)."""
    return scored.usable(output, CLEAN, *family.conditions)
