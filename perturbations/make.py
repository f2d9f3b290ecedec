"""From a condition id to the perturbation: built-ins and plug-ins register the same way."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from .condition import parse
from .perturbation import Perturbation

GROUP = "ser_audit.perturbations"
CLEAN = EntryPoint("clean", "ser_audit.perturbations.clean:Clean", GROUP)  # every audit needs it


@lru_cache
def registered() -> dict[str, EntryPoint]:
    """The families by name, ``clean`` first; each names a class whose arguments are its parameters.

    Raises:
        ValueError: two packages register the same family.
    """
    found = {CLEAN.name: CLEAN}
    for point in entry_points(group=GROUP):
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            raise ValueError(
                f"two packages register the perturbation {point.name!r}: {other.value} and {point.value};"
                " uninstall one"
            )
    return found


def make(condition: str) -> Perturbation:
    """The perturbation that a condition id names; its ``id`` is the canonical form.

    >>> make("noise.white@snr_db=20.0").id
    'noise.white@snr_db=20'

    Raises:
        ValueError: the id is malformed, its family or a parameter is unknown, a parameter is missing
            or out of range, or the family's plug-in cannot be imported.
    """
    family, given = parse(condition)
    if family not in registered():
        raise ValueError(
            f"unknown perturbation {family!r}: {_nearest(family, registered())}"
            f"known: {', '.join(registered())}"
        )
    try:
        factory = registered()[family].load()
    except (ImportError, AttributeError) as error:
        raise ValueError(f"the perturbation {family!r} cannot be loaded: {error}") from error
    taken = inspect.signature(factory).parameters
    for name in given:
        if name not in taken:
            raise ValueError(
                f"{family} has no parameter {name!r}: {_nearest(name, taken)}"
                f"it takes {', '.join(taken) or 'none'}"
            )
    missing = [p.name for p in taken.values() if p.default is p.empty and p.name not in given]
    if missing:
        raise ValueError(f"{family} needs {', '.join(missing)}, as in {family}@{missing[0]}=…")
    return factory(**given)


def _nearest(name: str, known: Iterable[str]) -> str:
    """A hint for an unknown name, empty where no known one is near."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}? " if close else ""
