"""A curve for each family of conditions: the metric against severity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ser_audit.benchmark import naming
from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.manifest import ConditionRecord
from ser_audit.benchmark.predictions import CLEAN

from .. import format as fmt
from ..model import Curve, Curves, Point

FEWEST = 3  # points of a curve
UNITS = naming.UNITS | {"rt60": "s", "m": "m", "octave": "dB/octave"}

UNITS |= {name: name for name in ("semitones", "bits", "passes")}


def curves(
    title: str,
    levels: Sequence[Finding],
    verdicts: Mapping[str, Finding],
    records: Mapping[str, ConditionRecord],
) -> tuple[Curves | None, Curves | None, set[str]]:
    """A curve per family of three conditions or more, label-preserving families apart from probes.

    Recordings, and conditions that are compared with another than clean, are in none.

    Args:
        title: what is plotted, such as "UAR of emotion on ravdess".
        levels: SER304 of one checkpoint, corpus and output.
        verdicts: the change of each condition, by its id.
        records: the manifest's conditions by their id.

    Returns:
        The curves of families and those of probes, None where there are none; and the conditions in them.
    """
    known = {f.subject.condition or "": f for f in levels if f.estimate and f.estimate.value is not None}
    groups: dict[tuple[bool, str], list[Finding]] = {}
    for name, finding in known.items():
        record, kind = records.get(name), str(finding.details.get("family") or "")
        if name != CLEAN and kind != naming.RECORDING and (record is None or record.reference == CLEAN):
            groups.setdefault((finding.details.get("label_preserving") is False, kind), []).append(finding)
    groups = {key: found for key, found in groups.items() if len(found) >= FEWEST}
    if not groups:
        return None, None, set()
    lines = {"clean": _value(known[CLEAN])} if CLEAN in known else {}
    chance = next((f.details.get("chance") for f in levels), None)
    lines |= {"chance": chance} if isinstance(chance, int | float) else {}
    drawn = [f for found in groups.values() for f in found]
    ends = [*lines.values(), *(e for f in drawn for e in _ends(f))]
    room = 0.04 * (max(ends) - min(ends)) or 0.1
    caption = (
        f"{title}, from weak to severe; bands are pointwise intervals. Solid line: clean; dotted: chance. "
        "A point bears the verdict on the change from clean."
    )
    plain, probes = (
        tuple(_curve(title, kind, found, verdicts, lines) for (p, kind), found in groups.items() if p is one)
        for one in (False, True)
    )
    scale = min(ends) - room, max(ends) + room
    return (
        Curves(caption, plain, scale) if plain else None,
        Curves(caption, probes, scale) if probes else None,
        {f.subject.condition or "" for f in drawn},
    )


def _curve(
    title: str,
    kind: str,
    found: Sequence[Finding],
    verdicts: Mapping[str, Finding],
    lines: Mapping[str, float],
) -> Curve:
    """The curve of one family."""
    labels, unit = steps([f.subject.condition or "" for f in found])
    points = []
    for label, finding in zip(labels, found, strict=True):
        low, high = (finding.estimate.low, finding.estimate.high) if finding.estimate else (None, None)
        change = verdicts.get(finding.subject.condition or "")
        verdict = change.verdict if change and change.counted else None
        text = f"{fmt.condition(finding.subject.condition or '')}: {fmt.trace(finding)}"
        points.append(Point(label, _value(finding), low, high, verdict, title=text))
    first, last = points[0], points[-1]
    description = (
        f"{title}: {fmt.figure(first.value, 2)} at {first.label} {unit}, "
        f"{fmt.figure(last.value, 2)} at {last.label} {unit}."
    )
    return Curve(naming.family(kind), unit, description, tuple(points), dict(lines))


def _value(finding: Finding) -> float:
    found = finding.estimate.value if finding.estimate else None
    return 0.0 if found is None else found


def _ends(finding: Finding) -> list[float]:
    estimate = finding.estimate
    return [e for e in (estimate.value, estimate.low, estimate.high) if e is not None] if estimate else []


def steps(conditions: Sequence[str]) -> tuple[list[str], str]:
    """What tells conditions of one family apart, as labels of an axis, and its unit.

    >>> steps(["filter.bandpass@low_hz=50,high_hz=7500", "filter.bandpass@low_hz=300,high_hz=3400"])
    (['50–7.5k', '300–3.4k'], 'Hz')
    """
    settings = (c.partition("@")[2].split(",") for c in conditions)
    given = [dict(one.partition("=")[::2] for one in filter(None, listed)) for listed in settings]
    keys = list(dict.fromkeys(key for one in given for key in one))
    vary = [k for k in keys if len(conditions) == 1 or len({one.get(k) for one in given}) > 1]
    if not vary:
        return ["" for _ in conditions], ""
    unit = _unit(vary[0])
    used = [k for k in vary if _unit(k) == unit]
    return ["–".join(_short(one[k], unit) for k in used if k in one) or fmt.NONE for one in given], unit


def _unit(key: str) -> str:
    return UNITS.get(key.split("_")[-1], key.replace("_", " "))


def _short(text: str, unit: str) -> str:
    """A value in few characters: "±4.5", ".8/1.25", "7.5k"."""
    parts = text.split("/")
    if len(parts) == 2 and parts[0] == f"-{parts[1]}":
        return f"±{_number(parts[1], unit)}"
    return "/".join("–".join(_number(end, unit) for end in part.split("..")) for part in parts)


def _number(text: str, unit: str) -> str:
    if unit == "Hz" and text.isdecimal() and len(text) > 3:
        return f"{int(text) / 1000:g}k"
    return naming.values(text)
