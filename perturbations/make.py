"""From a condition id to the perturbation: built-ins and plug-ins register the same way."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from importlib.metadata import EntryPoint, entry_points

from .condition import Choice, Span, parse
from .drawn import Drawn
from .material.material import NOTHING, Material
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


def make(condition: str, material: Material = NOTHING) -> Perturbation:
    """The perturbation that a condition id names; its ``id`` is the canonical form.

    >>> make("noise.white@snr_db=20.0").id
    'noise.white@snr_db=20'

    Args:
        condition: the id.
        material: noise packs and voices; what is not in it comes from generators of the package.

    Raises:
        ValueError: the id is malformed, its family or a parameter is unknown, a parameter is missing
            or out of range, or the family's plug-in cannot be imported.
    """
    family, given = parse(condition)
    factory, taken = _factory(family, material)
    for name in given:
        if name not in taken:
            raise ValueError(
                f"{family} has no parameter {name!r}: {_nearest(name, taken)}"
                f"it takes {', '.join(taken) or 'none'}"
            )
    missing = [name for name, p in taken.items() if p.default is p.empty and name not in given]
    if missing:
        raise ValueError(f"{family} needs {', '.join(missing)}, as in {family}@{missing[0]}=…")
    if any(isinstance(value, Choice | Span) for value in given.values()):
        own = {name: given[name] for name, p in taken.items() if given.get(name, p.default) != p.default}
        return Drawn(family, tuple(own.items()), factory)  # as other ids: in one order, without usual values
    return factory(**given)


def parameters(family: str, material: Material = NOTHING) -> dict[str, float | None]:
    """The parameters that an id of the family gives, with the value of those that may be left out.

    Raises:
        ValueError: there is no such family, or its plug-in cannot be imported.
    """
    taken = _factory(family, material)[1].values()
    return {p.name: None if p.default is p.empty else p.default for p in taken}


def _factory(
    family: str, material: Material
) -> tuple[Callable[..., Perturbation], dict[str, inspect.Parameter]]:
    """What makes a family's perturbations, and the parameters that an id gives it."""
    if family in registered():
        try:
            factory = registered()[family].load()
        except (ImportError, AttributeError) as error:
            raise ValueError(f"the perturbation {family!r} cannot be loaded: {error}") from error
    else:
        known = [*registered(), *material.families]
        if family not in material.families:
            hint = _nearest(family, known) or f"known: {', '.join(known)}"
            if family.startswith(("noise.", "room.")):
                hint += "; noise.PACK and room.PACK need --noise-pack PACK=FOLDER with such sounds"
            raise ValueError(f"unknown perturbation {family!r}: {hint}".rstrip())
        factory = material.families[family]
    taken = dict(inspect.signature(factory).parameters)
    if taken.pop("material", None):
        factory = partial(factory, material=material)
    return factory, taken


def _nearest(name: str, known: Iterable[str]) -> str:
    """A hint for an unknown name, empty where no known one is near."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}? " if close else ""
