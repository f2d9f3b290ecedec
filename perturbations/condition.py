"""Condition ids: ``family`` or ``family@parameter=value,parameter=value``, numbers in one canonical form.

A value may be drawn anew for each utterance: one of several, ``gain@db=-2/-1/1/2``, or any in a range,
``speedup@percent=10..20``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Choice:
    """A value drawn per utterance, each of ``values`` as often."""

    values: tuple[float, ...]

    @property
    def samples(self) -> tuple[float, ...]:
        """Values to try a perturbation with: all of them."""
        return self.values

    def draw(self, rng: np.random.Generator) -> float:
        """One of the values."""
        return self.values[int(rng.integers(len(self.values)))]

    def __str__(self) -> str:
        return "/".join(map(canonical, self.values))


@dataclass(frozen=True)
class Span:
    """A value drawn per utterance, uniformly from ``values``, the lowest and the highest."""

    values: tuple[float, float]

    @property
    def samples(self) -> tuple[float, ...]:
        """Values to try a perturbation with: the ends, and a broken number between them."""
        low, high = self.values
        return low, low + (high - low) / 3.14159, high

    def draw(self, rng: np.random.Generator) -> float:
        """A value of the range."""
        return float(rng.uniform(*self.values))

    def __str__(self) -> str:
        return "..".join(map(canonical, self.values))


Value = float | Choice | Span


def canonical(value: float) -> str:
    """The shortest decimal form that reads back as the same number.

    >>> canonical(20.0), canonical(0.50), canonical(-0.0)
    ('20', '0.5', '0')
    """
    value = float(value)
    return str(int(value)) if value.is_integer() else repr(value)


def condition_id(family: str, /, **parameters: Value) -> str:
    """The id of a family at a severity, its parameters in the order given.

    >>> condition_id("noise.white", snr_db=20.0)
    'noise.white@snr_db=20'
    >>> condition_id("gain", db=Choice((-2.0, 2.0)))
    'gain@db=-2/2'
    """
    return with_parameters(family, parameters)


def with_parameters(family: str, parameters: Mapping[str, Value]) -> str:
    """As :func:`condition_id`, the parameters as a mapping."""
    if not parameters:
        return family
    texts = {n: str(v) if isinstance(v, Choice | Span) else canonical(v) for n, v in parameters.items()}
    return f"{family}@" + ",".join(f"{name}={text}" for name, text in texts.items())


def parse(condition: str) -> tuple[str, dict[str, Value]]:
    """The family and the parameters of a condition id.

    >>> parse("noise.white@snr_db=20.0")
    ('noise.white', {'snr_db': 20.0})

    Raises:
        ValueError: it is not of the form ``family@parameter=value,…``.
    """
    family, at, rest = condition.partition("@")
    parameters: dict[str, Value] = {}
    for part in rest.split(",") if at else ():
        name, equals, text = part.partition("=")
        value = _value(text)
        if not (name and equals) or value is None:
            raise ValueError(
                f"condition {condition!r}: {part!r} is not parameter=value, as in noise.white@snr_db=20,"
                " gain@db=-2/2 (one of them, drawn per utterance) or gain@db=-2..2 (any between)"
            )
        if name in parameters:
            raise ValueError(f"condition {condition!r} gives {name} twice")
        parameters[name] = value
    return family, parameters


def _value(text: str) -> Value | None:
    """The value that a text stands for; None where it is none."""
    if NUMBER.fullmatch(text):
        return float(text)
    for separator, kind in (("/", Choice), ("..", Span)):
        parts = text.split(separator)
        if len(parts) < 2 or not all(NUMBER.fullmatch(p) for p in parts):
            continue
        numbers = tuple(map(float, parts))
        if kind is Choice and len(set(numbers)) == len(numbers):
            return Choice(numbers)
        if kind is Span and len(numbers) == 2 and numbers[0] < numbers[1]:
            return Span((numbers[0], numbers[1]))
    return None


def require_within(family: str, name: str, value: float, low: float, high: float, unit: str) -> None:
    """Refuse a parameter outside [``low``, ``high``].

    Raises:
        ValueError: it is outside, or not a number; the message holds the range.
    """
    if not low <= value <= high:
        raise ValueError(
            f"{family}: {name}={canonical(value) if value == value else value} is out of range;"
            f" it takes {canonical(low)} to {canonical(high)} {unit}".rstrip()
        )
