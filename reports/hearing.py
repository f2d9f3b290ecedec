"""The page of players of a set: readable without a script; nothing but the files beside it is loaded."""

from __future__ import annotations

from urllib.parse import quote

from markupsafe import Markup
from ser_audit.benchmark.hearing import Hearing

from .page import allowed, environment, template_file

FILENAME = "index.html"


def render(hearing: Hearing) -> str:
    """Render the page; the same hearing gives the same bytes.

    The players link to the files by their names, so the folder may be moved.
    """
    style = template_file("style.css") + template_file("hearing.css")
    templates = environment()
    templates.filters["quote"] = quote
    return templates.get_template("hearing.html.j2").render(
        hearing=hearing,
        style=Markup(style),
        policy=allowed(style_src=style, media_src="'self' file:"),
    )
