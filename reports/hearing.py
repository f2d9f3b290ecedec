"""The page of players of a set: readable without a script; nothing but the files beside it is loaded."""

from __future__ import annotations

from importlib import resources
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from ser_audit.benchmark.hearing import Hearing

from .html import _finalize, _hash

FILENAME = "index.html"


def render(hearing: Hearing) -> str:
    """Render the page; the same hearing gives the same bytes.

    The players link to the files by their names, so the folder may be moved.
    """
    folder = resources.files("ser_audit.reports.templates")
    style = "".join(
        folder.joinpath(f"{name}.css").read_text(encoding="utf-8") for name in ("style", "hearing")
    )
    environment = Environment(
        loader=PackageLoader("ser_audit.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["quote"] = quote
    return environment.get_template("hearing.html.j2").render(
        hearing=hearing,
        style=Markup(style),
        policy=f"default-src 'none'; style-src '{_hash(style)}'; media-src 'self' file:; "
        "base-uri 'none'; form-action 'none'",
    )
