"""Condition ids: ``family`` or ``family@parameter=value,parameter=value``, numbers in one canonical form."""

from __future__ import annotations

import re

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def canonical(value: float) -> str:
    """The shortest decimal form that reads back as the same number.

    >>> canonical(20.0), canonical(0.50), canonical(-0.0)
    ('20', '0.5', '0')
    """
    value = float(value)
    return str(int(value)) if value.is_integer() else repr(value)


def condition_id(family: str, **parameters: float) -> str:
    """The id of a family at a severity, its parameters in the order given.

    >>> condition_id("noise.white", snr_db=20.0)
    'noise.white@snr_db=20'
    """
    if not parameters:
        return family
    return f"{family}@" + ",".join(f"{name}={canonical(value)}" for name, value in parameters.items())


def parse(condition: str) -> tuple[str, dict[str, float]]:
    """The family and the parameters of a condition id.

    >>> parse("noise.white@snr_db=20.0")
    ('noise.white', {'snr_db': 20.0})

    Raises:
        ValueError: it is not of the form ``family@parameter=number,…``.
    """
    family, at, rest = condition.partition("@")
    parameters: dict[str, float] = {}
    for part in rest.split(",") if at else ():
        name, equals, value = part.partition("=")
        if not (name and equals and NUMBER.fullmatch(value)):
            raise ValueError(
                f"condition {condition!r}: {part!r} is not parameter=number, as in noise.white@snr_db=20"
            )
        if name in parameters:
            raise ValueError(f"condition {condition!r} gives {name} twice")
        parameters[name] = float(value)
    return family, parameters


def require_within(family: str, name: str, value: float, low: float, high: float, unit: str) -> None:
    """Refuse a parameter outside [``low``, ``high``].

    Raises:
        ValueError: it is outside, or not a number; the message holds the range.
    """
    if not low <= value <= high:
        raise ValueError(
            f"{family}: {name}={canonical(value) if value == value else value} is out of range;"
            f" it takes {canonical(low)} to {canonical(high)} {unit}"
        )
