"""Truth: numbers on a scale that somebody declared, mapped to [0, 1]."""

from __future__ import annotations

import math

from ..corpus import DIMENSIONS
from ..errors import InputError
from ..plugins import nearest

Scale = tuple[float, float]

_MISSING = frozenset({"na", "n/a", "nan", "null", "none"})


def number(text: str | None, what: str) -> float | None:
    """A cell as a number; None where it is missing.

    Args:
        text: the cell.
        what: what and where it is, for the message.

    Raises:
        InputError: it is text, not a number.
    """
    if text is None or text.casefold() in _MISSING:
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{what} is {text!r}: it must be a number, or empty where unknown") from None


def to_unit(value: float, scale: Scale) -> float:
    """A value of a scale on [0, 1]: (value − lowest) / (highest − lowest)."""
    lowest, highest = scale
    return (value - lowest) / (highest - lowest)


def check_scales(corpus: str, scales: dict[str, Scale]) -> None:
    """Refuse scales that are none.

    Raises:
        InputError: of an unknown dimension, not finite, or not from lowest to highest.
    """
    for dimension, (lowest, highest) in scales.items():
        if dimension not in DIMENSIONS:
            raise InputError(
                f"corpus {corpus}: a scale for the unknown dimension {dimension!r}:"
                f" {nearest(dimension, DIMENSIONS)}"
            )
        if not (lowest < highest and math.isfinite(highest - lowest)):
            raise InputError(
                f"corpus {corpus}: the scale of {dimension} is {lowest:g} to {highest:g}:"
                " give the lowest possible value, then the highest"
            )


def undeclared(corpus: str, dimension: str, values: list[float]) -> InputError:
    """What to say of a dimension with values and no scale."""
    return InputError(
        f"corpus {corpus}: {dimension} has values {min(values):g}…{max(values):g} but no scale:"
        f" declare its lowest and highest possible value with --scale {corpus}:{dimension}=LOW-HIGH,"
        " such as 1-7"
    )


def outside(what: str, value: float, corpus: str, dimension: str, scale: Scale) -> InputError:
    """What to say of a value that its scale cannot hold."""
    return InputError(
        f"{what} is {value:g}, outside of its declared scale {scale[0]:g} to {scale[1]:g}:"
        f" correct the table, or --scale {corpus}:{dimension}=LOW-HIGH"
    )
