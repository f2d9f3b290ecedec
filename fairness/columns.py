"""Columns: how the speakers of a cohort are grouped, by the corpus's columns and by ones made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.scored import Scored

from . import bands, pitch

GROUP = "group."
TIMES = " × "
FEWEST = 2  # speakers of a group: the spread between speakers cannot be told from one


@dataclass(frozen=True, eq=False)
class Column:
    """Groups that each row of a cohort belongs to, one or none."""

    name: str  # "sex", "age", "pitch", "sex × age"
    codes: np.ndarray  # int64 (utterances,), index into ``values``; −1 unknown, or left out
    values: tuple[str, ...]  # the groups of two or more speakers, in their order
    present: np.ndarray  # bool (speakers, values), whether a speaker has rows in a group
    left_out: tuple[str, ...]  # values of fewer speakers
    own: bool = True  # the corpus's own column, not one that was made

    @classmethod
    def of(
        cls, scored: Scored, name: str, codes: np.ndarray, values: Sequence[str], own: bool = True
    ) -> Column:
        """Keep the values of two or more speakers.

        Args:
            scored: the cohort.
            name: of the column.
            codes: int64 (utterances,), index into ``values``, −1 where unknown.
            values: in the order that pairs are named in.
            own: the corpus's own column.
        """
        known = codes >= 0
        pairs = np.unique(scored.speakers[known] * len(values) + codes[known])
        speakers, which = np.divmod(pairs, max(len(values), 1))
        members = np.bincount(which, minlength=len(values))  # speakers of each value
        kept = np.flatnonzero(members >= FEWEST)
        renamed = np.full(len(values) + 1, -1)  # the last is of unknown values
        renamed[kept] = np.arange(len(kept))
        present = np.zeros((len(scored.cohort.speakers), len(values) + 1), dtype=bool)
        present[speakers, which] = True
        return cls(
            name,
            renamed[codes],
            tuple(values[int(i)] for i in kept),
            present[:, kept],
            tuple(values[int(i)] for i in np.flatnonzero((members > 0) & (members < FEWEST))),
            own,
        )

    @cached_property
    def fixed(self) -> bool:
        """Whether it is an attribute of speakers: each has one value. Else it varies within speakers."""
        return bool((self.present.sum(axis=1) <= 1).all())

    @cached_property
    def group(self) -> np.ndarray:
        """Group of each speaker, where it is an attribute of speakers: int64 (speakers,), −1 for none."""
        return np.where(self.present.any(axis=1), self.present.argmax(axis=1), -1)

    @cached_property
    def strata(self) -> np.ndarray:
        """Stratum that each speaker is drawn in: int64 (speakers,), 0 where it has no group.

        One stratum for all where a speaker has rows in two groups, as with bilingual speakers.
        """
        return self.group + 1 if self.fixed else np.zeros(len(self.present), dtype=np.int64)

    def who(self, value: str) -> str:
        """Name a group in a sentence: "female", "accent scottish"."""
        return value if self.name == "sex" else f"{self.name} {value}"


def columns(scored: Scored, policy: Policy) -> list[Column]:
    """All columns of a cohort that have a value: the policy's first, intersections last."""
    found = {name: _own(scored, policy, name) for name in _names(scored)}
    if pitch.NAME not in found:
        made = pitch.codes(scored)
        if made is not None:
            found[pitch.NAME] = Column.of(scored, pitch.NAME, made, pitch.VALUES, own=False)
    pairs = [TIMES.join(pair) for pair in policy.groups.intersections]
    for name in dict.fromkeys([*pairs, *(c for c in policy.fairness if TIMES in c)]):
        crossed = [found.get(part) for part in name.split(TIMES)]
        known = [c for c in crossed if c is not None and len(c.values) > 1]
        if name not in found and len(known) == len(crossed):
            found[name] = _crossed(scored, name, known)
    first = [found[name] for name in policy.fairness if name in found]
    return [*first, *(c for c in found.values() if c.name not in policy.fairness)]


def _names(scored: Scored) -> Iterable[str]:
    """Names of the corpus's own columns, as the table has them."""
    return (c.removeprefix(GROUP) for c in scored.predictions.columns if c.startswith(GROUP))


def _own(scored: Scored, policy: Policy, name: str) -> Column:
    """One of the corpus's own columns; in bands, where the policy says so and all its values are numbers."""
    codes, values = scored.coded(name)
    bounds = policy.groups.bands.get(name)
    banded = bands.banded(values, bounds) if bounds else None
    if banded is None:
        return Column.of(scored, name, codes, values)
    which, values = banded
    return Column.of(scored, name, np.append(which, -1)[codes], values)


def _crossed(scored: Scored, name: str, parts: Sequence[Column]) -> Column:
    """Cross columns: "female × 30 to 49"."""
    codes, values = np.zeros_like(parts[0].codes), [""]
    known = np.ones(len(codes), dtype=bool)
    for part in parts:
        codes = codes * len(part.values) + part.codes
        known &= part.codes >= 0
        values = [
            f"{before}{TIMES}{value}" if before else value for before in values for value in part.values
        ]
    return Column.of(scored, name, np.where(known, codes, -1), values, own=False)
