"""A checkpoint and a random rater, audited side by side with the flat pass rate of the ser-tests rules.

`python docs/validation/side_by_side.py [RUN]` predicts, judges, and writes `docs/side-by-side.md`; RUN is a
folder to keep the run in, or one to go on with. It needs the shared corpora and checkpoints, and 10 to 20
minutes on two cores. It fails where the random rater gets a pass.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from ser_audit.benchmark import Run, Spec, predict, score
from ser_audit.benchmark.finding import Finding
from ser_audit.perturbations.sets import read_set

HERE = Path(__file__).parent
PAGE = HERE.parent / "side-by-side.md"
PROSE = HERE / "side-by-side.template.md"
SHARED = Path(os.environ.get("SER_AUDIT_SHARED", HERE.parents[2] / "shared"))
AUDITS = ("correctness", "robustness", "fairness")
BOTH = ("byols-ravdess", "random")
ROWS = {
    "ravdess": {"corpus": "ravdess", "speaker": [f"ravdess_{i:02d}" for i in range(17, 25)]},
    "nemo": {"corpus": "nemo"},
}
SKILL = {"SER201": "pooled", "SER209": "within speakers"}
COMPARED = (
    "background noise",
    "low quality phone",
    "spectral tilt",
)  # where ser-tests asks for changes of a metric
CLASSES = '["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"]'
INFO = f"""
classes = {CLASSES}
activation = "softmax"
sampling_rate = 16000
shortest_input = 1.0
[[trained_on]]
corpus = "ravdess"
speakers = [{", ".join(f'"ravdess_{i:02d}"' for i in range(1, 17))}]
"""
MAPPING = 'anger = "angry"\nfear = "fearful"\nhappiness = "happy"\nsadness = "sad"\n'
RANDOM = f'''
"""A random rater as ser-tests has it: dimensions from a truncated normal distribution, any class alike."""

from hashlib import blake2b

import numpy as np
from scipy.stats import truncnorm


class Random:
    dimensions = ["arousal", "dominance", "valence"]
    classes = {CLASSES}
    activation = "none"
    value_range = [0.0, 1.0]
    sampling_rate = 16000
    trained_on = []

    def predict(self, waves, sampling_rate):
        return [self.draw(wave) for wave in waves]

    def draw(self, wave):
        seed = int.from_bytes(blake2b(wave.tobytes(), digest_size=8).digest(), "little")  # of what it hears
        rng = np.random.default_rng(seed)
        ratings = truncnorm.rvs(-3, 3, loc=0.5, scale=1 / 6, size=3, random_state=rng)
        return np.concatenate([ratings, np.eye(8)[rng.integers(8)]])
'''


def audit(folder: Path) -> Run:
    """Predict both in the conditions of ser-tests, on speakers that the checkpoint was not trained on."""
    files = {"byols.toml": INFO, "mapping.toml": MAPPING, "rater.py": RANDOM}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    table = str(SHARED / "corpora" / "ravdess-nemo" / "metadata.csv")
    byols = str(SHARED / "checkpoints" / "byols-ravdess.onnx")
    spec = Spec(
        checkpoints=[
            {"path": byols, "name": BOTH[0], "info": str(folder / "byols.toml")},
            {"path": f"{folder / 'rater.py'}:Random", "name": BOTH[1]},
        ],
        corpora=[{"name": name, "path": table, "rows": rows} for name, rows in ROWS.items()],
        labels=str(folder / "mapping.toml"),
        conditions="ser-tests",
        audits=AUDITS,
        threads=1,
    )
    return predict(spec, folder / "run")


def flat(findings: Iterable[Finding], compared: Sequence[str]) -> tuple[int, int]:
    """Count what a flat pass rate counts: point estimates inside their limit, and all of them.

    No interval, no skill. Of the findings under the policy ``ser-tests`` those that ser-tests has a test for:
    no distance of class distributions, and changes of a metric in the conditions ``compared`` alone. What is
    undefined is left out.
    """
    inside = total = 0
    for finding in findings:
        limit, value = finding.limit, finding.estimate.value if finding.estimate else None
        if limit is None or value is None or not limit.source.startswith("ser-tests"):
            continue
        metric, subject = finding.metric or "", finding.subject
        if metric == "JSD" and subject.output == "emotion":
            continue
        if metric.startswith("change of") and subject.condition not in compared:
            continue
        above = limit.low is None or value > limit.low
        below = limit.high is None or value < limit.high
        inside, total = inside + (above and below), total + 1
    return inside, total


def of(findings: Iterable[Finding], checkpoint: str, **wanted: str) -> list[Finding]:
    """The findings on one checkpoint, of one audit or on one corpus where asked for."""
    found = [f for f in findings if f.subject.checkpoint == checkpoint]
    if "audit" in wanted:
        found = [f for f in found if f.audit == wanted["audit"]]
    if "corpus" in wanted:
        found = [f for f in found if f.subject.corpus == wanted["corpus"]]
    return found


def verdicts(findings: Iterable[Finding]) -> str:
    """Count verdicts by kind: "3 fail, 2 inconclusive, 0 pass, 20 withheld"."""
    counted = [f.verdict for f in findings if f.counted]
    kinds = {"fail": "fail", "inconclusive": "inconclusive", "pass": "pass", "not_applicable": "withheld"}
    return ", ".join(f"{counted.count(kind)} {name}" for kind, name in kinds.items())


def share(inside: int, total: int) -> str:
    """Put a flat rate in words: "86 % (43 of 50)"."""
    return f"{100 * inside / total:.0f} % ({inside} of {total})" if total else "–"


def shown(finding: Finding) -> str:
    """Put a finding on skill into a line of a table."""
    estimate, limit = finding.estimate, finding.limit
    if estimate is None or limit is None or limit.low is None:
        return ""
    cells = [
        finding.subject.checkpoint,
        finding.subject.corpus,
        SKILL[finding.code],
        f"{estimate.value:.3f}",
        "–" if estimate.low is None else f"{estimate.low:.3f} to {estimate.high:.3f}",
        f"{limit.low:.3f}",
        finding.verdict,
    ]
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def cells(rules: list[Finding], found: list[Finding], compared: Sequence[str], name: str, **by: str) -> str:
    """Both answers on one checkpoint, as cells of a table."""
    return f"{share(*flat(of(rules, name, **by), compared))} | {verdicts(of(found, name, **by))}"


def page(rules: list[Finding], found: list[Finding], compared: Sequence[str], version: str) -> str:
    """Write the page, with every number from the run.

    Args:
        rules: findings under the policy ``ser-tests``.
        found: findings under the policy ``default``.
        compared: conditions in which ser-tests asks for the change of a metric.
        version: of ser-audit.
    """
    table = [
        f"| {name} | {audit} | {corpus} | {cells(rules, found, compared, name, audit=audit, corpus=corpus)} |"
        for name in BOTH
        for corpus in ROWS
        for audit in AUDITS
    ]
    total = [f"| **{name}** | all | both | {cells(rules, found, compared, name)} |" for name in BOTH]
    skills = [shown(f) for f in found if f.code in SKILL and f.estimate is not None]
    first, second = (share(*flat(of(rules, name), compared)) for name in BOTH)
    fair_first, fair_second = (share(*flat(of(rules, name, audit="fairness"), compared)) for name in BOTH)
    return PROSE.read_text(encoding="utf-8").format(
        version=version,
        first=first,
        second=second,
        fair_first=fair_first,
        fair_second=fair_second,
        skills="\n".join(skills),
        table="\n".join([*table, *total]),
        passes=sum(f.verdict == "pass" for f in of(found, BOTH[1])),
    )


def main() -> int:
    """Predict, judge by both policies, write the page, and say what is wrong."""
    compared = [c for g in read_set("ser-tests").groups if g.name.startswith(COMPARED) for c in g.conditions]
    with tempfile.TemporaryDirectory() as temporary:
        run = audit(Path(sys.argv[1] if len(sys.argv) > 1 else temporary))
        rules = list(score(run, "ser-tests").findings)
        found = list(score(run, "default").findings)
        PAGE.write_text(page(rules, found, compared, run.manifest.version), encoding="utf-8")
    random = of(found, BOTH[1])
    inside, total = flat(of(rules, BOTH[1]), compared)
    wrong = [f"the random rater passes: {f.message}" for f in random if f.verdict == "pass"]
    print(f"random rater: {share(inside, total)} by the rules of ser-tests; {verdicts(random)}")
    print(f"{BOTH[0]}: {share(*flat(of(rules, BOTH[0]), compared))}; {verdicts(of(found, BOTH[0]))}")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
