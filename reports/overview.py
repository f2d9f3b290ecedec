"""The first screen: what was audited, what was found, and what could not be judged."""

from __future__ import annotations

from collections.abc import Sequence

from ser_audit.benchmark.finding import VERDICTS, Finding
from ser_audit.benchmark.manifest import CheckpointRecord, CorpusRecord, Manifest
from ser_audit.benchmark.naming import family
from ser_audit.benchmark.ranking import worst

from . import format as fmt
from .model import Cell, Column, Item, Overview, Section, Table, Worst, identifier
from .reasons import reasons
from .tables import about

WORST = 3  # at least, where so many fail
MAIN_METRICS = ("SER202", "SER205")  # CCC of a dimension, UAR of emotion, on clean speech
BROKEN = "SER406"  # a speaker named as broken
MOST = 8  # of them on the first screen
HEADS = {  # with soft hyphens, for phones
    "fail": "Fail",
    "inconclusive": "Incon\u00adclusive",
    "pass": "Pass",
    "not_applicable": "Not appli\u00adcable",
    "error": "Error",
}


def overview(
    manifest: Manifest, policy: str, findings: Sequence[Finding], sections: Sequence[Section]
) -> Overview:
    """Build the first screen."""
    return Overview(
        title=" on ".join(
            (_names(manifest.checkpoints, "checkpoint"), _names(manifest.corpora, "corpus", "corpora"))
        ),
        setting=_setting(manifest, policy),
        warnings=tuple(_warnings(manifest, findings)),
        checkpoints=tuple(map(_checkpoint, manifest.checkpoints)),
        corpora=tuple(map(_corpus, manifest.corpora)),
        counts=_counts(sections),
        main=tuple(
            Worst(f, about(f.subject), identifier(f.audit)) for f in findings if f.code in MAIN_METRICS
        )[:MOST],
        worst=tuple(Worst(f, about(f.subject), identifier(f.audit)) for f in _worst(findings)),
        reasons=reasons(findings),
        failed=_failed(findings),
    )


def _worst(findings: Sequence[Finding]) -> list[Finding]:
    """The worst finding of each audit, at least three in all, and speakers named as broken."""
    failing = {f.audit for f in findings if f.verdict == "fail"}
    leading = worst(findings, max(WORST, len(failing)))
    known = {id(f) for f in leading}
    named = [f for f in findings if f.code == BROKEN and f.verdict == "fail" and id(f) not in known]
    return [*leading, *named[:WORST]]


def _names(records: Sequence, noun: str, nouns: str | None = None) -> str:
    if len(records) > 2:
        return fmt.count(len(records), noun, nouns)
    return " and ".join(fmt.short(r.name, 32) for r in records)


def _setting(manifest: Manifest, policy: str) -> tuple[str, ...]:
    perturbed = sum(c.family != "clean" for c in manifest.conditions)
    machine = manifest.machine.get("gpu") or manifest.machine.get("cpu")
    return (
        f"Clean speech and {fmt.count(perturbed, 'condition')}" if perturbed else "Clean speech only",
        f"{manifest.device}{f' ({machine})' if machine else ''}, {fmt.count(manifest.threads, 'thread')}",
        f"policy {fmt.short(policy)}",
        f"ser-audit {manifest.version}",
    )


def _warnings(manifest: Manifest, findings: Sequence[Finding]):
    """What a reader must know before any number."""
    unknown = [fmt.short(c.name) for c in manifest.checkpoints if c.trained_on is None]
    if unknown:
        sentence = "so any scored speaker may be a training speaker, and every number may flatter."
        yield (
            "Training data unknown",
            f"What {' and '.join(unknown)} was trained on is not stated, {sentence}",
        )
    heard = [
        f
        for f in findings
        if f.code == "SER104" and (f.details.get("training_speakers") or f.verdict == "inconclusive")
    ]
    for finding in heard:
        yield "Training speakers among the scored ones", finding.message
    for finding in findings:
        if finding.code == "SER106" and finding.verdict != "pass":
            yield "Rows without a prediction", finding.message
    yield from _stand_ins(manifest)
    if manifest.limit:
        yield "A part only", f"At most {fmt.count(manifest.limit, 'utterance')} per corpus were scored."


