"""Labels: from the corpora's emotion labels to the checkpoints' classes, as the user's file says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .errors import InputError
from .plugins import nearest
from .tomlfile import read_toml


@dataclass(frozen=True)
class LabelMapping:
    """What each label of a corpus is called among a checkpoint's classes."""

    everywhere: Mapping[str, str] = field(default_factory=dict)  # label -> class, in every corpus
    corpora: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # corpus -> label -> class

    def of(self, corpus: str) -> dict[str, str]:
        """Label -> class in one corpus; its own entries win."""
        return {**self.everywhere, **self.corpora.get(corpus, {})}


def read_mapping(path: str | Path) -> LabelMapping:
    """A mapping file: ``anger = "angry"`` for every corpus, the same under ``[NAME]`` for one.

    Raises:
        InputError: the file cannot be read, or maps a label to something that is no class name.
    """
    everywhere: dict[str, str] = {}
    corpora: dict[str, dict[str, str]] = {}
    for key, value in read_toml(path).items():
        if isinstance(value, dict):
            corpora[key] = {label: _class(path, f"{key}.{label}", v) for label, v in value.items()}
        else:
            everywhere[key] = _class(path, key, value)
    return LabelMapping(everywhere, corpora)


def resolve(
    mapping: LabelMapping, corpus: str, labels: Iterable[str], classes: tuple[str, ...]
) -> dict[str, str | None]:
    """The class of each label of a corpus: as mapped, else the one of the same name, else None.

    Args:
        mapping: the user's.
        corpus: its name.
        labels: the corpus's own.
        classes: of the checkpoint; a mapping to a class that this one lacks does not count.

    Returns:
        label -> class or None, sorted by label. Names are the same only where their case is too.
    """
    mapped = mapping.of(corpus)
    result: dict[str, str | None] = {}
    for label in sorted(set(labels)):
        candidates = (mapped.get(label), label)
        result[label] = next((c for c in candidates if c in classes), None)
    return result


def check_mapping(
    mapping: LabelMapping, corpora: Mapping[str, Iterable[str]], checkpoints: Mapping[str, Iterable[str]]
) -> None:
    """Refuse a mapping that names what does not exist.

    Args:
        mapping: the user's.
        corpora: name -> all labels that the corpus knows, scored or not.
        checkpoints: name -> classes.

    Raises:
        InputError: a corpus, a label or a class is in none of those that it could belong to.
    """
    known = {name: set(labels) for name, labels in corpora.items()}
    anywhere = set().union(*known.values())
    classes = {c for of_one in checkpoints.values() for c in of_one}
    for corpus in mapping.corpora:
        if corpus not in known:
            raise InputError(f"labels: [{corpus}] is no corpus of this run: {nearest(corpus, known)}")
    applied = [("any corpus of this run", anywhere, mapping.everywhere)]
    applied += [(f"corpus {name}", known[name], entries) for name, entries in mapping.corpora.items()]
    for where, labels, entries in applied:
        for label, target in entries.items():
            if label not in labels:
                raise InputError(f"labels: {label!r} is no label of {where}: {_nearest(label, labels)}")
            if target not in classes:
                raise InputError(
                    f"labels: {label} = {target!r}, but no checkpoint has that class:"
                    f" {_nearest(target, classes)}"
                )


def case_hints(resolved: Mapping[str, str | None], classes: Iterable[str]) -> list[str]:
    """One line for each unmapped label that differs from a class in case only: it was not guessed."""
    by_case = {c.casefold(): c for c in classes}
    return [
        f"label {label!r} is not mapped: the class {by_case[label.casefold()]!r} differs in case; to map it: "
        f'{label} = "{by_case[label.casefold()]}"'
        for label, target in resolved.items()
        if target is None and label.casefold() in by_case
    ]


def _nearest(name: str, known: Iterable[str]) -> str:
    """A hint: the same name in another case, else the nearest."""
    known = sorted(known)
    same = [k for k in known if k.casefold() == name.casefold()]
    return f"did you mean {same[0]!r}? Case counts" if same else nearest(name, known)


def _class(path: str | Path, key: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise InputError(f"{path}: {key} = {value!r}: give the name of a checkpoint's class")
    return value
