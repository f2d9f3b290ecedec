"""`ser-audit report`: render a run's findings again."""

from __future__ import annotations

import click


@click.command()
@click.argument("run", metavar="RUN")
@click.option(
    "--format",
    "renderer",
    default="html",
    show_default=True,
    metavar="NAME",
    help="A renderer, see `ser-audit list renderers`.",
)
def report(run, renderer) -> int:
    """Render the findings of RUN again, without audio, model or torch.

    \b
    Example:
      ser-audit report RUN
    """
    from ..steps import render

    click.echo(f"Report: {render(run, renderer)}")
    return 0
