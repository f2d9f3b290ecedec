"""Progress: a bar on a terminal, a plain line per stage where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def shown() -> Iterator[Callable[[str, int, int], None]]:
    """A function that is told what is being done, how much of it is done, and of how much."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description:40}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, int] = {}

        def tell(stage: str, done: int, total: int) -> None:
            kind = stage.split()[0]
            if kind not in tasks:
                tasks[kind] = bar.add_task(stage)
            bar.update(tasks[kind], description=stage, completed=done, total=total)

        yield tell


def _lines() -> Callable[[str, int, int], None]:
    last = ""

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal last
        if stage != last:
            click.echo(f"{stage} ({done} of {total})", err=True)
            last = stage

    return tell
