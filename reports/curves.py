"""Small plots of a value against severity, made for pages that hold hundreds: no frame, few bytes.

They are written as SVG at once: matplotlib needs 20 ms and 5 kB for each, and what is in them is little.
"""

from __future__ import annotations

from itertools import groupby
from math import ceil, floor
from xml.etree import ElementTree as ET

from . import format as fmt
from .model import Curve, Point

WIDTH, HEIGHT = 180, 122  # px
LEFT, RIGHT, TOP = 24, 8, 8
LINE = 12  # px, of a line of labels
ROOM = 5.6  # px, of a character of a label
STEPS = (0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0)  # between labels of the values
MARKS = {  # path around (0, 0), classes; shapes and colours as those of charts
    "fail": ("M0-4 4 0 0 4-4 0z", "f-fail s-fail"),
    "pass": ("M-3.6 0a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0-7.2 0z", "f-pass s-pass"),
    "inconclusive": ("M-3-3h6v6h-6z", "f-paper s-open"),
}
PLAIN = ("M-2.6 0a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0z", "f-none s-none")
STYLES = {"clean": "", "chance": "1 3"}  # dashes of the lines


def draw_curve(curve: Curve, ends: tuple[float, float], id_: str) -> str:
    """Draw a curve as an ``<svg>`` element.

    Args:
        curve: what to draw; at least one point.
        ends: the least and the greatest value of the axis.
        id_: unique in the page; a prefix of all ids within.
    """
    low, high = ends
    labels = [p.label for p in curve.points]
    step = (WIDTH - LEFT - RIGHT) / len(labels)
    staggered = max(map(len, labels)) * ROOM > step
    height = HEIGHT + LINE * staggered
    bottom = HEIGHT - LINE - 4
    places = [LEFT + step * (i + 0.5) for i in range(len(labels))]

    def at(value: float) -> float:
        return TOP + (bottom - TOP) * (high - value) / (high - low)

    root = ET.Element(
        "svg",
        {"class": "panel", "viewBox": f"0 0 {WIDTH} {height}", "role": "img"}
        | {"aria-labelledby": f"{id_}-title {id_}-desc"},
    )
    ET.SubElement(root, "title", id=f"{id_}-title").text = fmt.visible(curve.title)
    ET.SubElement(root, "desc", id=f"{id_}-desc").text = fmt.visible(curve.description)
    for value in _ticks(low, high):
        y = _px(at(value))
        _add(root, "path", "s-rule", d=f"M{LEFT} {y}H{WIDTH - RIGHT}")
        _text(root, LEFT - 4, at(value) + 3.5, fmt.figure(value), "end")
    for name, value in curve.lines.items():
        line = _add(root, "path", "s-line f-off", d=f"M{LEFT} {_px(at(value))}H{WIDTH - RIGHT}")
        if STYLES.get(name):
            line.set("stroke-dasharray", STYLES[name])
    pairs = list(zip(places, curve.points, strict=True))
    for bounded, run in groupby(pairs, lambda pair: pair[1].low is not None and pair[1].high is not None):
        if bounded:
            _band(root, [(x, at(p.low or 0.0), at(p.high or 0.0)) for x, p in run])
    trace = "L".join(f"{_px(x)} {_px(at(p.value))}" for x, p in pairs)
    _add(root, "path", "s-mute f-off", d=f"M{trace}")
    for index, (x, point) in enumerate(pairs):
        _mark(root, x, at(point.value), point)
        _text(root, x, HEIGHT - 3 + LINE * (staggered and index % 2), point.label, "middle")
    return ET.tostring(root, encoding="unicode")


def _ticks(low: float, high: float) -> list[float]:
    """Two to four round values between the ends."""
    step = next((s for s in STEPS if (high - low) / s <= 4), STEPS[-1])
    return [step * i for i in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def _band(root: ET.Element, points: list[tuple[float, float, float]]) -> None:
    """The intervals of neighbours as one area; of a point alone, as a bar."""
    if len(points) == 1:
        ((x, low, high),) = points
        points = [(x - 3, low, high), (x + 3, low, high)]
    there = "L".join(f"{_px(x)} {_px(high)}" for x, _, high in points)
    back = "L".join(f"{_px(x)} {_px(low)}" for x, low, _ in reversed(points))
    _add(root, "path", "band", d=f"M{there}L{back}z")


def _mark(root: ET.Element, x: float, y: float, point: Point) -> None:
    shape, classes = MARKS.get(point.verdict or "", PLAIN)
    mark = _add(root, "path", classes, d=shape, transform=f"translate({_px(x)} {_px(y)})")
    ET.SubElement(mark, "title").text = fmt.visible(point.title)


def _text(root: ET.Element, x: float, y: float, text: str, anchor: str) -> None:
    element = _add(root, "text", "f-mute", x=_px(x), y=_px(y))
    element.set("text-anchor", anchor)
    element.text = fmt.visible(text)


def _add(root: ET.Element, tag: str, classes: str, **attributes: str) -> ET.Element:
    return ET.SubElement(root, tag, {"class": classes, **attributes})


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
