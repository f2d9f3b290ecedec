"""Plots as SVG: drawn by matplotlib, then made ready for a page in light or dark.

Colours become CSS classes, ids are unique in the page, text stays text, and nothing in the file
depends on the time or on what was drawn before.
"""

from __future__ import annotations

import io
import logging
import warnings
from typing import Any

from .format import short, visible
from .model import Plot, Point
from .svg import PALETTE, inline

WIDTH = 370  # points, which the page shows as px: as wide as a phone
ROW, TOP, BOTTOM, RIGHT = 18, 26, 36, 14
NOTES = 74  # to the right of the axes, where points have notes
LABEL = 26  # characters of a label at most
FONT = 11.5
MARKS = {"fail": ("D", "fail", 5.0), "pass": ("o", "pass", 5.5), "inconclusive": ("s", "open", 5.0)}
STYLES = {"clean": "-", "median": "-", "chance": ":", "limit": "--"}


def draw(plot: Plot, id_: str) -> str:
    """Draw a plot as an ``<svg>`` element.

    Args:
        plot: what to draw; at least one point.
        id_: unique in the page; a prefix of all ids within.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    settings: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "ser-audit",
        "text.parse_math": False,
        "font.family": ["DejaVu Sans"],
        "font.size": FONT,
        "axes.unicode_minus": True,
    }
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # the browser has its own fonts
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        figure, titles = _figure(plot)
        buffer = io.StringIO()
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    return inline(buffer.getvalue(), id_, visible(plot.title), visible(plot.description), titles)


def _figure(plot: Plot):
    """The figure, and the hover text of each point by its id."""
    from matplotlib.figure import Figure

    rows = 8 if plot.distribution else len(plot.points)
    height = TOP + ROW * rows + BOTTOM
    figure = Figure(figsize=(WIDTH / 72, height / 72))
    left = 34 if plot.distribution else _left(plot.points)
    right = NOTES if any(p.note for p in plot.points) and not plot.distribution else RIGHT
    axes = figure.add_axes(
        (left / WIDTH, BOTTOM / height, (WIDTH - left - right) / WIDTH, (height - TOP - BOTTOM) / height)
    )
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(PALETTE["rule"])
    axes.tick_params(axis="both", length=0, labelcolor=PALETTE["ink"], labelsize=FONT, pad=5)
    axes.tick_params(axis="x", labelcolor=PALETTE["mute"], labelsize=FONT - 1)
    axes.set_xlabel(plot.axis, color=PALETTE["mute"], fontsize=FONT - 1, labelpad=2)
    axes.grid(axis="x", color=PALETTE["rule"], linewidth=0.6)
    axes.set_axisbelow(True)
    if plot.band:
        axes.axvspan(*plot.band, facecolor=PALETTE["band"], edgecolor="none", zorder=0.5)
    titles = _histogram(axes, plot) if plot.distribution else _rows(axes, plot)
    _lines(axes, plot.lines)
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter(lambda x, _: _tick(x))
    return figure, titles


def _left(points: tuple[Point, ...]) -> float:
    """Room for the labels: an estimate by their length, as the reader's font is not known."""
    return min(200, 14 + 7.4 * max(len(short(p.label, LABEL)) for p in points))


def _tick(x: float) -> str:
    text = f"{x:.2f}".rstrip("0").rstrip(".").replace("-", "−")
    return (
        "0"
        if text in ("", "−0")
        else text.replace("0.", ".", 1)
        if text.lstrip("−").startswith("0.")
        else text
    )


def _rows(axes, plot: Plot) -> dict[str, str]:
    """Points in rows, neighbours of a series joined, bars behind."""
    titles: dict[str, str] = {}
    for row, point in enumerate(plot.points):
        before = plot.points[row - 1] if row else None
        if before is not None and point.series and point.series == before.series:
            axes.plot(
                [before.value, point.value], [row - 1, row], color=PALETTE["mute"], linewidth=0.8, zorder=2
            )
        if point.low is not None and point.high is not None:
            axes.plot([point.low, point.high], [row, row], color=PALETTE["bar"], linewidth=2.2, zorder=1)
        if point.second is not None:
            axes.plot(
                [point.second],
                [row],
                marker="|",
                markersize=8,
                markeredgewidth=1.6,
                markeredgecolor=PALETTE["ink"],
                linestyle="none",
                zorder=4,
            )
        marker, colour, size = MARKS.get(point.verdict or "", ("o", "none", 4.5))
        face = PALETTE["paper"] if colour == "open" else PALETTE[colour]
        edge = PALETTE["open"] if colour == "open" else face
        gid = f"point-{row}"
        axes.plot(
            [point.value],
            [row],
            marker=marker,
            markersize=size,
            markerfacecolor=face,
            markeredgecolor=edge,
            markeredgewidth=1.4,
            linestyle="none",
            gid=gid,
            zorder=3,
            clip_on=False,
        )
        titles[gid] = f"{visible(point.label)}: {visible(point.title)}"
        if point.note:
            axes.text(
                1.03,
                row,
                point.note,
                transform=axes.get_yaxis_transform(),
                va="center",
                fontsize=FONT - 2,
                color=PALETTE["mute"],
            )
    if plot.head:
        axes.text(
            1.03,
            -1,
            plot.head,
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=FONT - 2,
            color=PALETTE["mute"],
        )
    axes.set_yticks(range(len(plot.points)), [short(p.label, LABEL) for p in plot.points])
    axes.set_ylim(len(plot.points) - 0.4, -0.6)
    axes.margins(x=0.06)
    return titles


def _histogram(axes, plot: Plot) -> dict[str, str]:
    """How many speakers lie where."""
    values = [p.value for p in plot.points]
    axes.hist(values, bins=min(30, max(8, len(values) // 8)), color=PALETTE["bar"])
    axes.locator_params(axis="y", integer=True, nbins=4)
    axes.tick_params(axis="y", labelcolor=PALETTE["mute"], labelsize=FONT - 1)
    axes.annotate(
        "speakers",
        (0, 1),
        xycoords="axes fraction",
        xytext=(-24, 4),
        textcoords="offset points",
        fontsize=FONT - 2,
        color=PALETTE["mute"],
    )
    return {}


def _lines(axes, lines: dict[str, float]) -> None:
    """Vertical lines with their names above."""
    taken: list[float] = []
    for name, at in sorted(lines.items(), key=lambda item: item[1]):
        axes.axvline(at, linestyle=STYLES.get(name, "-"), linewidth=1, color=PALETTE["line"], zorder=1.5)
    low, high = axes.get_xlim()
    for name, at in sorted(lines.items(), key=lambda item: item[1]):
        near = any(abs(at - other) < 0.22 * (high - low) for other in taken)
        axes.annotate(
            name,
            (at, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 12 if near else 3),
            textcoords="offset points",
            ha="center",
            fontsize=FONT - 2,
            color=PALETTE["line"],
        )
        taken.append(at)
