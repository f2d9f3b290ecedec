"""References to a synthetic corpus: ``synthetic:aru?speakers=24&utterances=10&seed=0``."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from difflib import get_close_matches

from ...errors import InputError
from .defects import GROUPS, Defects, Noise
from .lexicon import LANGUAGES, Language

SCHEME = "synthetic:"
KEYS = ("speakers", "utterances", "seed", "noise")


@dataclass(frozen=True)
class Reference:
    """Everything that decides what a synthetic corpus holds."""

    language: Language
    speakers: int = 24  # women and men in turn
    utterances: int = 10  # per speaker
    seed: int = 0
    defects: Defects = field(default_factory=Defects)


def parse(path: str) -> Reference:
    """Read a reference.

    Args:
        path: such as ``synthetic:aru`` or ``synthetic:beno?speakers=12&noise=sex:female:10``.

    Raises:
        InputError: an unknown language or key, a key given twice, or a value out of range.
    """
    name, _, query = path.removeprefix(SCHEME).partition("?")
    if name not in LANGUAGES:
        raise InputError(
            f"synthetic corpus {name!r} in {path!r} is unknown{_nearest(name, tuple(LANGUAGES))}"
        )
    numbers = {"speakers": 24, "utterances": 10, "seed": 0}
    noise: list[Noise] = []
    seen: set[str] = set()  # noise alone may be given several times
    for part in query.split("&") if query else []:
        key, _, value = part.partition("=")
        if key not in KEYS:
            raise InputError(f"option {key!r} in {path!r} is unknown{_nearest(key, KEYS)}")
        if key in seen:
            raise InputError(f"option {key!r} in {path!r} is given twice: give it once")
        if key == "noise":
            noise.append(_noise(value, path))
        else:
            numbers[key] = _count(key, value, path)
            seen.add(key)
    return Reference(LANGUAGES[name], **numbers, defects=Defects(tuple(noise)))


def _nearest(word: str, known: tuple[str, ...]) -> str:
    """End a message with the nearest known word, or all of them."""
    close = get_close_matches(word, known, n=1)
    return f": did you mean {close[0]!r}?" if close else f": it is one of {', '.join(known)}"


def _count(key: str, value: str, path: str) -> int:
    """Read a whole number, at least 1 for ``speakers`` and ``utterances``, at least 0 for ``seed``."""
    least = 0 if key == "seed" else 1
    if not (value.isascii() and value.isdigit() and least <= int(value) < 10_000):
        raise InputError(f"{key}={value} in {path!r}: give a whole number from {least} to 9999")
    return int(value)


def _noise(value: str, path: str) -> Noise:
    """Read a planted noise, written ``group:value:snr``."""
    group, _, rest = value.partition(":")
    target, _, level = rest.rpartition(":")
    try:
        snr = float(level)
    except ValueError:
        snr = math.nan
    if group not in GROUPS or not target or not math.isfinite(snr):
        raise InputError(
            f"noise={value} in {path!r}: write GROUP:VALUE:SNR with a group of {', '.join(GROUPS)} "
            "and the SNR in dB, such as sex:female:10"
        )
    return Noise(group, target, snr)
