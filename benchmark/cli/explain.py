"""`ser-audit explain`: what a finding code asks, how it is judged, and what to do when it fails."""

from __future__ import annotations

import sys
from itertools import groupby

import click

WIDTH = 100  # characters of a line at most
STYLES = {f"markdown.{part}": "bold" for part in ("h1", "h2", "code")}


@click.command()
@click.argument("code", required=False)
def explain(code) -> int:
    """Explain a finding CODE: question, formula, limit, source, and what to do when it fails.

    Without CODE, all codes are listed with their questions. On a terminal the page is set; into a pipe or a
    file it goes as Markdown.

    \b
    Example:
      ser-audit explain SER401
    """
    from .. import codes

    if code is None:
        for audit, known in groupby(codes.codes().values(), lambda one: one.audit):
            click.echo(audit)
            for one in known:
                click.echo(f"  {one.name}  {one.question}")
        return 0
    text = codes.find(code).text
    if not sys.stdout.isatty():
        click.echo(text, nl=False)
        return 0
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.theme import Theme

    console = Console(theme=Theme(STYLES))
    console.print(Markdown(text, hyperlinks=False), width=min(WIDTH, console.width))
    return 0
