"""The report as one HTML file: self-contained, no network, readable without a script."""

from __future__ import annotations

from itertools import count

from markupsafe import Markup
from ser_audit.benchmark.run import Run

from . import format as fmt
from .charts import draw
from .curves import draw_curve
from .page import allowed, environment, template_file
from .view import view

FILENAME = "report.html"


def render(run: Run) -> str:
    """Render a run's manifest and findings: no audio, no model; the same run gives the same bytes.

    Raises:
        InputError: the run has no findings yet.
    """
    style, script = template_file("style.css"), template_file("script.js")
    templates = environment()
    numbers = count(1)
    templates.globals.update(
        chart=lambda plot: Markup(draw(plot, f"chart-{next(numbers)}")),  # escaped by ElementTree
        curve=lambda one, ends: Markup(draw_curve(one, ends, f"curve-{next(numbers)}")),  # as well
        symbols=fmt.SYMBOLS,
        words=fmt.WORDS,
        trace=fmt.trace,
        clauses=fmt.clauses,
    )
    return templates.get_template("report.html.j2").render(
        report=view(run),
        style=Markup(style),
        script=Markup(script),
        policy=allowed(style_src=style, script_src=script),
    )
