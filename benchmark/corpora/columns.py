"""Which column of a corpus plays which role: by its usual name, or as the user names it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..errors import InputError
from ..plugins import nearest

USUAL_NAMES: dict[str, frozenset[str]] = {
    role: frozenset(names.split())
    for role, names in {
        "file": "file path filename filepath audio audiopath audiofile audiofilepath wav wavpath wavfile",
        "start": "start starttime begin begintime onset",
        "end": "end endtime stop stoptime",
        "speaker": "speaker speakerid spk spkid spkr spkrid actor actorid",
        "sex": "sex gender",
        "language": "language lang",
        "age": "age",
        "transcript": "transcript transcription text sentence",
        "emotion": "emotion emotionlabel emotionclass emo emoclass label",
        "arousal": "arousal aro activation act emoact",
        "dominance": "dominance dom emodom",
        "valence": "valence val emoval",
        "corpus": "corpus",
        "variant": "",  # never by its name alone: it makes several rows one utterance
        "take": "",
    }.items()
}
"""Role -> column names that are recognised, in lower case and without separators."""

GROUP = "group."
"""A role ``group.NAME`` takes any column as the group NAME."""


def usual(column: str) -> str:
    """A column's name as :data:`USUAL_NAMES` writes it: ``Speaker_ID`` is ``speakerid``."""
    return re.sub(r"[\s_.-]+", "", column).casefold()


def find_columns(corpus: str, found: Sequence[str], named: Mapping[str, str]) -> dict[str, str]:
    """The column of each role.

    Args:
        corpus: its name, for messages.
        found: the columns that there are.
        named: role -> column, as the user says; they win over usual names.

    Returns:
        role -> column, for the roles that have one.

    Raises:
        InputError: a named role or column is unknown, or several columns have usual names of one role.
    """
    for role, column in named.items():
        _check_named(corpus, role, column, found)
    taken = {column for role, column in named.items() if not role.startswith(GROUP)}
    columns = dict(named)
    for role, names in USUAL_NAMES.items():
        if role in named:
            continue
        matches = [c for c in found if usual(c) in names and c not in taken]
        if len(matches) > 1:
            raise InputError(
                f"corpus {corpus}: the columns {' and '.join(map(repr, matches))} could each be the {role}:"
                f" {how_to_name(corpus, role)}"
            )
        if matches:
            columns[role] = matches[0]
    _pair_offset(corpus, found, columns)
    return columns


def required(corpus: str, role: str, columns: Mapping[str, str], found: Sequence[str]) -> str:
    """The column of a role that no corpus can do without.

    Raises:
        InputError: it has none; the message lists the columns that there are.
    """
    if role not in columns:
        raise InputError(
            f"corpus {corpus}: no column is the {role}; columns found: {', '.join(found)}:"
            f" {how_to_name(corpus, role)}"
        )
    return columns[role]


def how_to_name(corpus: str, role: str) -> str:
    """How the user says which column plays a role."""
    return f"name it with --column {corpus}:{role}=COLUMN"


def _check_named(corpus: str, role: str, column: str, found: Sequence[str]) -> None:
    group = role.removeprefix(GROUP)
    if role.startswith(GROUP) and group in ("sex", "language", "age"):
        raise InputError(f"corpus {corpus}: {group} is a role of its own: write {group}, not {role}")
    if role not in USUAL_NAMES and not (role.startswith(GROUP) and group):
        raise InputError(
            f"corpus {corpus}: unknown role {role!r} for the column {column!r}:"
            f" {nearest(role, [*USUAL_NAMES, GROUP + 'NAME'])}"
        )
    if column not in found:
        raise InputError(
            f"corpus {corpus}: there is no column {column!r} for the {role}: {nearest(column, found)}"
        )


def _pair_offset(corpus: str, found: Sequence[str], columns: dict[str, str]) -> None:
    """Take ``offset`` as the end beside ``onset`` only: elsewhere it names a segment's start."""
    offsets = [c for c in found if usual(c) == "offset" and c not in columns.values()]
    if offsets and "end" not in columns:
        if usual(columns.get("start", "")) == "onset":
            columns["end"] = offsets[0]
        elif "start" not in columns:
            raise InputError(
                f"corpus {corpus}: the column {offsets[0]!r} could be where a segment starts or where it"
                f" ends: name it with --column {corpus}:start={offsets[0]} or"
                f" --column {corpus}:end={offsets[0]}"
            )
