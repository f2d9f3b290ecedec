"""Colours can be read: WCAG 2.2 contrasts in light and dark, and no verdict by hue alone."""

import re
from importlib import resources

import pytest

STYLE = resources.files("ser_audit.reports.templates").joinpath("style.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
)
TEXTS = ("ink", "mute", "link", "fail", "inconclusive", "pass", "not", "error", "line")
TINTS = tuple(f"{side}{step}" for side in "du" for step in range(1, 6))


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_readable_on_paper_and_ink_on_every_tint(palette):
    low = {text: contrast(palette[text], palette[ground]) for text in TEXTS for ground in ("paper", "raised")}
    assert {text: c for text, c in low.items() if c < 4.5} == {}
    tints = {tint: contrast(palette["ink"], palette[tint]) for tint in (*TINTS, "warn")}
    assert {tint: c for tint, c in tints.items() if c < 4.5} == {}


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_bars_and_marks_stand_out_from_paper(palette):
    assert contrast(palette["bar"], palette["paper"]) >= 3


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_a_deeper_tint_is_farther_from_paper(palette):
    for side in "du":
        steps = [contrast(palette[f"{side}{i}"], palette["paper"]) for i in range(1, 6)]
        assert steps == sorted(steps)
