"""Input that is refused once the audio is decoded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..checkpoint import Checkpoint, elsewhere
from ..corpus import Corpus
from ..errors import InputError
from ..manifest import Manifest
from ..predictions import CLEAN, OK
from ..run import table_path
from .audio import Audio
from .store import AudioStore


def refuse_handled(corpora: Sequence[Corpus], stores: Mapping[str, AudioStore | None]) -> None:
    """Refuse what is else handled and counted: for ``--strict``.

    Raises:
        InputError: an utterance's audio cannot be used, had to be mixed down or resampled, or its truth
            is absent.
    """
    for corpus in corpora:
        targets = {t for u in corpus.utterances for t in u.truth}
        store = stores[corpus.name]
        for i, utterance in enumerate(corpus.utterances):
            wrong = [f"its truth.{t} is absent" for t in sorted(targets - set(utterance.truth))]
            if store and store.slots[i].status != OK:
                wrong.append(f"it is {store.slots[i].status}: {store.slots[i].detail}")
            elif store:
                wrong += [f"it must be {h}" for h in store.slots[i].handled]
            if wrong:
                raise InputError(
                    f"corpus {corpus.name}: utterance {utterance.id!r} is refused by --strict: {wrong[0]}"
                )


def refuse_changed_audio(
    run: Path,
    before: Manifest,
    corpora: Sequence[Corpus],
    checkpoints: Sequence[Checkpoint],
    audio: Audio,
) -> None:
    """Refuse audio that is another than when the run's clean predictions were made.

    Files whose bytes are the same are not decoded for it; others may still hold the same samples.

    Args:
        run: its folder.
        before: its manifest as it was.
        corpora: of the plan.
        checkpoints: of the plan.
        audio: of the plan.

    Raises:
        InputError: the samples of an utterance do not hash to its clean row's ``input_hash``.
    """
    import pyarrow.parquet as pq

    records = {c.name: c for c in before.corpora}
    for corpus in corpora:
        content = audio.contents[corpus.name]
        if corpus.name not in records or (content and content == records[corpus.name].audio):
            continue
        for rate in sorted({c.info.sampling_rate for c in checkpoints if not elsewhere(c)}):
            alike = (c for c in checkpoints if not elsewhere(c) and c.info.sampling_rate == rate)
            paths = (table_path(run, c.name, corpus.name, CLEAN) for c in alike)
            table = next((p for p in paths if p.is_file()), None)
            if table is None:
                continue
            known = pq.read_table(table, columns=["input_hash"])["input_hash"].to_pylist()
            store = audio.decoded(corpus.name, rate)
            for i, (utterance, slot, was) in enumerate(
                zip(corpus.utterances, store.slots, known, strict=True)
            ):
                usable = slot.status == OK
                now = hashlib.sha256(store.wave(i).tobytes()).hexdigest() if usable else None
                if now != was:
                    raise InputError(
                        f"corpus {corpus.name}: the audio of {utterance.id!r} has changed since this run"
                        " was made; give another -o"
                    )
