"""A run's manifest and findings as the audits write them, with hostile names and missing numbers."""

from pathlib import Path

import numpy as np
import pytest
from ser_audit.benchmark.finding import Estimate, Finding, Findings, Limit, Subject
from ser_audit.benchmark.manifest import ConditionRecord, Manifest, PackRecord
from ser_audit.benchmark.run import Run
from ser_audit.perturbations import sets

SCRIPT = "dims <script>alert(1)</script> \"double\" & 'single'"
TURNED = "pod\u202ecast\nline two"
LONG = "x" * 300
MARKUP = "</script></style><img src=x onerror=alert(1)>"
MATH = r"$\frac{1}{0}$ \u200f"
UNSEEN, TRAINING, ALL = "unseen speakers", "training speakers", "all speakers"
DIMENSIONS = ("arousal", "dominance", "valence")
CLASSES = ("neutral", "happy", "sad", "angry")
MANIFEST = Path(__file__).with_name("manifest.json")  # 2 checkpoints, 2 corpora, 14 conditions


class Maker:
    """Makes findings with plausible numbers, from one seed."""

    def __init__(self):
        self.rng = np.random.default_rng(7)
        self.found: list[Finding] = []

    def add(
        self, code, audit, metric, subject, value, half=None, limit=None, /, n=240, speakers=8, **details
    ):
        low, high = (None, None) if half is None else (value - half, value + half)
        verdict = "not_applicable"
        if limit is not None:
            below = limit.low if limit.low is not None else -9.0
            above = limit.high if limit.high is not None else 9.0
            inside, outside = low > below and high < above, high <= below or low >= above
            verdict = "pass" if inside else "fail" if outside else "inconclusive"
        message = f"{metric} of {subject.checkpoint} is {value:.2f} ({low} to {high}; {speakers} speakers)."
        estimate = Estimate(
            value=value,
            low=low,
            high=high,
            confidence=None if half is None else 0.95,
            method=None if half is None else "studentised speaker bootstrap",
            n=n,
            speakers=speakers,
        )
        self.found.append(
            Finding(
                code=code,
                audit=audit,
                metric=metric,
                subject=subject,
                estimate=estimate,
                limit=limit,
                verdict=verdict,
                message=message,
                details=details,
            )
        )

    def say(self, code, audit, subject, verdict, message, **rest):
        self.found.append(
            Finding(code=code, audit=audit, subject=subject, verdict=verdict, message=message, **rest)
        )


def findings(record: Manifest) -> Findings:
    made = Maker()
    for checkpoint in record.checkpoints:
        _integrity(made, checkpoint.name, checkpoint.trained_on)
        classes = checkpoint.name == "classes"
        for corpus in record.corpora:
            for output in ("emotion",) if classes else DIMENSIONS:
                apart = classes and corpus.name == "studio"
                _scored(made, record.conditions, checkpoint.name, corpus.name, output, apart)
    _throughput(made, [c.name for c in record.checkpoints])
    about = Subject(checkpoint="classes")
    made.say(
        "SER401",
        "fairness",
        Subject(checkpoint="classes", corpus=TURNED),
        "not_applicable",
        "Not judged: all 80 scored speakers of pod were training speakers of classes.",
    )
    made.say("SER399", "robustness", about, "error", "The robustness audit of a later version broke here.")
    made.add("SER701", "layers", "probe CCC", about.model_copy(update={"output": "arousal"}), 0.61, 0.1)
    undefined = Subject(checkpoint=SCRIPT, corpus="studio", cohort=ALL, condition="clean", output="loudness")
    made.say(
        "SER202",
        "correctness",
        undefined,
        "not_applicable",
        "CCC of loudness is undefined: constant truth.",
        metric="CCC",
        estimate=Estimate(value=None, n=3, speakers=1),
        limit=Limit(low=0.5, source="ser-tests"),
    )
    return Findings(policy="default", findings=tuple(made.found))


