"""The report as one HTML file: self-contained, no network, readable without a script."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from itertools import count

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from ser_audit.benchmark.run import Run

from . import format as fmt
from .charts import draw
from .curves import draw_curve
from .view import view

FILENAME = "report.html"


def render(run: Run) -> str:
    """Render a run's manifest and findings: no audio, no model; the same run gives the same bytes.

    Raises:
        InputError: the run has no findings yet.
    """
    folder = resources.files("ser_audit.reports.templates")
    style, script = (folder.joinpath(name).read_text(encoding="utf-8") for name in ("style.css", "script.js"))
    environment = Environment(
        loader=PackageLoader("ser_audit.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    numbers = count(1)
    environment.globals.update(
        chart=lambda plot: Markup(draw(plot, f"chart-{next(numbers)}")),  # escaped by ElementTree
        curve=lambda one, ends: Markup(draw_curve(one, ends, f"curve-{next(numbers)}")),  # as well
        symbols=fmt.SYMBOLS,
        words=fmt.WORDS,
        trace=fmt.trace,
    )
    page = environment.get_template("report.html.j2")
    return page.render(
        report=view(run),
        style=Markup(style),
        script=Markup(script),
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
    )


def _hash(text: str) -> str:
    """The hash by which a Content-Security-Policy allows an inline element."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _finalize(value: object) -> object:
    """Make what cannot be seen visible in all text that did not come from this package."""
    return fmt.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
