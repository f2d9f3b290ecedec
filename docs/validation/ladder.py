"""The ladder on real speech: UAR of `byols-ravdess.onnx` on eight unseen RAVDESS speakers, by family.

`tox -e ladder` runs it (about ten minutes on two cores) and writes `ladder.csv` and `ladder.svg` beside this
file. It fails where, in the noise, reverberation and band families, a severity lies above a weaker one with
a paired interval that excludes 0.
"""

from __future__ import annotations

import csv
import itertools
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
from ser_audit.benchmark import Run, Spec, predict
from ser_audit.benchmark.estimand import contrast, single
from ser_audit.benchmark.resampling import intervals
from ser_audit.benchmark.scored import EMOTION, Scored, tables
from ser_audit.perturbations.sets import Group, read_set

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("SER_AUDIT_SHARED", HERE.parents[2] / "shared"))
SPEAKERS = tuple(f"ravdess_{i:02d}" for i in range(17, 25))
MONOTONE = (
    "White noise",
    "Pink noise",
    "Babble",
    "Environmental noise",
    "Music",
    "Mains hum",
    "Reverberation",
    "Distance",
    "High-pass",
    "Low-pass",
    "Band-pass",
    "Resampling",
)
INFO = """
classes = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"]
activation = "softmax"
sampling_rate = 16000
shortest_input = 1.0
[[trained_on]]
corpus = "ravdess"
speakers = [{trained}]
"""


def audit(folder: Path) -> Run:
    """Predict the ladder and gain at ±2 dB."""
    info = folder / "byols.toml"
    info.write_text(INFO.format(trained=", ".join(f'"ravdess_{i:02d}"' for i in range(1, 17))))
    spec = Spec(
        checkpoints=[{"path": str(SHARED / "checkpoints" / "byols-ravdess.onnx"), "info": str(info)}],
        corpora=[
            {
                "name": "ravdess",
                "path": str(SHARED / "corpora" / "ravdess-nemo" / "metadata.csv"),
                "rows": {"corpus": "ravdess", "speaker": SPEAKERS},
            }
        ],
        conditions="ladder",
        audits=("robustness",),
        threads=1,
    )
    return predict(spec, folder / "run")


class Measured:
    """UAR and paired differences of UAR in the conditions of one table."""

    def __init__(self, scored: Scored) -> None:
        self.scored = scored
        self.draws = scored.draws(2000, 0)

    def sums(self, condition: str, rows: np.ndarray):
        """UAR and its sums per speaker over ``rows``."""
        metric = self.scored.main(EMOTION, rows)
        predicted = self.scored.predicted(EMOTION, condition)
        return metric, self.scored.rows(self.scored.truth(EMOTION), predicted, rows)

    def level(self, condition: str):
        """UAR in a condition."""
        rows = self.scored.ok(condition)
        return intervals([single(*self.sums(condition, rows))], self.draws)[0]

    def change(self, condition: str, weaker: str):
        """UAR in one condition less that in another, on the same utterances."""
        rows = self.scored.ok(condition) & self.scored.ok(weaker)
        paired = contrast(self.sums(condition, rows), self.sums(weaker, rows))
        return intervals([paired], self.draws)[0]

    def unchanged(self, condition: str) -> float:
        """PUP: the share of labels that are those on clean speech."""
        rows = self.scored.ok(condition) & self.scored.ok("clean")
        pair = (self.scored.predicted(EMOTION, c)[rows] for c in (condition, "clean"))
        return float(np.mean(np.equal(*pair)))


def rises(measured: Measured, group: Group) -> list[str]:
    """Severities that lie above a weaker one with a paired interval that excludes 0."""
    found = []
    for weaker, stronger in itertools.combinations(group.conditions, 2):
        change = measured.change(stronger, weaker)
        if change.low is not None and change.low > 0:
            span = f"{change.value:+.3f} ({change.low:.3f} to {change.high:.3f})"
            found.append(f"{stronger} above {weaker}: {span}")
    return found


def plot(rows: list[dict], groups: tuple[Group, ...], clean: float) -> None:
    """One small curve per family."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "ladder"
    import matplotlib.pyplot as plt

    columns = 6
    figure, axes = plt.subplots(
        -(-len(groups) // columns), columns, figsize=(14, 13), sharex=True, sharey=True, layout="constrained"
    )
    for axis, group in zip(axes.flat, groups, strict=False):
        points = [r for r in rows if r["family"] == group.name]
        x = [r["severity"] for r in points]
        axis.fill_between(x, [r["low"] for r in points], [r["high"] for r in points], alpha=0.25)
        axis.plot(x, [r["uar"] for r in points], marker="o", markersize=3)
        axis.axhline(clean, linewidth=0.7, color="black")
        axis.axhline(1 / 8, linewidth=0.7, linestyle=":", color="black")
        axis.set_title(group.name, fontsize=9)
        axis.set_ylim(0, 1)
    for axis in list(axes.flat)[len(groups) :]:
        axis.axis("off")
    figure.supxlabel("severity")
    figure.supylabel("UAR, 8 classes, 240 utterances of 8 unseen speakers; line: clean, dots: chance")
    figure.savefig(HERE / "ladder.svg", metadata={"Date": None})


def main() -> int:
    """Predict, measure, write, and say what is wrong."""
    groups = read_set("ladder").groups
    with tempfile.TemporaryDirectory() as folder:
        run = audit(Path(folder))
        measured = Measured(next(tables(run))[0])
        clean = measured.level("clean")
        rows = []
        for group in groups:
            for severity, condition in enumerate(group.conditions, 1):
                level, change = measured.level(condition), measured.change(condition, "clean")
                rows.append(
                    {
                        "family": group.name,
                        "severity": severity,
                        "condition": condition,
                        "n": int(measured.scored.ok(condition).sum()),
                        "uar": round(level.value, 4),
                        "low": round(level.low, 4),
                        "high": round(level.high, 4),
                        "change": round(change.value, 4),
                        "change_low": round(change.low, 4),
                        "change_high": round(change.high, 4),
                        "pup": round(measured.unchanged(condition), 4),
                    }
                )
        wrong = [line for group in groups if group.name in MONOTONE for line in rises(measured, group)]
    with (HERE / "ladder.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    plot(rows, groups, clean.value)
    print(f"clean UAR {clean.value:.3f} ({clean.low:.3f} to {clean.high:.3f}), {len(rows)} conditions")
    print("\n".join(wrong) or f"in {', '.join(MONOTONE)} no severity lies above a weaker one")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
