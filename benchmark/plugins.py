"""Entry points: built-ins and plug-ins register the same way, under ``ser_audit.<group>``."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from .errors import InputError

GROUPS = ("checkpoints", "corpora", "perturbations", "metrics", "audits", "renderers")


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for an unknown name: the nearest known one, else all of them."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known) or 'none'}"


@lru_cache
def found(group: str) -> dict[str, EntryPoint]:
    """The entry points of a group by name, in order of registration."""
    result: dict[str, EntryPoint] = {}
    for point in entry_points(group=f"ser_audit.{group}"):
        other = result.setdefault(point.name, point)
        if other.value != point.value:
            raise InputError(
                f"two packages register the {group} plug-in {point.name!r}: {other.value} and {point.value};"
                " uninstall one"
            )
    return result


def names(group: str) -> list[str]:
    """Names registered in a group."""
    return list(found(group))


def load(group: str, name: str) -> Any:
    """The object registered as ``name``.

    Raises:
        InputError: nothing is registered by that name, or it cannot be imported.
    """
    if name not in found(group):
        raise InputError(f"{name!r} is none of the {group}: {nearest(name, found(group))}")
    try:
        return found(group)[name].load()
    except (ImportError, AttributeError) as error:
        raise InputError(f"the {group} plug-in {name!r} cannot be loaded: {error}") from error


def summary(group: str, name: str) -> str:
    """The first line of the docstring of what is registered as ``name``."""
    text = (load(group, name).__doc__ or "").strip()
    return text.splitlines()[0] if text else ""
