"""Bands of a column of numbers: "below 30", "30 to 49", "50 and above"."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from ser_audit.benchmark.wording import number


def banded(values: Sequence[str], bounds: Sequence[float]) -> tuple[np.ndarray, tuple[str, ...]] | None:
    """Put values into bands; None where one of them is no number, as the column has words then.

    Args:
        values: texts such as "34".
        bounds: ascending; a band holds its lower bound and not its upper one.

    Returns:
        int64 (values,), the band of each, and the names of the bands, the lowest first.
    """
    try:
        numbers = np.array([float(value) for value in values])
    except ValueError:
        return None
    if not np.isfinite(numbers).all():
        return None
    whole = bool((numbers == np.round(numbers)).all()) and all(float(b).is_integer() for b in bounds)
    between = [
        f"{number(low)} to {number(high - 1)}" if whole else f"{number(low)} to below {number(high)}"
        for low, high in pairwise(bounds)
    ]
    names = (f"below {number(bounds[0])}", *between, f"{number(bounds[-1])} and above")
    return np.searchsorted(bounds, numbers, side="right"), names
