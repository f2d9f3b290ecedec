"""The same simulated runs as for the audits of the harness."""

import runpy
from pathlib import Path

import pytest
from ser_audit.benchmark import policy
from ser_audit.benchmark.cohorts import ALL, Cohort
from ser_audit.benchmark.manifest import CheckpointRecord, OutputRecord
from ser_audit.benchmark.predictions import Predictions
from ser_audit.benchmark.scored import Scored
from ser_audit.fairness.columns import columns
from ser_audit.fairness.groups import Groups
from ser_audit.fairness.tally import Tally

_runs = runpy.run_path(str(Path(__file__).parents[1] / "benchmark/audits/conftest.py"))
simulate, make_run, pick, training = (_runs[name] for name in ("simulate", "make_run", "pick", "training"))


@pytest.fixture(scope="session")
def score():
    """Give the cohort of all speakers of a clean frame, without any file."""

    def scored(frame):
        predictions = Predictions(frame)
        names = [c.removeprefix("score.") for c in predictions.score_columns]
        outputs = tuple(
            OutputRecord(name=n.split(".")[-1], kind="class" if "." in n else "dimension") for n in names
        )
        checkpoint = CheckpointRecord.model_construct(name="model", trained_on=(), outputs=outputs)
        return Scored(predictions, Cohort(ALL, predictions.speakers, True, ""), checkpoint)

    return scored


@pytest.fixture(scope="session")
def group():
    """Give the groups of one column of a cohort on one output."""

    by = policy.load("default")

    def grouped(scored, name, output="arousal"):
        (column,) = [c for c in columns(scored, by) if c.name == name]
        return Groups(column, Tally.of(scored, output))

    return grouped
