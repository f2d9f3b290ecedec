"""Which output of a graph holds the predictions, where it has several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ser_audit.benchmark.errors import InputError
from ser_audit.benchmark.plugins import nearest

Choices = Mapping[str, Mapping[str, Any]]  # name of an output -> its facts: columns and, if told, their names
NAMES = ("dimensions", "classes")


def choose(
    choices: Choices | None, sidecar: Mapping[str, Any], source: str, place: str
) -> tuple[str | None, Mapping[str, Any]]:
    """The output that holds the predictions, and what is known of it.

    It is the one that the sidecar names; else the only one; else the only one whose columns have names; else
    the only one with as many columns as the sidecar names.

    Args:
        choices: the outputs of a graph; empty where they are known only once it has run, None for a format
            whose checkpoints have one.
        sidecar: the sidecar's keys.
        source: the checkpoint's file or folder name, for messages.
        place: the sidecar's file name, for messages.

    Returns:
        Its name (None where the user has to say it) and its facts.

    Raises:
        InputError: the sidecar names another one, or none has as many columns as it names.
    """
    wanted = sidecar.get("output")
    if not choices:
        if wanted is not None and choices is None:
            raise InputError(f"{place} says output = {wanted!r}, but {source} has no outputs to choose from")
        return wanted, {}
    if wanted is not None:
        if wanted not in choices:
            raise InputError(f"{place}: {source} has no output {wanted!r}: {nearest(wanted, choices)}")
        return wanted, choices[wanted]
    columns = sum(len(sidecar[key]) for key in NAMES if key in sidecar)
    fitting = [
        list(choices),
        [name for name, about in choices.items() if any(key in about for key in NAMES)],
        [name for name, about in choices.items() if about.get("outputs") == columns],
    ]
    name = next((names[0] for names in fitting if len(names) == 1), None)
    told = all(about.get("outputs") for about in choices.values())
    if name is None and told and columns and not fitting[2]:
        raise InputError(f"{place} names {columns} outputs, but {source} gives {shown(choices)}")
    return name, choices[name] if name is not None else {}


def shown(choices: Choices) -> str:
    """The outputs with their numbers of columns, such as ``hidden (4 columns), logits (3 columns)``."""
    return ", ".join(f"{name} ({about.get('outputs') or '?'} columns)" for name, about in choices.items())
