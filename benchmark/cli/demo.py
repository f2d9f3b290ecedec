"""`ser-audit demo`: the bundled checkpoint on the synthetic corpora."""

from __future__ import annotations

import click

from . import settings


@click.command()
@click.option(
    "-o", "--output", default="ser-audit-demo", metavar="RUN", show_default=True, help="Folder of the run."
)
@settings.runtime
def demo(output, **flags) -> int:
    """Audit the bundled checkpoint on two synthetic corpora: no network, under a minute.

    \b
    Example:
      ser-audit demo -o my-first-audit
    """
    from ..spec import Spec
    from ..steps import audit
    from .progress import shown
    from .summary import exit_code, say

    corpora = {"aru": "synthetic:aru", "beno": "synthetic:beno"}
    spec = Spec(checkpoints=("bundled",), corpora=corpora, **settings.given(**flags))
    with shown() as progress:
        result = audit(spec, output, progress)
    say(result)
    return exit_code(result, gate=False)
