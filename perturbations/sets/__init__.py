"""Sets of conditions, one TOML file each: the ones published here, and users' own, read the same way."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from ser_audit.perturbations.make import make
from ser_audit.perturbations.material.material import NOTHING, Material

CLEAN = "clean"
RECORDINGS = "recording."  # the corpus's recordings of the same takes by other devices: no perturbation


@dataclass(frozen=True)
class Group:
    """Conditions that belong together: a test of a publication, or a family from weak to severe."""

    name: str
    conditions: tuple[str, ...]  # canonical ids
    reference: str = CLEAN  # the condition that they are compared with
    note: str = ""


@dataclass(frozen=True)
class ConditionSet:
    """A set of conditions."""

    name: str
    summary: str
    source: str  # the publication; empty where there is none
    groups: tuple[Group, ...]

    @property
    def conditions(self) -> tuple[str, ...]:
        """The canonical ids, in the set's order; references come before what is compared with them."""
        ids: dict[str, None] = {}
        for group in self.groups:
            if group.reference != CLEAN:
                ids[group.reference] = None
            ids |= dict.fromkeys(c for c in group.conditions if not c.startswith(RECORDINGS))
        return tuple(ids)

    @property
    def references(self) -> dict[str, str]:
        """Condition -> the condition that it is compared with, where that is not clean."""
        return {c: g.reference for g in self.groups if g.reference != CLEAN for c in g.conditions}


def names() -> tuple[str, ...]:
    """The sets that come with the package, sorted."""
    return tuple(sorted(f.name[:-5] for f in files(__name__).iterdir() if f.name.endswith(".toml")))


def conditions(name_or_path: str | Path) -> tuple[str, ...]:
    """The canonical condition ids of a set, in its order; see :func:`read_set`."""
    return read_set(name_or_path).conditions


def read_set(name_or_path: str | Path, material: Material = NOTHING) -> ConditionSet:
    """A set of conditions.

    Args:
        name_or_path: a set that comes with the package (``"default"``), or the path of a TOML file. It has
            ``conditions``, a list of condition ids, or ``[[groups]]`` of a ``name``, ``conditions``, and
            where wanted the ``reference`` that they are compared with and a ``note``; and where wanted a
            ``summary`` and a ``source``. ``recording.*`` or ``recording.VARIANT`` stand for recordings by
            other devices that a corpus itself has; these are always predicted, no part of ``conditions``.
        material: what conditions may take sounds from: the families of noise packs are known then.

    Raises:
        ValueError: there is no such set or file, or it does not hold a list of valid, different conditions.
    """
    name = str(name_or_path)
    if name in names():
        text = (files(__name__) / f"{name}.toml").read_text(encoding="utf-8")
    elif isinstance(name_or_path, Path) or name.endswith(".toml"):
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(
                f"the set {name} cannot be read: {getattr(error, 'strerror', None) or error}"
            ) from error
    else:
        close = difflib.get_close_matches(name, names(), n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(names())}, or a .toml file"
        raise ValueError(f"unknown set {name!r}: {hint}")
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the set {name} is no TOML: {error}") from error
    try:
        return _set(name, content, material)
    except ValueError as error:
        raise ValueError(f"the set {name} {error}") from error


def _set(name: str, content: Mapping[str, Any], material: Material) -> ConditionSet:
    """The set that a TOML file's content describes."""
    _refuse_unknown(content, ("conditions", "groups", "summary", "source"))
    summary, source = (_text(content, key) for key in ("summary", "source"))
    if ("conditions" in content) == ("groups" in content):
        raise ValueError('needs conditions = ["clean", …], a list of condition ids, or [[groups]] of them')
    listed = content.get("groups", [{"name": "", "conditions": content.get("conditions")}])
    if not (isinstance(listed, list) and listed and all(isinstance(g, dict) for g in listed)):
        raise ValueError("needs each of its groups as a table [[groups]]")
    groups = tuple(_group(group, material) for group in listed)
    ids = [c for group in groups for c in group.conditions]
    for condition in ids:
        if ids.count(condition) > 1:
            raise ValueError(f"lists {condition} twice")
    return ConditionSet(name, summary, source, groups)


def _group(content: Mapping[str, Any], material: Material) -> Group:
    """One group of conditions."""
    _refuse_unknown(content, ("name", "conditions", "reference", "note"))
    listed = content.get("conditions")
    if not (isinstance(listed, list) and listed and all(isinstance(c, str) for c in listed)):
        raise ValueError('needs conditions = ["clean", …], a list of condition ids')
    try:
        ids = tuple(c if c.startswith(RECORDINGS) else make(c, material).id for c in listed)
        reference = make(_text(content, "reference") or CLEAN, material).id
    except ValueError as error:
        raise ValueError(f"holds what is no condition: {error}") from error
    if reference != CLEAN and reference in ids:
        raise ValueError(f"compares {reference} with itself")
    return Group(_text(content, "name"), ids, reference, _text(content, "note"))


def _refuse_unknown(content: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in content:
        if key not in known:
            raise ValueError(f"has the unknown key {key!r}; it takes {', '.join(known)}")


def _text(content: Mapping[str, Any], key: str) -> str:
    text = content.get(key, "")
    if not isinstance(text, str):
        raise ValueError(f"needs {key} to be a text, not {text!r}")
    return text
