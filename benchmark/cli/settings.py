"""Flags that several commands share, and how their values are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import click

RUNTIME = (
    click.option("--device", help="auto, cpu, cuda, cuda:1, …  [default: auto: CUDA where there is one]"),
    click.option(
        "--threads",
        type=click.IntRange(1, 1024),
        help="Threads of one forward pass.  [default: 1, and a pass for each core]",
    ),
    click.option(
        "--workers", type=click.IntRange(1, 256), help="Processes that perturb.  [default: all cores]"
    ),
    click.option("--seed", type=click.IntRange(0), help="Seed of the perturbations.  [default: 0]"),
)


def runtime(command: Callable) -> Callable:
    """Add the runtime flags to a command."""
    for option in reversed(RUNTIME):
        command = option(command)
    return command


def given(**flags: object) -> dict[str, object]:
    """Only the flags that were given, by the spec's names."""
    return {name: value for name, value in flags.items() if value is not None}


def named(values: Iterable[str], flag: str, form: str = "NAME=PATH") -> dict[str, str]:
    """``NAME=VALUE`` flags as a mapping."""
    result: dict[str, str] = {}
    for value in values:
        name, separator, rest = value.partition("=")
        if not (separator and name and rest):
            raise click.UsageError(f"{flag} {value!r}: give it as {form}")
        if name in result:
            raise click.UsageError(f"{flag}: the name {name!r} is given twice")
        result[name] = rest
    return result


def per_corpus(
    values: Iterable[str], flag: str, form: str, corpora: Iterable[str]
) -> dict[str, dict[str, str]]:
    """``[CORPUS:]KEY=VALUE`` flags as corpus -> key -> value; without CORPUS it holds for all of them."""
    corpora = list(corpora)
    result: dict[str, dict[str, str]] = {c: {} for c in corpora}
    for value in values:
        head, separator, rest = value.partition("=")
        corpus, colon, key = head.rpartition(":")
        if not (separator and key and rest):
            raise click.UsageError(f"{flag} {value!r}: give it as {form}")
        if colon and corpus not in corpora:
            raise click.UsageError(
                f"{flag} {value!r}: no --corpus is called {corpus!r}, only {', '.join(corpora)}"
            )
        for name in [corpus] if colon else corpora:
            if key in result[name]:
                raise click.UsageError(f"{flag}: {key!r} is given twice for {name}")
            result[name][key] = rest
    return result


def scale(text: str) -> tuple[float, float]:
    """``1-7``, ``1..5`` or ``-3..3`` as its ends."""
    match = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*(?:-|\.\.|to)\s*(-?\d+(?:\.\d+)?)\s*", text)
    if not match or float(match[1]) >= float(match[2]):
        raise click.UsageError(f"--scale {text!r}: give its lowest and highest value, as in 1-7 or -3..3")
    return float(match[1]), float(match[2])
