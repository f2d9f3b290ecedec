"""What would decide an open finding: the speakers that it lacks, as cells and as a sentence over many."""

from __future__ import annotations

from collections.abc import Sequence

from ser_audit.benchmark.finding import Finding

from . import format as fmt
from .model import Cell

SEEN, NOTHING, UTTERANCES = "speakers_to_decide", "speakers_to_decide_at_0", "more_utterances_decide"
DETECTABLE = "detectable"
LEAST = "the least true value beyond the limit that these data would show, at 80 % power"
AT_SEEN = "at 80 % power, if the value seen is the true one"


def planned(finding: Finding) -> bool:
    """Whether it says what would decide it, or that no number can be given."""
    return SEEN in finding.details


def speakers(finding: Finding) -> Cell:
    """Speakers that would decide it at the value seen; below at 0, and whether utterances could."""
    if not planned(finding):
        return Cell("")
    zero, more = finding.details.get(NOTHING), finding.details.get(UTTERANCES)
    below = []
    if isinstance(zero, int):
        below.append(f"{rough(zero)} if it is 0")
    if isinstance(more, bool):
        below.append("or more utterances" if more else "not more utterances")
    here = finding.details[SEEN]
    text = rough(here) if isinstance(here, int) else "too near"
    return Cell(text, "" if isinstance(here, int) else "the estimate is too near its limit", tuple(below))


def detectable(finding: Finding) -> Cell:
    """The least true value beyond the limit that the present data would show."""
    found = finding.details.get(DETECTABLE)
    if DETECTABLE not in finding.details:
        return Cell("")
    return Cell(fmt.figure(found, 2) if isinstance(found, float) else "none")


def rough(count: int) -> str:
    """Two significant digits are all that such a number is worth: "49", "1,300"."""
    if count < 100:
        return str(count)
    step = 10 ** (len(str(count)) - 2)
    return fmt.count(-(-count // step) * step)


def sentence(findings: Sequence[Finding]) -> str:
    """Say over undecided findings what would decide them; empty where none of them says it."""
    plans = [f for f in findings if planned(f)]
    seen = sorted((f for f in plans if isinstance(f.details[SEEN], int)), key=lambda f: _count(f, SEEN))
    zero = [f for f in plans if isinstance(f.details.get(NOTHING), int)]
    more = [f for f in plans if isinstance(f.details.get(UTTERANCES), bool)]
    told = []
    if seen:
        fewest = f"({_name(seen[0])}; {fmt.count(seen[0].estimate.speakers if seen[0].estimate else 0)} now)"
        told.append(f"{_span(seen, SEEN, fewest)} if what is seen is true")
    if zero:
        nouns = " or ".join(dict.fromkeys(_noun(f) for f in zero))
        told.append(f"{_span(zero, NOTHING)} if there is no {nouns}")
    if len(seen) < len(plans):
        count = len(plans) - len(seen)
        told.append(
            f"no number for {fmt.count(count)} of them, too near the limit"
            if len(plans) > 1
            else "it is too near the limit to say"
        )
    if more:
        could = sum(bool(f.details[UTTERANCES]) for f in more)
        which = f"could decide {fmt.count(could) if could else 'none'} of them"
        which = which if len(plans) > 1 else "could too" if could else "could not"
        told.append(f"more utterances of the same speakers {which}")
    return f"What would decide {'it' if len(plans) == 1 else 'them'}: {'; '.join(told)}." if told else ""


def _span(findings: Sequence[Finding], key: str, fewest: str = "") -> str:
    """From the fewest to the most speakers: "about 31 (…) to 10,000 speakers"."""
    counts = sorted(_count(f, key) for f in findings)
    least, most = counts[0], counts[-1]
    if len(findings) == 1:
        return " ".join(filter(None, (f"about {rough(least)} speakers", fewest)))
    return " ".join(filter(None, (f"about {rough(least)}", fewest, f"to {rough(most)} speakers")))


def _count(finding: Finding, key: str) -> int:
    found = finding.details[key]
    assert isinstance(found, int)
    return found


def _noun(finding: Finding) -> str:
    return (finding.metric or "value").partition(" of ")[0]


def _name(finding: Finding) -> str:
    """Name a finding in a few words: its metric, output, condition and group, and where."""
    subject = finding.subject
    parts = [finding.metric, subject.output, subject.group]
    if subject.condition and subject.condition != "clean":
        parts.append(fmt.condition(subject.condition))
    parts.append(subject.corpus)
    return ", ".join(fmt.short(part) for part in parts if part)
