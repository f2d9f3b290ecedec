"""The page of all perturbations and sets, `docs/perturbations.md`, made from what is registered.

``python -m ser_audit.perturbations.document > docs/perturbations.md`` makes it again.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator

from .condition import canonical
from .make import parameters, registered
from .sets import CLEAN, ConditionSet, names, read_set

INTRODUCTION = """\
# Perturbations

This page is made from the code: `python -m ser_audit.perturbations.document > docs/perturbations.md`.

A condition is a perturbation at a severity, named by its id: `noise.white@snr_db=20`. A value may be drawn
anew for each utterance: one of several (`gain@db=-2/-1/1/2`), or any in a range
(`speedup@factor=1.25,percent=10..20`). `--condition ID` chooses conditions, `--set NAME` one of the sets
below or a TOML file of your own:
```toml
summary = "Our call centre"
[[groups]]
name = "Headsets"                      # from weak to severe
conditions = ["filter.bandpass@low_hz=300,high_hz=3400", "mulaw@level_db=-30"]
```
A group may name a `reference`, the condition that its own are compared with in place of clean speech.
`ser-audit hear CONDITION FILE -o out.wav` makes one audible, `ser-audit hear --set ladder FILE -o folder` a
set.

- **Draws** come from seed, utterance and condition alone: order, batch, worker and machine do not enter.
  Babble is mixed from the corpus, so it depends on the corpus too. Within one type of CPU the samples are
  the same bytes; from one type of x86-64 CPU to another they agree within 1e-5 of full scale, for the same
  samples of speech. (Another decoder's last bits may flip a codec's decisions.)
- **Peaks** may exceed full scale: nothing is clipped or turned down but by a perturbation that says so.
  Codecs bring the wave to a level within their range first and undo it behind, so that the level of a
  recording is no severity.
- **SNR** is that of mean squares over the whole utterance; with `active=1` the speech counts by its active
  level (ITU-T P.56), pauses left out; of coughs and sneezes it holds over the burst. It is realised exactly.
- **What cannot be perturbed** (silence has no SNR, a crop leaves nothing) keeps its row, with the status
  `not_perturbed` and the reason.

## Where sounds come from
`--noise-pack NAME=FOLDER` takes any folder of sound files; the first subfolder is the category. MUSAN,
ESC-50, DEMAND, AIR, OpenAIR and RIRS_NOISES are recognised. A pack's clips serve the conditions of their
category, its impulse responses the rooms within 10 % of their reverberation time; `noise.NAME@snr_db=10`,
`noise.NAME.SUBFOLDER@snr_db=10` and `room.NAME` choose a pack itself. Its files are hashed into the manifest.
Without a pack generated sounds stand in; babble is mixed from the corpus's other speakers, or from generated
talkers where it has too few. The report says which was used.

A corpus may hold the same takes recorded by several devices: `--column NAME:variant=COLUMN`,
`--column NAME:take=COLUMN` and `--reference NAME=VARIANT` make each other variant a condition
`recording.VARIANT` of the reference's utterances, whatever other conditions are chosen.
"""


def document() -> str:
    """The page, in Markdown."""
    sets = (line for name in names() for line in _set(read_set(name)))
    return "\n".join([INTRODUCTION, *_families(), *sets])


def _families() -> Iterator[str]:
    """A table of all families that are part of this package."""
    yield "## Families\n"
    rows = []
    for name, point in registered().items():
        if not point.value.startswith("ser_audit."):
            continue  # a plug-in of this machine
        factory = point.load()
        first = (inspect.getdoc(factory) or "").split("\n\n")[0].replace("\n", " ")
        probe = "" if factory.label_preserving else "**Probe**, not label preserving: never judged. "
        rows.append((f"`{name}`", _parameters(name), probe + first, str(factory.version)))
    yield from _table(("family", "parameters", "what it does", "version"), rows)
    yield ""


def _parameters(family: str) -> str:
    """Its parameters, those that may be left out with their values."""
    texts = [name if v is None else f"{name} = {canonical(v)}" for name, v in parameters(family).items()]
    return ", ".join(f"`{text}`" for text in texts) or "–"


def _set(chosen: ConditionSet) -> Iterator[str]:
    """A set: each of its rows against its condition ids."""
    yield f"## Set `{chosen.name}`\n"
    yield " ".join([chosen.summary, *([f"Source: {chosen.source}."] if chosen.source else [])]) + "\n"
    rows = [
        (
            group.name or "all",
            ", ".join(f"`{c}`" for c in group.conditions),
            f"`{group.reference}`" if group.reference != CLEAN else CLEAN,
            group.note or "–",
        )
        for group in chosen.groups
    ]
    yield from _table(("row", "conditions", "against", "note"), rows)
    yield ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


if __name__ == "__main__":
    print(document(), end="")
