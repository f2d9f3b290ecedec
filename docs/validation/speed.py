"""How fast judging is: group tables beside fairlearn's bootstrap, and a million utterances in 40 conditions.

`tox -e speed` runs it (five minutes on two idle cores, 2 GB of disk) and writes `speed.csv` beside this file.
It fails where a bound is broken: .1 s for 1000 draws of all group tables over 10 000 rows and 50 speakers;
60 s and 4 GB for a million utterances in 40 conditions.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import audmetric
import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame
from large_run import DIMENSIONS, SEXES, raters, write_run
from ser_audit.benchmark.cohorts import ALL, Cohort
from ser_audit.benchmark.engine.machine import machine
from ser_audit.benchmark.estimand import Part, WeightedSum
from ser_audit.benchmark.manifest import CheckpointRecord, OutputRecord
from ser_audit.benchmark.policy import load
from ser_audit.benchmark.predictions import Predictions
from ser_audit.benchmark.resampling import Draws, Interval, bounds, studentise
from ser_audit.benchmark.scored import EMOTION, Scored
from ser_audit.fairness.columns import columns
from ser_audit.fairness.groups import Groups
from ser_audit.fairness.tally import Tally
from threadpoolctl import threadpool_limits

Row = tuple[str, object, str, float | None]  # what, value, unit, at most
HERE = Path(__file__).parent
CLASSES = ("anger", "happiness", "neutral", "sadness")
ACCENTS = ("english", "irish", "scottish", "welsh")
COLUMNS = ("sex", "age", "accent")
DRAWS, FEWER = 1000, 20  # of fairlearn fewer are timed, and scaled: each costs the same
THREADS = 1  # of BLAS: the matrices are small, and more threads than idle cores make it slow


def group_rows(seed: int = 0) -> pd.DataFrame:
    """Simulate 10 000 clean rows of 50 speakers: three dimensions, an emotion, sex, age and accent."""
    rng = np.random.default_rng(seed)
    owner, truth, said = raters(50, 200, rng)
    label = rng.integers(0, len(CLASSES), len(owner))
    guess = np.where(rng.random(len(owner)) < 0.3, rng.integers(0, len(CLASSES), len(owner)), label)
    names = np.array(CLASSES)
    return pd.DataFrame(
        {
            "checkpoint": "model",
            "corpus": "corpus",
            "utterance": [f"{i:05d}.wav" for i in range(len(owner))],
            "condition": "clean",
            "status": "ok",
            "speaker": [f"speaker_{i:02d}" for i in owner],
            "group.sex": np.array(SEXES)[owner % 2],
            "group.age": np.array(["24", "41", "63"])[owner // 2 % 3],
            "group.accent": np.array(ACCENTS)[owner // 6 % 4],
            "truth.emotion": names[label],
            **{f"truth.{d}": truth[:, i] for i, d in enumerate(DIMENSIONS)},
            **{f"score.{d}": said[:, i] for i, d in enumerate(DIMENSIONS)},
            **{f"score.emotion.{c}": (guess == i).astype(float) for i, c in enumerate(CLASSES)},
        }
    )


def ours(scored: Scored) -> dict[tuple[str, str, str], Interval]:
    """Every group's CCC or UAR and every pairwise gap, by output, column and group, with 95 % intervals."""
    policy = load("default")
    draws = Draws.pooled(len(scored.cohort.speakers), DRAWS, seed=0)
    asked = {}
    for output in scored.outputs:
        tally = Tally.of(scored, output)
        for column in columns(scored, policy):
            if column.name in COLUMNS:
                groups = Groups(column, tally)
                labels = groups.shared(*groups.values)
                levels: dict[str, Part] = {value: groups.level(value, labels) for value in groups.values}
                for value, level in levels.items():
                    asked[output, column.name, value] = WeightedSum((level,))
                for first, second in groups.pairs:
                    sides = levels[first], replace(levels[second], weight=Fraction(-1))
                    asked[output, column.name, f"{first} − {second}"] = WeightedSum(sides)
    return {key: bounds([studentise(estimand, draws)])[0] for key, estimand in asked.items()}


def ccc(truth: np.ndarray, prediction: np.ndarray) -> float:
    """As fast as numpy has it, to time fairlearn by."""
    y, x = np.asarray(truth), np.asarray(prediction)
    return 2 * np.mean((y - y.mean()) * (x - x.mean())) / (y.var() + x.var() + (y.mean() - x.mean()) ** 2)


def uar(truth: np.ndarray, prediction: np.ndarray) -> float:
    """As fast as numpy has it, to time fairlearn by."""
    y, x = np.asarray(truth), np.asarray(prediction)
    return float(np.mean([np.mean(x[y == label] == label) for label in np.unique(y)]))


