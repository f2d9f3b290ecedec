"""`ser-audit init`: a commented audit.toml to begin with."""

from __future__ import annotations

from pathlib import Path

import click

TEMPLATE = """\
# An audit: run it with  ser-audit run audit.toml -o RUN
# Relative paths start at this file's folder.

conditions = "default"        # a set's name or TOML file, or a list such as ["noise.white@snr_db=20"]
# noise_packs = { office = "noises/office" }   # folders of noises and impulse responses, by name
policy = "default"            # the limits, a name or TOML file
seed = 0                      # of the perturbations
# labels = "mapping.toml"     # from the corpora's emotion labels to the checkpoints' classes:
#                             #   anger = "angry"          for every corpus
#                             #   [nemo]                   for one
#                             #   sadness = "sad"
# limit = 100                 # utterances per corpus, spread over speakers
# device = "auto"             # auto, cpu, cuda
# threads = 2

[[checkpoints]]
path = "bundled"              # a Hugging Face folder, model.onnx, file.py:name, a table of predictions
# name = "mine"
# info = "mine.toml"          # facts that the file cannot tell; default: the TOML beside it

[[corpora]]
name = "aru"
path = "synthetic:aru"        # a table (CSV, TSV, Parquet, JSON Lines), an audformat folder, synthetic:…
# rows = { corpus = "aru" }                          # choose rows of a table
# columns = { speaker = "spk", "group.accent" = "acc" }   # name columns that are not recognised
# scales = { arousal = [1, 7], valence = [1, 7] }    # truth scales, declared
# language = "en"
# reference = "headset"                              # of takes recorded by several devices, with
#                                                    # columns = { variant = "device", take = "take" }
"""


@click.command()
@click.argument("path", default="audit.toml", metavar="[PATH]")
def init(path) -> int:
    """Write a commented audit.toml that runs as it is.

    \b
    Example:
      ser-audit init audit.toml
    """
    from ..errors import InputError

    target = Path(path)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE)
    except FileExistsError:
        raise InputError(f"{target} exists already: give another name") from None
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror}") from None
    click.echo(f"Wrote {target}; edit it, then: ser-audit run {target} -o RUN")
    return 0
