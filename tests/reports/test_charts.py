"""Plots are a part of the page: no style of their own, ids unique, the same bytes every time."""

import re
from xml.etree import ElementTree as ET

import pytest
from ser_audit.reports.charts import draw
from ser_audit.reports.model import Plot, Point
from ser_audit.reports.svg import PALETTE

HOSTILE = ["<script>alert(1)</script>", r"$\frac{1}{0}$", "\x00\n\u202e\ufffe", "語" * 300, "\"&'", "שלום"]


def plot(labels=("a", "b"), **rest):
    points = tuple(
        Point(x, 0.1 * i, 0.1 * i - 0.1, 0.1 * i + 0.1, "fail", "family", "n 3", f"SER205 {x}")
        for i, x in enumerate(labels)
    )
    return Plot("Title", "What is to be seen.", "UAR", points, {"clean": 0.05}, **rest)


def elements(svg):
    return list(ET.fromstring(svg).iter())


def test_a_plot_is_drawn_alike_whatever_was_drawn_before():
    first = draw(plot(), "one")
    draw(plot(("c",)), "two")
    assert draw(plot(), "one") == first


def test_ids_of_two_plots_differ_and_every_reference_is_met():
    both = [elements(draw(plot(), name)) for name in ("one", "two")]
    ids = [e.get("id") for page in both for e in page if e.get("id")]
    assert len(ids) == len(set(ids))
    for page in both:
        own = {e.get("id") for e in page}
        text = " ".join(v for e in page for k, v in e.attrib.items() if k in ("href", "clip-path"))
        references = set(re.findall(r"#([\w-]+)", text))
        assert references
        assert references <= own


def test_colours_are_classes_so_that_light_and_dark_work():
    for svg in (draw(plot(), "one"), draw(plot(tuple("abcdefgh") * 20, distribution=True), "two")):
        assert not re.search(r"#[0-9a-f]{6}|style|rgb", svg)
        classes = {c for e in elements(svg) for c in (e.get("class") or "").split()}
        assert classes <= {f"{kind}-{name}" for kind in "fs" for name in (*PALETTE, "off")} | {"chart"}


def test_a_plot_has_title_and_description_for_those_who_do_not_see_it():
    root = ET.fromstring(draw(plot(), "one"))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "one-title one-desc"
    assert [(e.tag, e.get("id"), e.text) for e in root[:2]] == [
        ("title", "one-title", "Title"),
        ("desc", "one-desc", "What is to be seen."),
    ]


def test_every_point_can_be_traced_by_hover():
    titles = [e.text for e in elements(draw(plot(), "one")) if e.tag == "title"]
    assert titles == ["Title", "a: SER205 a", "b: SER205 b"]


def test_verdicts_differ_in_shape_not_in_colour_alone():
    shapes = {}
    for verdict in ("fail", "pass", "inconclusive", None):
        page = elements(draw(Plot("t", "d", "x", (Point("a", 0.5, verdict=verdict),)), "one"))
        marker = next(g for g in page if g.tag == "g" and len(g) and g[0].tag == "title")
        shapes[verdict] = next(e.get("d") for e in marker.iter() if e.tag == "path")
    assert len(set(shapes.values())) == 4


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_labels_are_text(text):
    page = elements(draw(plot((text, "b")), "one"))  # parses: well formed
    assert not {e.tag for e in page} - {
        "svg",
        "g",
        "path",
        "use",
        "text",
        "title",
        "desc",
        "defs",
        "clipPath",
        "rect",
    }
    assert all(len(e.text or "") <= 26 for e in page if e.tag == "text")


def test_text_stays_text():
    assert "a" in [e.text for e in elements(draw(plot(), "one")) if e.tag == "text"]