def _integrity(made, checkpoint, trained_on):
    about = Subject(checkpoint=checkpoint)
    made.say("SER101", "integrity", about, "pass", "All 85 tensors loaded.")
    known = "pass" if trained_on else "inconclusive"
    made.say("SER105", "integrity", about, known, "What it was trained on is known or not.")
    on = Subject(checkpoint=checkpoint, corpus="studio")
    if trained_on:
        made.say(
            "SER104",
            "integrity",
            on,
            "not_applicable",
            "16 of 24 scored speakers were training speakers.",
            details={"training_speakers": 16, "scored_speakers": 24},
        )
    made.say(
        "SER106",
        "integrity",
        on,
        "inconclusive",
        "3 of 720 rows have no prediction.",
        metric="failed rows",
        estimate=Estimate(value=3, n=720, speakers=24),
        limit=Limit(high=1, source="none may fail"),
        details={"corrupt": 2, "empty": 1},
    )


def _scored(made, conditions, checkpoint, corpus, output, apart):
    rng, main = made.rng, "UAR" if output == "emotion" else "CCC"
    cohort, chance = UNSEEN if apart else ALL, 0.25 if output == "emotion" else 0.0
    clean = Subject(checkpoint=checkpoint, corpus=corpus, cohort=cohort, condition="clean", output=output)
    at = float(rng.uniform(0.45, 0.7))
    made.add("SER201", "correctness", main, clean, at, 0.1, Limit(low=0.3, source="policy"), chance=chance)
    code = "SER205" if output == "emotion" else "SER202"
    made.add(code, "correctness", main, clean, at, 0.09, Limit(low=0.5, source="ser-tests"), chance=chance)
    if output == "emotion":
        for name in CLASSES:
            group = clean.model_copy(update={"group": f"class: {name}"})
            made.add("SER208", "correctness", "recall", group, float(rng.uniform(0, 1)), 0.1)
    if apart:
        heard = clean.model_copy(update={"cohort": TRAINING})
        made.add(code, "correctness", main, heard, 0.92, 0.03, n=480, speakers=16, chance=chance)
    for step, record in enumerate(conditions):
        here = clean.model_copy(update={"condition": record.id})
        lost = float(rng.uniform(0, 0.03)) * (step % 13)
        kind = {"family": record.family, "label_preserving": record.label_preserving}
        made.add("SER304", "robustness", main, here, at - lost, 0.1, chance=chance, **kind)
        if record.id == "clean":
            continue
        limit = Limit(low=-0.05, source="ser-tests") if record.label_preserving else None
        changed = "SER302" if output == "emotion" else "SER301"
        made.add(
            changed,
            "robustness",
            f"change of {main}",
            here,
            -lost,
            0.06,
            limit,
            value_reference=at,
            value_perturbed=at - lost,
            unpaired=0,
            **kind,
        )
        limit = Limit(low=0.9, source="ser-tests") if record.label_preserving else None
        made.add("SER303", "robustness", "PUP", here, 1 - lost, 0.05, limit, unpaired=0, **kind)
    _means(made, conditions[1:], clean.model_copy(update={"condition": None}), main, at)
    _fair(made, clean, main, 24 if corpus == "studio" else 80)
    made.add(
        "SER501", "transfer", main, clean, at, 0.09, in_domain=apart or None, chance=chance, language="en"
    )


def _means(made, conditions, about, main, at):
    kinds = {}
    for record in conditions:
        kinds.setdefault((record.family, record.label_preserving), []).append(record.id)
    for (family, preserving), ids in kinds.items():
        here = about.model_copy(update={"group": f"{'family' if preserving else 'probe'}: {family}"})
        facts = {"family": family, "label_preserving": preserving, "conditions": len(ids), "left_out": 0}
        facts |= {"worst": ids[-1], "value_worst": at - 0.2}
        made.add("SER305", "robustness", f"mean {main}", here, at - 0.1, 0.08, **facts)
        made.add("SER305", "robustness", f"change of mean {main}", here, -0.1, 0.05, **facts)
    facts = {"families": sum(preserving for _, preserving in kinds), "rPC": (at - 0.1) / at}
    made.add("SER306", "robustness", f"mPC of {main}", about, at - 0.1, 0.07, **facts)
    made.add("SER306", "robustness", f"change of mPC of {main}", about, -0.1, 0.04, **facts)


