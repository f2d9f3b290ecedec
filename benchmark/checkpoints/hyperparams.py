"""SpeechBrain's ``hyperparams.yaml`` as inert data: its tags would make objects of any class.

HyperPyYAML makes an object of ``!new:package.Class``, calls a function for ``!apply:…`` and evaluates what
stands in ``!ref <a> * 2``. Here a tag is a word beside its value; only ``!ref <name>`` is followed, to
another value of the same file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ser_audit.benchmark.errors import InputError

REFERENCE = re.compile(r"<(\w+)>")
NEW = "!new:"


@dataclass(frozen=True)
class Tagged:
    """A value with a tag that nobody acts on."""

    tag: str
    value: Any

    def __str__(self) -> str:
        return f"{self.tag} {self.value}".strip() if isinstance(self.value, str) else self.tag


def read(path: Path) -> dict[str, Any]:
    """The file's mapping, with :class:`Tagged` values where it has tags.

    Raises:
        InputError: it is no YAML, or no mapping.
    """
    import yaml

    class Inert(yaml.SafeLoader):
        """Standard YAML; every other tag is kept as a word."""

    def tagged(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> Tagged:
        if isinstance(node, yaml.MappingNode):
            return Tagged(tag, loader.construct_mapping(node, deep=True))
        if isinstance(node, yaml.SequenceNode):
            return Tagged(tag, loader.construct_sequence(node, deep=True))
        return Tagged(tag, loader.construct_scalar(node))

    Inert.add_multi_constructor("", tagged)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Inert)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise InputError(f"{path.name} is no valid YAML: {' '.join(str(error).split())[:300]}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path.name} holds no mapping of names to values")
    return content


def resolve(value: Any, params: Mapping[str, Any]) -> Any:
    """Follow ``!ref <name>`` until a value stands there; anything else is returned as it is."""
    for _ in range(len(params) + 1):  # a circle of references ends as it is
        match = REFERENCE.fullmatch(value.value) if _refers(value) else None
        if match is None or match[1] not in params:
            return value
        value = params[match[1]]
    return value


def new(value: Any) -> tuple[str, dict[str, Any]]:
    """Class and options of ``!new:package.Class``; an empty class for anything else."""
    if not isinstance(value, Tagged) or not value.tag.startswith(NEW):
        return "", {}
    return value.tag.removeprefix(NEW), value.value if isinstance(value.value, dict) else {}


def _refers(value: Any) -> bool:
    return isinstance(value, Tagged) and value.tag == "!ref" and isinstance(value.value, str)
