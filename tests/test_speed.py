"""What judging is timed on is what the engine writes, and judging in shards is judging of one table."""

import csv
import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import audmetric
import numpy as np
import pyarrow.parquet as pq
import pytest
from ser_audit.benchmark import plugins
from ser_audit.benchmark.cohorts import ALL, Cohort
from ser_audit.benchmark.engine.table import write_table
from ser_audit.benchmark.manifest import CheckpointRecord, OutputRecord
from ser_audit.benchmark.policy import load
from ser_audit.benchmark.predictions import Predictions
from ser_audit.benchmark.run import Run
from ser_audit.benchmark.scored import Scored

FOLDER = Path(__file__).parents[1] / "docs" / "validation"


@pytest.fixture(scope="module")
def speed():
    """The script, imported as it is run."""
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module("speed")
    sys.path.remove(str(FOLDER))
    for name in ("speed", "large_run"):
        del sys.modules[name]


@pytest.fixture(scope="module")
def run(speed, tmp_path_factory):
    """A run of 12 speakers in 4 conditions."""
    folder = tmp_path_factory.mktemp("speed") / "run"
    speed.write_run(folder, utterances=240, speakers=12, count=4)
    return Run(folder)


def test_the_tables_that_judging_is_timed_on_are_laid_out_as_the_engine_lays_them_out(run, speed, tmp_path):
    utterances = tuple(
        SimpleNamespace(
            id=str(i),
            speaker="s",
            truth=dict.fromkeys(speed.DIMENSIONS, 0.5),
            groups={"sex": "f", "language": "en"},
        )
        for i in range(2)
    )
    info = SimpleNamespace(
        classes=(), outputs=tuple(SimpleNamespace(column=f"score.{d}") for d in speed.DIMENSIONS)
    )
    write_table(
        tmp_path / "t.parquet",
        SimpleNamespace(name="k", info=info),
        SimpleNamespace(name="c", utterances=utterances),
        "clean",
        {},
        [("ok", None, "hash", [0.1, 0.2, 0.3])] * 2,
        [1.0, 2.0],
    )
    written = pq.read_schema(tmp_path / "t.parquet")
    tables = sorted((run.path / "predictions").iterdir())
    assert len(tables) == 4
    for path in tables:
        assert pq.read_schema(path).remove_metadata() == written.remove_metadata()


@pytest.mark.parametrize("audit", ["integrity", "correctness", "robustness", "fairness", "transfer"])
def test_a_run_judged_shard_by_shard_is_judged_as_one_table(run, audit, monkeypatch):
    policy = load("default").model_copy(update={"draws": 99})
    shards = plugins.load("audits", audit).judge(run, policy)
    frame = run.predictions("model", "corpus").frame.sample(frac=1, random_state=0)
    whole = Run(run.path)
    order = ["clean", *(c.id for c in run.manifest.conditions if c.id != "clean")]
    frame = frame.sort_values("condition", key=lambda names: names.map(order.index), kind="stable")
    monkeypatch.setitem(whole._tables, ("model", "corpus"), Predictions(frame))
    assert plugins.load("audits", audit).judge(whole, policy) == shards
    assert shards


def test_the_group_tables_that_are_timed_are_those_of_fairlearn(speed):
    frame = speed.group_rows()
    predictions = Predictions(frame)
    outputs = [OutputRecord(name=d, kind="dimension") for d in speed.DIMENSIONS]
    outputs += [OutputRecord(name=c, kind="class") for c in speed.CLASSES]
    checkpoint = CheckpointRecord.model_construct(name="model", trained_on=(), outputs=tuple(outputs))
    scored = Scored(predictions, Cohort(ALL, predictions.speakers, True, ""), checkpoint)
    found = speed.ours(scored)
    assert len(found) == (3 + 1) * (2 + 3 + 4 + 1 + 3 + 6)  # outputs × (groups and pairs of three columns)
    metrics = audmetric.concordance_cc, audmetric.unweighted_average_recall
    reference = speed.fairlearns(frame, metrics)
    assert len(reference) == (3 + 1) * (2 + 3 + 4)
    ages = dict(zip(("24", "41", "63"), speed.ages(found), strict=True))
    for (output, column, value), point in reference.items():
        interval = found[output, column, ages.get(value, value)]
        assert interval.value == pytest.approx(point, abs=1e-12)
        assert interval.low < point < interval.high
    quick = speed.fairlearns(frame, (speed.ccc, speed.uar))
    assert list(quick.values()) == pytest.approx(list(reference.values()), abs=1e-12)
    gap = found["arousal", "sex", "female − male"].value
    sides = [found["arousal", "sex", sex].value for sex in ("female", "male")]
    assert gap == pytest.approx(sides[0] - sides[1], abs=1e-12)


def test_the_raters_differ_as_speakers_do(speed):
    """Their CCC's spread is that of real speakers, or the timed intervals would be no real ones."""
    rng = np.random.default_rng(0)
    owner, truth, said = speed.raters(200, 2000, rng)
    own = [audmetric.concordance_cc(truth[owner == s, 0], said[owner == s, 0]) for s in range(200)]
    assert 0.06 < np.std(own) < 0.11


def test_the_committed_times_keep_their_bounds():
    with (FOLDER / "speed.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    bounded = [row for row in rows if row["at most"]]
    assert len(bounded) == 4
    for row in bounded:
        assert float(row["value"]) <= float(row["at most"]), row["what"]
