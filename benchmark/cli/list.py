"""`ser-audit list`: what is registered, built in or as a plug-in."""

from __future__ import annotations

import click

from ..plugins import GROUPS


@click.command("list")
@click.argument("group", type=click.Choice(GROUPS), metavar="|".join(GROUPS))
def list_(group) -> int:
    """List what is registered in a group, with the first line of its description.

    \b
    Example:
      ser-audit list perturbations
    """
    from .. import plugins

    for name in plugins.names(group):
        click.echo(f"{name:18} {plugins.summary(group, name)}")
    return 0
