"""Recordings of one take by several devices: one of them is the utterance, the others its variants."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..corpus import Utterance
from ..errors import InputError
from ..plugins import nearest
from .columns import how_to_name, required
from .readers import Cells

NAME = re.compile(r"[A-Za-z0-9_.+-]+")


def paired(
    corpus: str,
    utterances: Sequence[Utterance],
    rows: Sequence[int],
    cells: Cells,
    columns: Mapping[str, str],
    reference: str | None,
) -> list[Utterance]:
    """The utterances of the reference variant, each with the recordings of its take by the other variants.

    Args:
        corpus: its name.
        utterances: one per row.
        rows: their rows of the table.
        cells: the table.
        columns: role -> column; without the role ``variant`` the utterances are returned as they are.
        reference: the variant that the others are compared with.

    Raises:
        InputError: reference, variant or take are missing or not as they must be; a take has no reference,
            a variant twice, several speakers, or several truths.
    """
    if "variant" not in columns:
        if reference is not None:
            raise InputError(
                f"corpus {corpus}: {reference!r} is to be the reference of the variants, but no column says"
                f" which row is which: {how_to_name(corpus, 'variant')}"
            )
        return list(utterances)
    take = required(corpus, "take", columns, list(cells))
    variants = _filled(corpus, "variant", columns["variant"], cells, rows)
    takes = _filled(corpus, "take", take, cells, rows)
    present = sorted(set(variants))
    for variant in present:
        if not NAME.fullmatch(variant):
            raise InputError(f"corpus {corpus}: the variant {variant!r} needs a name of A-Z a-z 0-9 _ . + -")
    if reference is None:
        raise InputError(
            f"corpus {corpus}: which of the variants {', '.join(present)} is the one that the others are"
            f" compared with? Give --reference {corpus}={present[0]}"
        )
    if reference not in present:
        raise InputError(
            f"corpus {corpus}: no row is of the variant {reference!r}: {nearest(reference, present)}"
        )
    by_take: dict[str, dict[str, Utterance]] = {}
    for utterance, name, variant in zip(utterances, takes, variants, strict=True):
        recordings = by_take.setdefault(name, {})
        if variant in recordings:
            raise InputError(f"corpus {corpus}: the take {name!r} is there twice in the variant {variant!r}")
        recordings[variant] = utterance
    return [_one(corpus, name, recordings, reference) for name, recordings in by_take.items()]


def _one(corpus: str, take: str, recordings: Mapping[str, Utterance], reference: str) -> Utterance:
    """The reference's utterance with the others' audio."""
    if reference not in recordings:
        raise InputError(
            f"corpus {corpus}: the take {take!r} has no recording by the reference {reference!r},"
            f" only by {', '.join(sorted(recordings))}: leave it out"
        )
    speakers = sorted({u.speaker for u in recordings.values()})
    if len(speakers) > 1:
        raise InputError(f"corpus {corpus}: the take {take!r} is of several speakers: {', '.join(speakers)}")
    if differing := [v for v, u in sorted(recordings.items()) if u.truth != recordings[reference].truth]:
        raise InputError(
            f"corpus {corpus}: the take {take!r} has another truth in the variant {differing[0]!r} than in"
            f" {reference!r}: one take has one label"
        )
    others = {v: u.load for v, u in sorted(recordings.items()) if v != reference}
    return replace(recordings[reference], variants=others)


def _filled(corpus: str, role: str, column: str, cells: Cells, rows: Sequence[int]) -> list[str]:
    """The cells of a column that no row may leave empty."""
    found = [cells[column][i] for i in rows]
    if None in found:
        raise InputError(
            f"corpus {corpus}: row {rows[found.index(None)] + 1} has no {role}: fill the column {column!r}"
        )
    return [cell for cell in found if cell is not None]
