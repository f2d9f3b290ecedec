"""Integrity: may the numbers be believed? Weights, determinism, batches, training speakers, failed rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..audit import Needs
from ..cohorts import TRAINING, UNSEEN, cohorts
from ..finding import Estimate, Finding, Limit, Subject, Verdict
from ..labels import case_hints
from ..manifest import CheckpointRecord, Proofs
from ..policy import Policy
from ..predictions import Predictions
from ..run import Run

NAME = "integrity"
CODES = {
    "SER101": "Were all weights loaded, and none made up?",
    "SER102": "Does the same input give the same prediction twice?",
    "SER103": "Does a batch give what one utterance at a time gives?",
    "SER104": "Are the scored speakers ones that the checkpoint was not trained on?",
    "SER105": "Is it known what the checkpoint was trained on?",
    "SER106": "Was every utterance predicted in every condition?",
    "SER107": "Which of the corpus's labels can the checkpoint predict?",
}
SAME = Limit(high=1e-6, source="float32 rounding of sums in another order is about 1e-7")
OWN_FAULT = ("model_failed", "not_finite")  # of the checkpoint; other statuses are the corpus's


def plan() -> Needs:
    """Needs nothing beside the clean condition."""
    return Needs()


def judge(run: Run, policy: Policy) -> list[Finding]:
    """Findings on every checkpoint, and on every checkpoint × corpus."""
    found: list[Finding] = []
    records = {c.name: c for c in run.manifest.checkpoints}
    for record in records.values():
        found += _proofs(record)
        found.append(_training_data(record))
    for checkpoint, corpus in run.pairs():
        predictions = run.predictions(checkpoint, corpus)
        found.append(_training_speakers(predictions, records[checkpoint]))
        found.append(_failed_rows(predictions, [c.id for c in run.manifest.conditions]))
    for coverage in run.manifest.coverage:
        found.append(_coverage(run, coverage.checkpoint, coverage.corpus, coverage.mapping))
    return found


def _finding(code: str, subject: Subject, verdict: Verdict, message: str, **rest) -> Finding:
    return Finding(code=code, audit=NAME, subject=subject, verdict=verdict, message=message, **rest)


def _proofs(record: CheckpointRecord) -> list[Finding]:
    subject, proofs = Subject(checkpoint=record.name), record.proofs
    if proofs is None:
        message = f"{record.name} is a table of predictions made elsewhere: there is no model to check."
        return [_finding(code, subject, "not_applicable", message) for code in ("SER101", "SER102", "SER103")]
    return [_weights(record, proofs), _repeats(record, proofs), _batches(record, proofs)]


def _weights(record: CheckpointRecord, proofs: Proofs) -> Finding:
    checked: Verdict = "not_applicable" if record.format == "python" else "pass"
    return _finding("SER101", Subject(checkpoint=record.name), checked, f"{record.name}: {proofs.weights}.")


def _repeats(record: CheckpointRecord, proofs: Proofs) -> Finding:
    difference = proofs.repeat_max_difference
    return _measured(
        "SER102",
        record,
        "largest difference",
        difference,
        proofs.probe_utterances,
        f"Predicting the same {proofs.probe_utterances} probe utterances twice with {record.name} changes"
        f" scores by at most {_small(difference)}.",
        {},
    )


def _batches(record: CheckpointRecord, proofs: Proofs) -> Finding:
    return _measured(
        "SER103",
        record,
        "relative L2",
        proofs.batch_relative_l2,
        proofs.probe_utterances,
        f"{record.name} in batches ({record.padding}) differs from one utterance at a time by"
        f" {_small(proofs.batch_relative_l2)} (relative L2); {proofs.batch_changed_labels or 0} of"
        f" {proofs.probe_utterances} labels change.",
        {"padding": record.padding, "changed_labels": proofs.batch_changed_labels},
    )


def _measured(code, record, metric, value, n, message, details) -> Finding:
    subject = Subject(checkpoint=record.name)
    if value is None:
        return _finding(
            code, subject, "not_applicable", f"{record.name}: this was not measured.", metric=metric
        )
    verdict: Verdict = "pass" if value < SAME.high else "fail"
    estimate = Estimate(value=value, n=n)
    return _finding(
        code, subject, verdict, message, metric=metric, estimate=estimate, limit=SAME, details=details
    )


def _small(value: float | None) -> str:
    return "–" if value is None else "0" if value == 0 else f"{value:.0e}"


def _training_data(record: CheckpointRecord) -> Finding:
    subject = Subject(checkpoint=record.name)
    if record.trained_on is None:
        message = (
            f"What {record.name} was trained on is unknown, so any scored speaker may be a training speaker;"
            " state it as [[trained_on]] in its sidecar."
        )
        return _finding("SER105", subject, "inconclusive", message)
    parts = [
        f"{t.corpus} ({'all speakers' if t.speakers is None else f'{len(t.speakers)} speakers'})"
        for t in record.trained_on
    ]
    message = f"{record.name} states that it was trained on {', '.join(parts) or 'nothing'}."
    return _finding("SER105", subject, "pass", message)


def _training_speakers(predictions: Predictions, record: CheckpointRecord) -> Finding:
    split = {c.name: c for c in cohorts(predictions, record)}
    heard = split[TRAINING].speakers if TRAINING in split else ()
    scored = sum(len(c.speakers) for c in split.values())
    subject = Subject(checkpoint=record.name, corpus=predictions.corpus)
    details = {"training_speakers": len(heard), "scored_speakers": scored}
    first = next(iter(split.values()))
    verdict: Verdict
    if record.trained_on is None:
        verdict, text = "not_applicable", "the checkpoint's training data are unknown"
    elif not heard:
        alike = {s for t in record.trained_on for s in t.speakers or ()} & set(first.speakers)
        if alike:
            verdict = "inconclusive"
            text = (
                f"{len(alike)} of {scored} scored speakers, such as {min(alike)}, carry names of training"
                f" speakers of another corpus ({', '.join(t.corpus for t in record.trained_on)}):"
                " if it is the same corpus, give it that name"
            )
        else:
            verdict, text = (
                "pass",
                first.note or f"none of the {scored} scored speakers was a training speaker",
            )
    elif UNSEEN in split:
        verdict = "not_applicable"
        text = (
            f"{len(heard)} of {scored} scored speakers were training speakers; they are scored apart,"
            " and verdicts rest on the others"
        )
    else:
        verdict, text = (
            "fail",
            f"all {scored} scored speakers were training speakers: no verdict can rest on them",
        )
    return _finding(
        "SER104", subject, verdict, f"{record.name} on {predictions.corpus}: {text}.", details=details
    )


def _failed_rows(predictions: Predictions, conditions: Sequence[str]) -> Finding:
    lacking = [c for c in conditions if c not in predictions.conditions]
    failed = {c: failures for c in predictions.conditions if (failures := predictions.failures(c))}
    counts = dict(sorted(sum((Counter(f.counts) for f in failed.values()), Counter()).items()))
    n, rows = sum(counts.values()), len(predictions.utterances) * len(predictions.conditions)
    subject = Subject(checkpoint=predictions.checkpoint, corpus=predictions.corpus)
    where = f"{predictions.checkpoint} on {predictions.corpus}"
    verdict: Verdict
    if not failed:
        verdict, message = "pass", f"{where}: all {rows} rows were predicted."
    else:
        verdict = "fail" if set(counts) & set(OWN_FAULT) else "inconclusive"
        listed = ", ".join(f"{count} {status}" for status, count in counts.items())
        condition, first = next(iter(failed.items()))
        message = (
            f"{where}: {n} of {rows} rows have no prediction ({listed});"
            f" the first is {first.utterance} in {condition}: {first.detail}."
        )
    if lacking:
        message = f"{message.rstrip('.')}; it has no predictions in {', '.join(lacking)}."
    estimate = Estimate(value=float(n), n=rows, speakers=len(predictions.speakers))
    limit = Limit(high=1, source="a row without a prediction is a row that nobody judged")
    return _finding(
        "SER106",
        subject,
        verdict,
        message,
        metric="failed rows",
        estimate=estimate,
        limit=limit,
        details=counts,
    )


def _coverage(run: Run, checkpoint: str, corpus: str, mapping: dict[str, str | None]) -> Finding:
    labels = next(c.labels for c in run.manifest.corpora if c.name == corpus)
    mapped = {label: target for label, target in mapping.items() if target is not None}
    share = sum(labels[label] for label in mapped) / max(1, sum(labels.values()))
    missing = [label for label in mapping if label not in mapped]
    left_out = f"; not scored: {', '.join(missing)}" if missing else ""
    outputs = next(c.outputs for c in run.manifest.checkpoints if c.name == checkpoint)
    hints = "".join(f"; {h}" for h in case_hints(mapping, [o.name for o in outputs if o.kind == "class"]))
    message = (
        f"{checkpoint} on {corpus}: {len(mapped)} of {len(mapping)} labels map to its classes,"
        f" {100 * share:.0f} % of the labelled utterances{left_out}{hints}."
    )
    subject = Subject(checkpoint=checkpoint, corpus=corpus, output="emotion")
    estimate = Estimate(value=share, n=sum(labels.values()))
    return _finding(
        "SER107",
        subject,
        "not_applicable",
        message,
        metric="coverage",
        estimate=estimate,
        details=dict(mapping),
    )
