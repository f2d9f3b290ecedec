"""`ser-audit hear`: a recording in a condition, or in all conditions of a set."""

from __future__ import annotations

import click

from . import settings


@click.command()
@click.argument("given", nargs=-1, required=True, metavar="[CONDITION] FILE")
@click.option("--set", "set_", metavar="NAME", help="All conditions of a set, by name or TOML file.")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="WAV | FOLDER",
    help="What to write: a new WAV file; with --set a new or empty folder.",
)
@click.option(
    "--noise-pack",
    "packs",
    multiple=True,
    metavar="NAME=FOLDER",
    help="Noises and impulse responses, categories by subfolder; may be repeated.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of what is drawn.")
@click.option(
    "--sampling-rate",
    type=click.IntRange(4000, 192000),
    default=16000,
    show_default=True,
    metavar="HZ",
    help="Of the checkpoint.",
)
def hear(given, set_, output, packs, seed, sampling_rate) -> int:
    """Hear what a condition does: write FILE, perturbed, as 32-bit float WAV.

    It is decoded as an audit does, so the samples are those that a model would be given. With --set, every
    condition of a set is written, with FOLDER/index.html, a page of players. Exit code 3: some of them
    cannot be applied to this file; the page says why.

    \b
    Examples:
      ser-audit hear noise.white@snr_db=10 speech.wav -o noisy.wav
      ser-audit hear --set ladder speech.wav -o ladder
    """
    from .. import hearing

    *condition, file = given
    if len(condition) != (not set_):
        form = f"--set {set_} FILE" if set_ else "CONDITION FILE, or --set NAME FILE"
        raise click.UsageError(f"got {' '.join(given)!r}: give {form}")
    options = {
        "seed": seed,
        "packs": settings.named(packs, "--noise-pack", "NAME=FOLDER"),
        "sampling_rate": sampling_rate,
    }
    if not set_:
        sound = hearing.hear(condition[0], file, output, **options)
        above = "above full scale: a player clips it, a model is given all of it"
        facts = (sound.words, *sound.facts, *([above] if sound.clips else []), sound.source)
        click.echo(f"Wrote {output}: {'; '.join(filter(None, facts))}")
        return 0
    from pathlib import Path

    from .progress import shown

    with shown() as progress:
        result = hearing.hear_set(set_, file, output, progress=progress, **options)
    for sound in result.problems:
        click.echo(f"not applied: {sound.problem}")
    click.echo(f"Page: {Path(output) / 'index.html'}")
    return 3 if result.problems else 0
