"""Corpora: one file per layout, and the decoding of audio. Imports only the contracts of benchmark."""

from __future__ import annotations

from pathlib import Path

from .. import plugins
from ..corpus import Corpus, CorpusOptions
from ..errors import InputError


def open_corpus(name: str, path: str, options: CorpusOptions) -> Corpus:
    """The corpus at ``path``, in whichever registered format recognises it. No audio is read.

    Args:
        name: what the run calls it.
        path: a file, a folder, or what else a format takes (``synthetic:LANGUAGE``).
        options: what the user says of it.

    Raises:
        InputError: there is nothing at ``path``, no format recognises it, or the format refuses it.
    """
    for registered in plugins.names("corpora"):
        module = plugins.load("corpora", registered)
        if module.recognises(path):
            try:
                return module.open_corpus(name, path, options)
            except (
                ValueError,
                OSError,
                RecursionError,
            ) as error:  # a table beyond sense: bytes, depth, digits
                first = (str(error).splitlines() or [""])[0]
                raise InputError(f"corpus {name}: {path} cannot be read as {registered}: {first}") from error
    if not Path(path).exists():
        raise InputError(f"corpus {name}: no such file or folder: {path}")
    accepted = "; ".join(f"{n}: {plugins.summary('corpora', n)}" for n in plugins.names("corpora"))
    raise InputError(f"corpus {name}: {path} is in no format that is known here. Accepted: {accepted}")
