"""`ser-audit gate`: a run's findings as an exit code."""

from __future__ import annotations

import click


@click.command()
@click.argument("run", metavar="RUN")
def gate(run) -> int:
    """Exit 1 if a finding of RUN fails, 3 if one is undecided, rows are missing or nothing was judged.

    \b
    Example:
      ser-audit gate RUN
    """
    from ..run import Run
    from .summary import exit_code

    opened = Run(run)
    decisive = [f for f in opened.findings.findings if f.verdict in ("fail", "inconclusive", "error")]
    missing = opened.missing()
    if missing:
        click.echo(f"incomplete: {len(missing)} tables are missing, such as {missing[0]}")
    for finding in sorted(decisive, key=lambda f: f.verdict != "fail"):
        click.echo(f"{finding.verdict}: {finding.code} {finding.message}")
    code = exit_code(opened, gate=True)
    click.echo({0: "gate: passed", 1: "gate: failed", 3: "gate: undecided"}[code])
    return code
