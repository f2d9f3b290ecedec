"""Small plots: points where their values are, the same bytes every time, few bytes, nothing hostile."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from ser_audit.reports.curves import WIDTH, draw_curve
from ser_audit.reports.model import Curve, Point

POINTS = tuple(
    Point(label, at, at - 0.05, at + 0.05, verdict, title=f"SER304 at {label}")
    for label, at, verdict in (("40", 0.6, "pass"), ("20", 0.5, "inconclusive"), ("0", 0.3, "fail"))
)
CURVE = Curve("White noise", "dB", "What is to be seen.", POINTS, {"clean": 0.6, "chance": 0.2})
ENDS = (0.2, 0.7)


def elements(svg, name):
    return [e for e in ET.fromstring(svg).iter() if e.tag == name]


def places(svg):
    """Where the marks are: (x, y) in px."""
    moved = [e.get("transform") for e in elements(svg, "path") if e.get("transform")]
    return [tuple(map(float, re.findall(r"-?[\d.]+", m))) for m in moved]


def heights(svg, name):
    """The y of a horizontal line of a class."""
    drawn = [e.get("d") for e in elements(svg, "path") if name in (e.get("class") or "").split()]
    return [float(d.split()[1].split("H")[0]) for d in drawn if "H" in d]


def test_points_lie_where_their_values_are_between_clean_and_chance():
    svg = draw_curve(CURVE, ENDS, "one")
    clean, chance = heights(svg, "s-line")
    (_, first), (_, second), (_, third) = places(svg)
    assert clean < chance  # px from the top
    assert first == clean
    per_unit = (chance - clean) / 0.4
    assert second - first == pytest.approx(0.1 * per_unit, abs=0.1)
    assert third - first == pytest.approx(0.3 * per_unit, abs=0.1)


def test_steps_go_from_left_to_right_at_one_distance():
    xs = [x for x, _ in places(draw_curve(CURVE, ENDS, "one"))]
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.11)
    labels = [(e.text, float(e.get("x"))) for e in elements(draw_curve(CURVE, ENDS, "one"), "text")]
    assert [entry for entry in labels if entry[1] in xs] == list(zip(("40", "20", "0"), xs, strict=True))


def test_the_band_spans_the_intervals_and_breaks_where_there_is_none():
    (band,) = [e for e in elements(draw_curve(CURVE, ENDS, "one"), "path") if e.get("class") == "band"]
    assert len(re.findall(r"[ML]", band.get("d"))) == 6
    broken = replace(CURVE, points=(POINTS[0], replace(POINTS[1], low=None), POINTS[2]))
    bands = [e for e in elements(draw_curve(broken, ENDS, "one"), "path") if e.get("class") == "band"]
    assert len(bands) == 2
    none = replace(CURVE, points=tuple(replace(p, low=None, high=None) for p in POINTS))
    assert 'class="band"' not in draw_curve(none, ENDS, "one")


def test_verdicts_differ_in_shape_not_in_colour_alone():
    given = ("fail", "pass", "inconclusive", None)
    points = tuple(replace(POINTS[0], verdict=verdict) for verdict in given)
    marks = [
        e
        for e in elements(draw_curve(replace(CURVE, points=points), ENDS, "one"), "path")
        if e.get("transform")
    ]
    assert len({e.get("d") for e in marks}) == len({e.get("class") for e in marks}) == 4


def test_every_point_can_be_traced_and_the_plot_is_described():
    svg = draw_curve(CURVE, ENDS, "one")
    assert [e.text for e in elements(svg, "title")] == ["White noise", *(p.title for p in POINTS)]
    root = ET.fromstring(svg)
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "one-title one-desc")
    assert {e.get("id") for e in root.iter() if e.get("id")} == {"one-title", "one-desc"}


def test_labels_that_are_too_long_for_one_line_stand_on_two():
    def lines(labels):
        points = tuple(replace(POINTS[0], label=label) for label in labels)
        svg = draw_curve(replace(CURVE, points=points), ENDS, "one")
        ys = [e.get("y") for e in elements(svg, "text") if e.text in labels]
        return len(set(ys)), float(ET.fromstring(svg).get("viewBox").split()[3])

    short, long = lines(list("abcde")), lines([f"300–{i}.4k" for i in range(5)])
    assert (short[0], long[0]) == (1, 2)
    assert long[1] > short[1]


@pytest.mark.parametrize("ends", [(0.2, 0.7), (-0.4, 1.0), (0.58, 0.62), (-1.0, -0.2)])
def test_the_axis_has_two_to_six_round_labels_within_it(ends):
    svg = draw_curve(replace(CURVE, lines={}), ends, "one")
    ticks = [e.text for e in elements(svg, "text") if e.get("text-anchor") == "end"]
    assert 2 <= len(ticks) <= 6
    assert all(ends[0] <= float(t.replace("−", "-")) <= ends[1] for t in ticks)
    assert all(len(t) <= 4 for t in ticks)


def test_it_is_small_and_the_same_every_time():
    svg = draw_curve(CURVE, ENDS, "one")
    assert svg == draw_curve(CURVE, ENDS, "one")
    assert len(svg) < 2000
    assert not re.search(r"#[0-9a-f]{6}|style=|rgb", svg)
    assert str(WIDTH) in ET.fromstring(svg).get("viewBox")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\x00\n\u202e\ufffe", "\"&'", "שלום"])
def test_hostile_labels_are_text(text):
    point = replace(POINTS[0], label=text, title=text)
    svg = draw_curve(Curve(text, text, text, (point, *POINTS), {}), ENDS, "one")
    assert {e.tag for e in ET.fromstring(svg).iter()} == {"svg", "title", "desc", "path", "text"}
