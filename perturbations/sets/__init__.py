"""Sets of conditions, one TOML file each: the ones published here, and users' own, read the same way."""

from __future__ import annotations

import difflib
import tomllib
from importlib.resources import files
from pathlib import Path

from ser_audit.perturbations.make import make


def names() -> tuple[str, ...]:
    """The sets that come with the package, sorted."""
    return tuple(sorted(f.name[:-5] for f in files(__name__).iterdir() if f.name.endswith(".toml")))


def conditions(name_or_path: str | Path) -> tuple[str, ...]:
    """The canonical condition ids of a set, in its order.

    Args:
        name_or_path: a set that comes with the package (``"default"``), or the path of a TOML file with one
            key, ``conditions``, a list of condition ids.

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
    return _read(name, text)


def _read(name: str, text: str) -> tuple[str, ...]:
    """The conditions of a set's TOML text."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the set {name} is no TOML: {error}") from error
    listed = content.pop("conditions", None)
    if content:
        raise ValueError(f"the set {name} has the unknown key {next(iter(content))!r}; it takes conditions")
    if not (isinstance(listed, list) and listed and all(isinstance(c, str) for c in listed)):
        raise ValueError(f'the set {name} needs conditions = ["clean", …], a list of condition ids')
    try:
        ids = tuple(make(condition).id for condition in listed)
    except ValueError as error:
        raise ValueError(f"the set {name}: {error}") from error
    for condition in ids:
        if ids.count(condition) > 1:
            raise ValueError(f"the set {name} lists {condition} twice")
    return ids