def _stand_ins(manifest: Manifest):
    """What is not the real thing: generated sounds where no noise pack has any, another codec."""
    sources: dict[str, list[str]] = {}
    for condition in manifest.conditions:
        for source in dict.fromkeys(condition.sources.values()):
            kind = "generated" if source.startswith("generated") else source
            sources.setdefault(kind, []).append(condition.family)
    for source, names in sources.items():
        if source == "generated":
            why = "No noise pack has them" if manifest.packs else "No noise pack was given"
            yield "Stand-ins", f"{why}: generated sounds stand in for {_families(names)}."
        elif "in place of" in source:
            yield "Stand-ins", f"For {_families(names)}: {source}."


def _families(names: Sequence[str]) -> str:
    """Name families in a sentence: "environmental noise, music and cough"."""
    *rest, last = dict.fromkeys(family(name, within=True) for name in names)
    return f"{', '.join(rest)} and {last}" if rest else last


def _checkpoint(record: CheckpointRecord) -> Item:
    facts = (
        record.format,
        fmt.revision(record.revision),
        f"licence {fmt.short(record.licence)}" if record.licence else "licence unknown",
        _outputs(record),
    )
    return Item(fmt.short(record.name, 60), facts, _training(record), record.trained_on is None)


def _outputs(record: CheckpointRecord) -> str:
    dimensions = [fmt.short(o.name) for o in record.outputs if o.kind == "dimension"]
    classes = sum(o.kind == "class" for o in record.outputs)
    return _truth(dimensions, fmt.count(classes, "class", "classes") if classes else "")


def _training(record: CheckpointRecord) -> str:
    """Say what is known of a checkpoint's training data."""
    if record.trained_on is None:
        return "Training data unknown"
    sizes = [
        "all speakers" if t.speakers is None else fmt.count(len(t.speakers), "speaker")
        for t in record.trained_on
    ]
    sets = [f"{fmt.short(t.corpus)} ({n})" for t, n in zip(record.trained_on, sizes, strict=True)]
    return f"Trained on {', '.join(sets) or 'nothing, as it states'}"


def _corpus(record: CorpusRecord) -> Item:
    labels = fmt.count(len(record.labels), "emotion label") if record.labels else ""
    facts = (
        fmt.count(record.utterances, "utterance"),
        fmt.count(record.speakers, "speaker"),
        fmt.duration(record.seconds),
        f"language {', '.join(record.languages)}" if record.languages else "language unknown",
        _truth([fmt.short(d) for d in record.dimensions], labels) or "no truth",
    )
    handled = (f"{fmt.count(n)} {fmt.visible(what)}" for what, n in record.handled.items())
    return Item(fmt.short(record.name, 60), (*facts, *handled))


def _truth(dimensions: Sequence[str], classes: str) -> str:
    return ", ".join([*dimensions, *([classes] if classes else [])])


def _counts(sections: Sequence[Section]) -> Table:
    """Verdicts by audit; measurements stand apart, as they are no verdicts."""
    rows = [
        (
            Cell(s.title, href=s.id),
            *(Cell(str(s.counts.get(v, 0)), verdict=v if s.counts.get(v) else None) for v in VERDICTS),
            Cell(str(s.measured)),
        )
        for s in sections
    ]
    heads = (Column(HEADS[v], True, fmt.WORDS[v]) for v in VERDICTS)
    apart = Column("Mea\u00adsured", True, "no limit is held against a measurement, so it is no verdict")
    return Table("Verdicts by audit", (Column("Audit"), *heads, apart), tuple(rows))


def _failed(findings: Sequence[Finding]) -> str:
    """How many rows have no prediction."""
    counted = [f.estimate for f in findings if f.code == "SER106" and f.estimate is not None]
    if not counted:
        return "Rows without a prediction were not counted, as the integrity audit was not asked for."
    failed, rows = sum(e.value or 0 for e in counted), sum(e.n for e in counted)
    if not failed:
        return f"All {fmt.count(rows, 'row')} have a prediction."
    has = "has" if failed == 1 else "have"
    return f"{fmt.count(failed)} of {fmt.count(rows, 'row')} {has} no prediction; see Integrity."
