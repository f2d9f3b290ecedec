"""Numbers, intervals and changes in the words of messages."""

from __future__ import annotations

from collections.abc import Callable

from .finding import Limit
from .naming import condition as condition
from .resampling import Interval


def number(value: float, digits: int | None = None) -> str:
    """Write a number without its leading zero and with a true minus sign: ".21", "−.05", "1.00".

    Args:
        value: finite.
        digits: decimals; None shows up to three, without trailing zeros.
    """
    text = f"{abs(value):.{3 if digits is None else digits}f}"
    if digits is None:
        text = text.rstrip("0").rstrip(".")
    zero = float(text) == 0
    text = text.removeprefix("0") or "0"
    text = "0" if zero and digits is None else text
    return f"−{text}" if value < 0 and not zero else text


def decimals(interval: Interval, limit: Limit | None = None) -> int:
    """Decimals that tell the interval from its limit: 2, or 3 where it is small or ends at the limit."""
    ends = [end for end in (interval.value, interval.low, interval.high) if end is not None]
    small = max((abs(end) for end in ends), default=1) < 0.1
    limits = [end for end in (limit.low, limit.high) if end is not None] if limit else []
    close = any(abs(end - bound) < 0.01 for end in ends for bound in limits)
    return 3 if small or close else 2


def spread(interval: Interval, speakers: int, digits: int, flip: bool = False) -> str:
    """Put the interval in brackets: "(.10 to .31; 8 speakers)"; says why where there is none.

    ``flip`` turns its sign, for "lowers by".
    """
    who = f"{speakers} speaker{'' if speakers == 1 else 's'}"
    if interval.low is None or interval.high is None:
        return f"({interval.reason or who})"
    low, high = (-interval.high, -interval.low) if flip else (interval.low, interval.high)
    return f"({number(low, digits)} to {number(high, digits)}; {who})"


def states(what: str, speakers: int) -> Callable[[Interval, int], str]:
    """Word a value: "UAR of emotion … is .53 (.44 to .61; 8 speakers)"."""

    def words(interval: Interval, digits: int) -> str:
        return f"{what} is {number(interval.value or 0.0, digits)} {spread(interval, speakers, digits)}"

    return words


def changes(cause: str, what: str, speakers: int) -> Callable[[Interval, int], str]:
    """Word a change: "White noise at 30 dB lowers UAR of emotion by .21 (.10 to .31; 8 speakers)"."""

    def words(interval: Interval, digits: int) -> str:
        value = interval.value or 0.0
        falls = interval.high is not None and interval.high < 0
        shown = f"{number(-value if falls else value, digits)} {spread(interval, speakers, digits, falls)}"
        if falls:
            return f"{cause} lowers {what} by {shown}"
        if interval.low is not None and interval.low > 0:
            return f"{cause} raises {what} by {shown}"
        return f"{cause}: no evidence of a change of {what}, {shown}"

    return words


def keeps(cause: str, output: str, speakers: int) -> Callable[[Interval, int], str]:
    """Word a PUP: "Gain at 2 dB leaves .98 (.95 to 1.00; 8 speakers) of predictions of arousal unchanged"."""

    def words(interval: Interval, digits: int) -> str:
        share = f"{number(interval.value or 0.0, digits)} {spread(interval, speakers, digits)}"
        return f"{cause} leaves {share} of the predictions of {output} unchanged"

    return words


def gap(what: str, first: str, second: str, place: str, speakers: int) -> Callable[[Interval, int], str]:
    """Word a gap: "CCC of arousal is .12 (.03 to .21; 24 speakers) lower for female than for male"."""

    def words(interval: Interval, digits: int) -> str:
        value = interval.value or 0.0
        falls = interval.high is not None and interval.high < 0
        shown = f"{number(-value if falls else value, digits)} {spread(interval, speakers, digits, falls)}"
        if falls or (interval.low is not None and interval.low > 0):
            return (
                f"{what} on {place} is {shown} {'lower' if falls else 'higher'} for {first} than for {second}"
            )
        return f"No evidence of a gap in {what} on {place}: {first} − {second} is {shown}"

    return words
