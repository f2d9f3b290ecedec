"""`ser-audit score`: judge a run's table again."""

from __future__ import annotations

import click


@click.command()
@click.argument("run", metavar="RUN")
@click.option("--policy", metavar="NAME", help="Limits, by name or TOML file.  [default: the run's own]")
def score(run, policy) -> int:
    """Judge the predictions of RUN again, without audio, model or torch.

    \b
    Example:
      ser-audit score RUN --policy default
    """
    from ..run import Run
    from ..steps import render
    from ..steps import score as judge
    from .summary import exit_code, say

    judge(run, policy)
    render(run)
    say(Run(run))
    return exit_code(Run(run), gate=False)
