"""The manifest of a run: made from the plan, and merged with that of the run that goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from typing import TypeVar

from ..checkpoint import Checkpoint
from ..corpus import Corpus
from ..errors import InputError
from ..finding import Record
from ..manifest import (
    CheckpointRecord,
    ConditionRecord,
    CorpusRecord,
    Coverage,
    Manifest,
    OutputRecord,
    PackRecord,
    TrainingRecord,
)
from .machine import machine
from .plan import Plan, emotion_labels, truth_dimensions
from .settings import ABSENT, Settings
from .store import AudioStore


def make_manifest(
    plan: Plan,
    checkpoints: list[Checkpoint],
    stores: Mapping[str, AudioStore | None],
    contents: Mapping[str, str | None],
    settings: Settings,
    tables: tuple[str, ...],
) -> Manifest:
    """The manifest of what is about to be predicted."""
    return Manifest(
        version=version("ser-audit"),
        seed=settings.seed,
        device=settings.device,
        threads=settings.threads,
        batch_size=settings.batch_size,
        batch_seconds=settings.batch_seconds,
        limit=plan.spec.limit,
        policy=plan.policy.name,
        audits=plan.spec.audits,
        conditions=_conditions(plan),
        checkpoints=tuple(_checkpoint(c) for c in checkpoints),
        corpora=tuple(_corpus(c, stores[c.name], contents[c.name]) for c in plan.corpora),
        packs=tuple(
            PackRecord(
                name=p.name,
                layout=p.layout,
                revision=p.revision,
                clips=dict(sorted(Counter(clip.category for clip in p.clips).items())),
            )
            for p in plan.packs
        ),
        coverage=tuple(
            Coverage(checkpoint=k, corpus=c, mapping=m) for (k, c), m in plan.mapping.items() if m
        ),
        tables=tables,
        versions=settings.versions,
        machine=machine(settings.device),
    )


def _conditions(plan: Plan) -> tuple[ConditionRecord, ...]:
    """The conditions of all corpora."""
    found: tuple[ConditionRecord, ...] = ()
    for corpus in plan.corpora:
        found = _union("condition", found, plan.of(corpus), lambda c: c.id, together=("sources",))
    return found


def merged(old: Manifest, new: Manifest) -> Manifest:
    """``old`` with what ``new`` adds.

    Raises:
        InputError: a setting, or the meaning of a checkpoint, corpus, condition or mapping, has changed.
    """
    for name in ("seed", "device", "threads", "batch_size", "versions"):
        before, now = getattr(old, name), getattr(new, name)
        if before != now:
            again = f"give --{name.replace('_', '-')} {before}"
            if name == "versions":
                name = next(k for k in now if before.get(k) != now[k])
                before, now = old.versions.get(name, ABSENT), new.versions[name]
                again = f"uninstall {name}" if before == ABSENT else f"install {name} {before}"
            raise InputError(
                f"this run was made with {name} {before}, now it is {now}: {again} again, or another -o"
            )
    return new.model_copy(
        update={
            "audits": tuple(dict.fromkeys([*old.audits, *new.audits])),
            "conditions": _union(
                "condition", old.conditions, new.conditions, lambda c: c.id, together=("sources",)
            ),
            "checkpoints": _union(
                "checkpoint", old.checkpoints, new.checkpoints, lambda c: c.name, ("proofs",)
            ),
            "packs": _union("noise pack", old.packs, new.packs, lambda p: p.name),
            "corpora": _union(
                "corpus", old.corpora, new.corpora, lambda c: c.name, ("audio", "seconds", "handled")
            ),
            "tables": tuple(dict.fromkeys([*old.tables, *new.tables])),
            "halved": old.halved,
            "coverage": _union(
                "label mapping", old.coverage, new.coverage, lambda c: f"{c.checkpoint} × {c.corpus}"
            ),
        }
    )


R = TypeVar("R", bound=Record)


def _union(
    what: str,
    old: tuple[R, ...],
    new: tuple[R, ...],
    key,
    ignored: tuple[str, ...] = (),
    together: tuple[str, ...] = (),
) -> tuple[R, ...]:
    """The records of both; those of one key must be alike, but for mappings that are put ``together``."""
    known = {key(r): r for r in old}
    for record in new:
        before = known.setdefault(key(record), record)
        for name in together:  # alike where both have the same key
            here, there = getattr(record, name), getattr(before, name)
            record = record.model_copy(update={name: {**there, **here}})
            known[key(record)] = before = before.model_copy(update={name: {**here, **there}})
        a, b = before.model_dump(exclude=set(ignored)), record.model_dump(exclude=set(ignored))
        for field in a:
            if a[field] != b[field]:
                raise InputError(
                    f"the {what} {key(record)!r} is another than in this run: its {field} was"
                    f" {str(a[field])[:60]}, now {str(b[field])[:60]}; give another name or another -o"
                )
    return tuple(known.values())


def _checkpoint(checkpoint: Checkpoint) -> CheckpointRecord:
    info = checkpoint.info
    return CheckpointRecord(
        name=checkpoint.name,
        format=checkpoint.format,
        source=checkpoint.source,
        revision=checkpoint.revision,
        licence=info.licence,
        sampling_rate=info.sampling_rate or None,
        shortest_input=info.shortest_input,
        activation=info.activation,
        value_range=info.value_range,
        outputs=tuple(OutputRecord(name=o.name, kind=o.kind) for o in info.outputs),
        output=info.output,
        trained_on=None
        if info.trained_on is None
        else tuple(TrainingRecord(corpus=t.corpus, speakers=t.speakers) for t in info.trained_on),
        parameters=checkpoint.parameters,
        padding=checkpoint.padding,
        proofs=checkpoint.proofs,
    )


def _corpus(corpus: Corpus, store: AudioStore | None, content: str | None) -> CorpusRecord:
    utterances = corpus.utterances
    groups: dict[str, dict[str, int]] = {}
    for utterance in utterances:
        for column, value in utterance.groups.items():
            counts = groups.setdefault(column, {})
            counts[value] = counts.get(value, 0) + 1
    dimensions = truth_dimensions(corpus)
    targets = (*dimensions, "emotion") if emotion_labels(corpus) else dimensions
    absent = {f"truth.{t} absent": sum(t not in u.truth for u in utterances) for t in targets}
    return CorpusRecord(
        name=corpus.name,
        format=corpus.format,
        source=corpus.source,
        revision=corpus.revision,
        audio=content,
        languages=corpus.languages,
        utterances=len(utterances),
        speakers=len({u.speaker for u in utterances}),
        seconds=round(store.seconds, 3) if store else 0.0,
        dimensions=dimensions,
        labels=emotion_labels(corpus),
        groups={c: dict(sorted(v.items())) for c, v in sorted(groups.items())},
        scales=dict(corpus.scales),
        reference=corpus.reference,
        handled={**(store.handled() if store else {}), **{k: n for k, n in absent.items() if n}},
    )
