"""`ser-audit selftest`: audit checkpoints with planted defects, and say whether they were found."""

from __future__ import annotations

import click


@click.command()
@click.argument("mutants", nargs=-1, metavar="[MUTANT]...")
@click.option(
    "--repeat",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    metavar="N",
    help="So many seeds: each defect must be found in 95 % of them, a false one in 5 % at most.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The first seed.")
def selftest(mutants, repeat, seed) -> int:
    """Audit 19 checkpoints with a planted defect each, or some of them: does the audit find what is true?

    Prints a matrix of mutants by finding codes. Exit codes: 0 where all is found that must be and nothing
    else, 1 where not.

    \b
    Examples:
      ser-audit selftest
      ser-audit selftest "random rater" sex-biased --repeat 20
    """
    from ..selftest.expected import read
    from ..selftest.matrix import Matrix
    from ..selftest.trial import chosen, limits, trial
    from ..spec import cores
    from .progress import shown

    names, policy = chosen(mutants), limits()
    matrix = Matrix(names, read())
    with shown() as progress:
        for number in range(repeat):
            matrix.add(trial(names, seed + number, policy, cores(), progress))
    click.echo(matrix.text())
    return 0 if matrix.right else 1
