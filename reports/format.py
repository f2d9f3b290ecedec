"""Numbers, intervals, limits and names as every rendering writes them."""

from __future__ import annotations

import unicodedata

from ser_audit.benchmark.finding import Finding, Limit
from ser_audit.benchmark.naming import condition as condition
from ser_audit.benchmark.resampling import Interval
from ser_audit.benchmark.wording import decimals, number

NONE = "–"  # what stands where there is no number; a note beside it says why
WORDS = {
    "fail": "fail",
    "inconclusive": "inconclusive",
    "pass": "pass",
    "not_applicable": "not applicable",
    "error": "error",
}
SYMBOLS = {"fail": "✕", "inconclusive": "?", "pass": "✓", "not_applicable": "○", "error": "!"}
RATIOS = ("CCC", "PCC", "MAE", "UAR", "F1", "recall", "PUP")  # two decimals, as ".50" and "1.00"
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # turn the text around them


def visible(text: str) -> str:
    """Write characters that cannot be seen, or that turn text around, as their escapes."""
    return "".join(
        c.encode("unicode_escape").decode() if c in OVERRIDES or c in "\ufffe\uffff" or _unseen(c) else c
        for c in text
    )


def _unseen(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def short(text: str, length: int = 40) -> str:
    """Shorten a name to ``length`` characters by leaving out its middle."""
    text = visible(text)
    tail = length // 3
    return text if len(text) <= length else f"{text[: length - tail - 1]}…{text[-tail:]}"


def figure(value: float | None, digits: int | None = None) -> str:
    """Write a number: ".53", "−.05", "12.3", "1,687,368", "1.2×10⁻⁷"; "–" for None.

    Args:
        value: finite, or None.
        digits: decimals of numbers below 10; None: as many as tell the number.
    """
    if value is None:
        return NONE
    size = abs(value)
    sign = "−" if value < 0 else ""
    if size >= 1000 or (size >= 10 and value == int(value)):
        return f"{sign}{size:,.0f}"
    if size >= 10:
        return f"{sign}{size:.1f}"
    if digits is None and 0.0001 <= size < 0.001:
        return number(value, 5).rstrip("0")
    if digits is None and 0 < size < 0.0001:
        mantissa, exponent = f"{size:.1e}".split("e")
        return f"{sign}{mantissa.removesuffix('.0')}×10{str(int(exponent)).translate(SUPERSCRIPT)}"
    short_ = digits is None and size > 1
    return number(value, 2).rstrip("0").rstrip(".") if short_ else number(value, digits)


def digits(finding: Finding) -> int | None:
    """Decimals of a finding's numbers, as its message has them; None: as many as they need."""
    estimate = finding.estimate
    if estimate is None or estimate.low is None or estimate.high is None:
        return 2 if (finding.metric or "").rpartition(" ")[2] in RATIOS else None
    return decimals(Interval(estimate.value, estimate.low, estimate.high), finding.limit)


def value(finding: Finding) -> str:
    """Write the value of a finding."""
    estimate = finding.estimate
    return NONE if estimate is None else figure(estimate.value, digits(finding))


def interval(finding: Finding) -> str:
    """Write the interval of a finding: ".44 to .61"."""
    estimate = finding.estimate
    if estimate is None or estimate.low is None or estimate.high is None:
        return NONE
    places = digits(finding)
    return f"{figure(estimate.low, places)} to {figure(estimate.high, places)}"


def pointwise(finding: Finding) -> str:
    """Write the interval of a finding alone, where its own one holds for a family at once."""
    estimate = finding.estimate
    if estimate is None or estimate.pointwise_low is None or estimate.pointwise_high is None:
        return NONE
    places = digits(finding)
    return f"{figure(estimate.pointwise_low, places)} to {figure(estimate.pointwise_high, places)}"


def limit(given: Limit | None) -> str:
    """Write a limit: "above .5", "−.075 to .075"."""
    if given is None:
        return NONE
    if given.low is not None and given.high is not None:
        return f"{figure(given.low)} to {figure(given.high)}"
    return f"above {figure(given.low)}" if given.low is not None else f"below {figure(given.high)}"


def count(n: int | float, noun: str = "", nouns: str | None = None) -> str:
    """Count things: "1 speaker", "1,488 utterances"."""
    if not noun:
        return f"{n:,.0f}"
    return f"{n:,.0f} {noun if n == 1 else nouns or f'{noun}s'}"


def duration(seconds: float) -> str:
    """Write a duration of audio: "48 s", "44 min", "2.3 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:,.1f} h"


def revision(text: str, length: int = 12) -> str:
    """Shorten a revision: "sha256:7bb90f9cbfc0…"."""
    kind, _, digest = text.rpartition(":")
    return text if len(digest) <= length else f"{f'{kind}:' if kind else ''}{digest[:length]}…"


def clauses(message: str) -> tuple[str, str]:
    """Split a message behind its main clause: at the first semicolon outside of brackets."""
    depth = 0
    for place, character in enumerate(message):
        depth += (character == "(") - (character == ")")
        if character == ";" and depth <= 0:
            return message[: place + 1], message[place + 1 :]
    return message, ""


def trace(finding: Finding) -> str:
    """What lies behind a number: code, metric, interval, n, speakers, method, limit with its source."""
    estimate, parts = finding.estimate, [" ".join(filter(None, (finding.code, finding.metric)))]
    if estimate is not None and estimate.value is not None:
        spread = interval(finding)
        percent = f"{100 * estimate.confidence:g} % " if estimate.confidence else ""
        parts[0] += f" {value(finding)}"
        parts.append(f"{percent}interval {spread}" if spread != NONE else "no interval")
        if pointwise(finding) != NONE:
            parts.append(f"alone {pointwise(finding)}")
        parts.append(f"n = {count(estimate.n)}")
        if estimate.speakers:
            parts.append(count(estimate.speakers, "speaker"))
        if estimate.method:
            parts.append(estimate.method)
    if finding.limit is not None:
        parts.append(f"limit {limit(finding.limit)} ({finding.limit.source})")
    if finding.counted:
        parts.append(WORDS[finding.verdict])
    return " · ".join(parts)
