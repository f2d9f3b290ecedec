"""The plan: what must be predicted, from the spec and from what the audits need. Loads no weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ser_audit.perturbations import sets
from ser_audit.perturbations.make import make
from ser_audit.perturbations.material.material import Material
from ser_audit.perturbations.material.pack import Pack

from .. import labels, plugins, policy
from ..checkpoint import CheckpointInfo
from ..checkpoints import describe
from ..corpora import open_corpus
from ..corpus import Corpus
from ..errors import InputError
from ..manifest import ConditionRecord
from ..predictions import CLEAN
from ..spec import CheckpointSpec, Spec
from .material import PlannedVoices, read_packs
from .recordings import record as recording
from .recordings import variants


@dataclass(frozen=True)
class PlannedCheckpoint:
    """A checkpoint as described by its files and sidecar."""

    spec: CheckpointSpec
    format: str
    name: str
    info: CheckpointInfo


@dataclass(frozen=True)
class Plan:
    """What will be predicted."""

    spec: Spec
    policy: policy.Policy
    checkpoints: tuple[PlannedCheckpoint, ...]
    corpora: tuple[Corpus, ...]
    conditions: tuple[ConditionRecord, ...]  # clean first
    packs: tuple[Pack, ...]
    mapping: dict[tuple[str, str], dict[str, str | None]]  # (checkpoint, corpus) -> label -> class
    perturbing: bool  # False: the audits need clean speech only
    timing: bool
    pitch: bool

    def of(self, corpus: Corpus) -> tuple[ConditionRecord, ...]:
        """The conditions of one corpus: those of all, and its recordings by other devices."""
        recordings = variants(corpus) if self.perturbing else ()
        return (*self.conditions, *(recording(v, corpus) for v in recordings))


def make_plan(spec: Spec) -> Plan:
    """Read everything but audio and weights, and refuse what cannot be audited.

    Raises:
        InputError: something named in the spec does not exist, is unknown, or has nothing to be scored.
    """
    needs = [plugins.load("audits", a).plan() for a in spec.audits]
    named = not isinstance(spec.conditions, str)  # conditions that were asked for by name are predicted
    perturbing = named or any(n.conditions for n in needs)
    packs = read_packs(spec.noise_packs)
    checkpoints = tuple(_described(c) for c in spec.checkpoints)
    _refuse_repeats([c.name for c in checkpoints], "checkpoint", "[[checkpoints]] name = …")
    _check_baseline(spec.baseline, checkpoints)
    corpora = tuple(open_corpus(c.name, c.path, c.options(spec.limit, spec.seed)) for c in spec.corpora)
    return Plan(
        spec,
        policy.load(spec.policy),
        checkpoints,
        corpora,
        _conditions(spec, packs, corpora) if perturbing else (_record(CLEAN, CLEAN, {}),),
        packs,
        _mapping(spec, checkpoints, corpora),
        perturbing,
        any(n.timing for n in needs),
        any(n.pitch for n in needs),
    )


def emotion_labels(corpus: Corpus) -> dict[str, int]:
    """The corpus's own emotion labels with their counts, sorted by name."""
    found = [u.truth["emotion"] for u in corpus.utterances if "emotion" in u.truth]
    return {str(label): found.count(label) for label in sorted(set(found), key=str)}


def truth_dimensions(corpus: Corpus) -> tuple[str, ...]:
    """The dimensions that the corpus has truth for, sorted."""
    return tuple(sorted({d for u in corpus.utterances for d in u.truth} - {"emotion"}))


def _described(spec: CheckpointSpec) -> PlannedCheckpoint:
    format_name, name, info = describe(spec.path, info_file=spec.info, trust=spec.trust)
    return PlannedCheckpoint(spec, format_name, spec.name or name, info)


def _conditions(spec: Spec, packs: Sequence[Pack], corpora: Sequence[Corpus]) -> tuple[ConditionRecord, ...]:
    material = Material(tuple(packs))
    own = {c.name: Material(material.packs, PlannedVoices.of(c)) for c in corpora}
    try:
        if isinstance(spec.conditions, str):
            chosen = sets.read_set(spec.conditions, material)
            ids, references = chosen.conditions, chosen.references
        else:
            # recordings are the corpora's own, and predicted whether they are named or not
            ids = tuple(c for c in spec.conditions if not c.startswith(sets.RECORDINGS))
            references = {}
        named = dict.fromkeys((CLEAN, *(make(c, material).id for c in ids)))
    except ValueError as error:
        raise InputError(str(error)) from None
    return tuple(_record(c, references.get(c, CLEAN), own) for c in named)


def _record(condition: str, reference: str, materials: Mapping[str, Material]) -> ConditionRecord:
    """A condition as the manifest holds it, of ``materials`` by corpus."""
    made = {corpus: make(condition, material) for corpus, material in materials.items()}
    perturbation = next(iter(made.values()), None) or make(condition)
    return ConditionRecord(
        id=perturbation.id,
        family=perturbation.family,
        version=perturbation.version,
        label_preserving=perturbation.label_preserving,
        reference=reference,
        sources={name: source for name, one in made.items() if (source := getattr(one, "source", ""))},
    )


def _check_baseline(baseline: str | None, checkpoints: Sequence[PlannedCheckpoint]) -> None:
    """Refuse a baseline that nothing can be timed against."""
    timed = [c.name for c in checkpoints if c.format != "table"]
    if baseline is not None and baseline not in timed:
        hint = plugins.nearest(baseline, timed)
        raise InputError(f"the baseline {baseline!r} is no checkpoint of this audit that predicts: {hint}")


def _refuse_repeats(names: list[str], what: str, how: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two {what}s are called {name!r}: give each its own name ({how})")


def _mapping(spec: Spec, checkpoints, corpora) -> dict[tuple[str, str], dict[str, str | None]]:
    given = labels.read_mapping(spec.labels) if spec.labels else labels.LabelMapping()
    found = {c.name: emotion_labels(c) for c in corpora}
    known, classes = {c.name: c.labels for c in corpora}, {k.name: k.info.classes for k in checkpoints}
    labels.check_mapping(given, known, classes)
    mapping = {
        (k.name, c.name): labels.resolve(given, c.name, found[c.name], k.info.classes)
        if k.info.classes
        else {}
        for k in checkpoints
        for c in corpora
    }
    for corpus in corpora:
        scored = any(
            set(truth_dimensions(corpus)) & set(k.info.dimensions)
            or any(mapping[k.name, corpus.name].values())
            for k in checkpoints
        )
        if not scored:
            outputs = sorted({o.name for k in checkpoints for o in k.info.outputs})
            has = [*truth_dimensions(corpus), *found[corpus.name]]
            raise InputError(
                f"corpus {corpus.name} has nothing that can be scored: its truth is"
                f" {', '.join(has) or 'absent'}; the checkpoint gives {', '.join(outputs)};"
                " map labels with --labels mapping.toml"
            )
    return mapping
