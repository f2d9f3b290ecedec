"""What would decide it: speakers that an undecided finding lacks, and the least gap that could be detected.

Standard errors shrink with the square root of the number of speakers, at the present utterances of each. More
utterances of the same speakers shrink only what lies within speakers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil, isfinite
from statistics import NormalDist

from .finding import Detail, Limit
from .resampling import Interval
from .wording import number

NORMAL = NormalDist()
POWER = 0.8  # probability of the verdict that the numbers are for
NEAR = 0.01  # of a limit: a value this near cannot be told from it with any sensible number of speakers
MOST = 1_000_000  # speakers; beyond, no number is given


def power(value: float, error: float, critical: float, limit: Limit) -> float:
    """Probability of the right verdict, pass within the limit and fail beyond it, where ``value`` is true.

    Args:
        value: the true value.
        error: standard error of the estimate, above 0.
        critical: the interval's half width in standard errors.
        limit: that the interval is held against.
    """
    low = -float("inf") if limit.low is None else limit.low
    high = float("inf") if limit.high is None else limit.high
    if value <= low:
        return NORMAL.cdf((low - value) / error - critical)
    if value >= high:
        return NORMAL.cdf((value - high) / error - critical)
    inside = NORMAL.cdf((high - value) / error - critical) - NORMAL.cdf((low - value) / error + critical)
    return max(0.0, inside)


def error_needed(value: float, critical: float, limit: Limit) -> float | None:
    """The standard error that gives the right verdict with 80 % power; None within .01 of the limit."""
    from scipy.optimize import brentq

    ends = [end for end in (limit.low, limit.high) if end is not None]
    distance = min(abs(value - end) for end in ends)
    if distance < NEAR:
        return None
    most = distance / critical  # there the interval ends at the limit: even odds at best
    return float(brentq(lambda error: power(value, error, critical, limit) - POWER, 1e-3 * most, most))


def speakers_needed(value: float, interval: Interval, speakers: int, limit: Limit) -> int | None:
    """Speakers that decide it with 80 % power if ``value`` is true; None where no number can be given.

    With few speakers the interval is a large multiple of its error; with as many as are asked for it is
    nearer the normal one. The geometric mean of the two multiples is counted with.
    """
    if interval.error is None or interval.critical is None or not interval.error:
        return None
    least = interval.least or interval.critical
    needed = error_needed(value, min(interval.critical, (least * interval.critical) ** 0.5), limit)
    if needed is None:
        return None
    count = ceil(speakers * (interval.error / needed) ** 2)
    return max(count, 2) if count <= MOST else None


def detectable(interval: Interval, limit: Limit, greatest: float) -> float | None:
    """The least true value beyond the limit that gives ``fail`` with 80 % power at the present data.

    Args:
        interval: of the value.
        limit: that it is held against.
        greatest: the largest size that the value can have; None is returned beyond it.
    """
    if interval.error is None or interval.critical is None:
        return None
    beyond = (interval.critical + NORMAL.inv_cdf(POWER)) * interval.error
    sizes = [abs(end) + beyond for end in (limit.low, limit.high) if end is not None]
    least = min(sizes)
    return least if least <= greatest else None


def plan(
    interval: Interval,
    limit: Limit,
    null: float | None,
    speakers: int,
    within: Callable[[], float | None],
) -> dict[str, Detail]:
    """Say what an undecided finding lacks.

    Args:
        interval: the one that decided nothing.
        limit: that it was held against.
        null: the value if nothing is wrong; None where there is no such value.
        speakers: that the estimate rests on.
        within: gives the variance from rows within speakers, None where unknown.

    Returns:
        ``speakers_to_decide`` (at the estimate), ``speakers_to_decide_at_0`` (at ``null``), and
        ``more_utterances_decide``; a None says that no number can be given.
    """
    if interval.value is None or interval.error is None or interval.critical is None:
        return {}
    found: dict[str, Detail] = {
        "speakers_to_decide": _more(speakers_needed(interval.value, interval, speakers, limit), speakers)
    }
    if null is not None:
        found["speakers_to_decide_at_0"] = speakers_needed(null, interval, speakers, limit)
    needed = error_needed(interval.value, interval.critical, limit)
    inside = within() if needed is not None else None
    if needed is not None and inside is not None:
        between = max(interval.error**2 - inside, 0.0)
        found["more_utterances_decide"] = between < needed**2
    return found


def _more(count: int | None, speakers: int) -> int | None:
    """Never fewer than there are, as these did not decide it."""
    return None if count is None else max(count, speakers + 1)


def sentence(plan: Mapping[str, Detail], noun: str) -> str:
    """Put a plan in words, as a clause; empty where there is none.

    Args:
        plan: of :func:`plan`, with ``detectable`` where that is known.
        noun: what is estimated: "gap", "change", or the metric.
    """
    if "speakers_to_decide" not in plan:
        return ""
    here, zero = plan["speakers_to_decide"], plan.get("speakers_to_decide_at_0")
    if here is None:
        told = ["the estimate is too near the limit to say how many speakers would decide it"]
    else:
        told = [f"about {_count(here)} speakers would decide it if the true {noun} is the one seen"]
    if zero is not None:
        told.append(f"about {_count(zero)} if it is 0")
    more = plan.get("more_utterances_decide")
    if more is not None:
        told.append(f"more utterances of the same speakers {'could' if more else 'could not'}")
    least = plan.get("detectable")
    if isinstance(least, float):
        told.append(f"here a true {noun} of {number(least, 2)} would be found in four cases of five")
    return ", ".join(told)


def _count(value: Detail) -> str:
    """Two significant digits are all that such a number is worth."""
    count = int(value or 0)
    if count < 100:
        return str(count)
    step = 10 ** (len(str(count)) - 2)
    return f"{ceil(count / step) * step:,}"


def greatest(ends: tuple[float, float]) -> float:
    """The largest size of a value in a range."""
    return max(abs(end) if isfinite(end) else float("inf") for end in ends)