def _fair(made, clean, main, speakers):
    for value, shift in (("female", -0.06), ("male", 0.05), (MARKUP, 0.0)):
        group = clean.model_copy(update={"group": f"sex: {value}"})
        made.add("SER402", "fairness", main, group, 0.6 + shift, 0.12, n=120, column="sex", value=value)
    gap = clean.model_copy(update={"group": "sex: female − male"})
    limit = Limit(low=-0.075, high=0.075, source="ser-tests")
    made.add(
        "SER401",
        "fairness",
        f"gap of {main}",
        gap,
        -0.11,
        0.1,
        limit,
        column="sex",
        first="female",
        second="male",
        value_first=0.54,
        value_second=0.65,
        speakers_first=4,
        speakers_second=4,
    )
    for index in range(speakers):
        name = {0: LONG, 1: MATH, 2: MARKUP, 3: "שלום"}.get(index, f"s{index:02}")
        subject = clean.model_copy(update={"group": f"speaker: {name}"})
        made.add(
            "SER403",
            "fairness",
            main,
            subject,
            float(made.rng.normal(0.6, 0.1)),
            n=30,
            speakers=1,
            **{"sampling_sd": 0.06, "shrunken": 0.58},
        )
    spread = {"lowest": 0.31, "worst_decile": 0.5, "median": 0.6, "highest": 0.8, "sd": 0.12}
    made.add(
        "SER404",
        "fairness",
        f"spread of {main}",
        clean,
        0.1,
        n=30 * speakers,
        speakers=speakers,
        sampling_sd=0.06,
        **spread,
    )


def _throughput(made, names):
    for name in names:
        about = Subject(checkpoint=name)
        made.add("SER601", "throughput", "load time [s]", about, 0.91, n=1, speakers=0)
        made.add(
            "SER602", "throughput", "latency p50 [ms]", about, 56.9, n=32, speakers=0, p90=71.8, p99=92.8
        )
        made.add("SER603", "throughput", "real-time factor", about, 0.0153, n=10, speakers=0)
        made.add("SER604", "throughput", "parameters", about, 1687368.0, n=1, speakers=0)


def write(folder, record: Manifest, judged: Findings) -> Run:
    (folder / "manifest.json").write_text(record.model_dump_json(), encoding="utf-8")
    (folder / "findings.json").write_text(judged.model_dump_json(), encoding="utf-8")
    return Run(folder)


@pytest.fixture(scope="session")
def sample(tmp_path_factory) -> Run:
    """A run of two checkpoints on two corpora in 14 conditions."""
    record = Manifest.model_validate_json(MANIFEST.read_bytes())
    return write(tmp_path_factory.mktemp("sample"), record, findings(record))


def _record(condition: str, **facts) -> ConditionRecord:
    family = condition.partition("@")[0]
    probe = family in ("pitch", "tempo", "formants")
    return ConditionRecord(id=condition, family=family, version=1, label_preserving=not probe, **facts)


@pytest.fixture(scope="session")
def ladder(sample, tmp_path_factory) -> Run:
    """A run of one checkpoint on one corpus in all conditions of the ladder, with a noise pack."""
    record = sample.manifest.model_copy(
        update={
            "conditions": (_record("clean"), *map(_record, sets.conditions("ladder"))),
            "checkpoints": sample.manifest.checkpoints[1:],
            "corpora": sample.manifest.corpora[:1],
            "packs": (PackRecord(name=SCRIPT, layout="MUSAN", revision="sha256:1", clips={"music": 12}),),
        }
    )
    return write(tmp_path_factory.mktemp("ladder"), record, findings(record))


@pytest.fixture
def changed(sample, tmp_path):
    """Make a run from the sample with other findings."""

    def make(*given: Finding, **updates) -> Run:
        return write(
            tmp_path, sample.manifest.model_copy(update=updates), Findings(policy="default", findings=given)
        )

    return make


@pytest.fixture(scope="session")
def page(sample) -> str:
    """The report of the sample."""
    from ser_audit.reports.html import render

    return render(sample)