def fairlearns(
    frame: pd.DataFrame, metrics: tuple[Callable, Callable], draws: int | None = None
) -> dict[tuple[str, str, str], float]:
    """The same tables by fairlearn: every group's metric, with its bootstrap if ``draws`` are given.

    Args:
        frame: of :func:`group_rows`.
        metrics: of a dimension, and of emotion.
        draws: of rows; fairlearn knows no speakers.
    """
    found = {}
    scores = frame[[f"score.emotion.{c}" for c in CLASSES]].to_numpy()
    said = {d: frame[f"score.{d}"].to_numpy() for d in DIMENSIONS} | {EMOTION: scores.argmax(axis=1)}
    truth = {d: frame[f"truth.{d}"].to_numpy() for d in DIMENSIONS}
    truth[EMOTION] = pd.Index(CLASSES).get_indexer(frame["truth.emotion"])
    drawn = {"n_boot": draws, "ci_quantiles": [0.025, 0.975], "random_state": 0} if draws else {}
    for output in truth:
        for column in COLUMNS:
            table = MetricFrame(
                metrics=metrics[output == EMOTION],
                y_true=truth[output],
                y_pred=said[output],
                sensitive_features=frame[f"group.{column}"].rename(column),
                **drawn,
            )
            found |= {(output, column, value): float(v) for value, v in table.by_group.items()}
    return found


def timed(what: Callable[[], object], times: int) -> float:
    """Median of some repetitions, in seconds."""
    taken = []
    for _ in range(times):
        start = perf_counter()
        what()
        taken.append(perf_counter() - start)
    return float(np.median(taken))


def group_tables() -> Iterator[Row]:
    """Time 1000 draws of all group tables, beside fairlearn."""
    frame = group_rows()
    outputs = [OutputRecord(name=d, kind="dimension") for d in DIMENSIONS]
    outputs += [OutputRecord(name=c, kind="class") for c in CLASSES]
    checkpoint = CheckpointRecord.model_construct(name="model", trained_on=(), outputs=tuple(outputs))
    predictions = Predictions(frame)
    scored = Scored(predictions, Cohort(ALL, predictions.speakers, True, ""), checkpoint)
    found = ours(scored)
    reference = fairlearns(frame, (audmetric.concordance_cc, audmetric.unweighted_average_recall))
    bands = dict(zip(("24", "41", "63"), ages(found), strict=True))
    off = max(
        abs(found[output, column, bands.get(value, value)].value - point)
        for (output, column, value), point in reference.items()
    )
    seconds = timed(lambda: ours(replace(scored)), 9)  # a copy has nothing summed yet
    theirs = timed(lambda: fairlearns(frame, (ccc, uar), FEWER), 1) / FEWER * DRAWS
    yield "group tables: 10 000 rows, 50 speakers, 1000 draws of speakers", round(seconds, 4), "s", 0.1
    yield "group tables: metrics and gaps with intervals", len(found), "", None
    yield f"group tables by fairlearn, draws of rows, scaled from {FEWER} draws", round(theirs, 1), "s", None
    yield "group tables: fairlearn takes as many times as long", round(theirs / seconds), "", None
    yield "group tables: largest difference of a group's metric from MetricFrame", off, "", 1e-12


def ages(found: dict[tuple[str, str, str], Interval]) -> list[str]:
    """The age bands as the audit names them, from young to old."""
    bands = [value for output, column, value in found if (output, column) == ("arousal", "age")]
    return [value for value in bands if " − " not in value]


def million() -> Iterator[Row]:
    """Time the judging of one million utterances in 40 conditions, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        write_run(run, utterances=1_000_000, speakers=1000, count=40)
        size = sum(path.stat().st_size for path in (run / "predictions").iterdir())
        wall, cpu, peak = judged(run)
        findings = (run / "findings.json").read_text(encoding="utf-8").count('"code":')
    what = "a million utterances × 40 conditions"
    yield f"{what}: score, wall time", round(wall, 1), "s", 60.0
    yield f"{what}: score, processor time", round(cpu, 1), "s", None
    yield f"{what}: score, peak memory", round(peak, 2), "GB", 4.0
    yield f"{what}: tables on disk", round(size / 1e9, 2), "GB", None
    yield f"{what}: findings", findings, "", None


def judged(run: Path) -> tuple[float, float, float]:
    """Score a run in a fresh process: wall time and processor time [s], peak resident memory [GB]."""
    code = "import sys; from ser_audit.benchmark import score; score(sys.argv[1])"
    limits = {f"{name}_NUM_THREADS": str(THREADS) for name in ("OMP", "OPENBLAS", "MKL")}
    start = perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code, str(run)], env=os.environ | limits)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"score ended with {os.waitstatus_to_exitcode(status)}")
    return perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e9


def here() -> Iterator[Row]:
    """The machine that it was timed on."""
    found = machine("cpu")
    yield "cpu", found["cpu"], "", None
    yield "cores", os.cpu_count(), "", None
    yield "threads of BLAS", THREADS, "", None
    for name in ("numpy", "pyarrow", "fairlearn"):
        yield name, version(name), "", None


def main() -> int:
    """Time, print, write."""
    rows = []
    with threadpool_limits(THREADS):
        for what in (here, group_tables, million):
            for row in what():
                print(*(str(cell) for cell in row[:3]), f"(at most {row[3]})" if row[3] else "", flush=True)
                rows.append(row)
    with (HERE / "speed.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([("what", "value", "unit", "at most"), *rows])
    broken = [what for what, value, _, limit in rows if limit is not None and float(str(value)) > limit]
    for what in broken:
        print(f"over its bound: {what}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
