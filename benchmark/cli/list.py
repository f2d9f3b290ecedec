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

    rows = {name: name for name in plugins.names(group)}
    if group == "perturbations":
        rows = {name: _form(name) for name in rows}
    width = max(map(len, rows.values()), default=0)
    for name, shown in rows.items():
        click.echo(f"{shown:{width}}  {_about(group, name)}")
    return 0


def _about(group: str, name: str) -> str:
    """What it does, in one line; of a perturbation also that it is a probe."""
    from .. import plugins

    text = plugins.summary(group, name).replace("``", "")
    probe = group == "perturbations" and not getattr(plugins.load(group, name), "label_preserving", True)
    return f"(probe, never judged) {text}" if probe else text


def _form(family: str) -> str:
    """A family as its condition ids are written; what may be left out in brackets."""
    from ser_audit.perturbations.make import parameters

    needed = [f"{n}=…" for n, value in parameters(family).items() if value is None]
    left_out = [f"{n}=…" for n, value in parameters(family).items() if value is not None]
    text = f"{family}{'@' if needed else ''}{','.join(needed)}"
    return text + (f"[{',' if needed else '@'}{','.join(left_out)}]" if left_out else "")
