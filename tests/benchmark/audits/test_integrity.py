"""Integrity findings from a run's manifest and table, without a model."""

import json

import pytest
from ser_audit.benchmark import Run, Spec, predict, score

SCORES = "utterance,score.arousal\n"


@pytest.fixture
def made(tmp_path):
    """A run of a Python model and of a table of predictions on four synthetic speakers."""
    (tmp_path / "model.py").write_text(
        "import numpy as np\n"
        "class Rater:\n"
        "    dimensions = ['arousal']\n    value_range = [0.0, 1.0]\n    sampling_rate = 16000\n"
        "    def predict(self, waves, rate):\n"
        "        return [[np.nan if len(w) % 2 else abs(w).mean()] for w in waves]\n"
    )

    def make(sidecar: str = "") -> Run:
        (tmp_path / "model.toml").write_text(sidecar)
        spec = Spec(
            checkpoints=f"{tmp_path / 'model.py'}:Rater",
            corpora={"aru": "synthetic:aru?speakers=4&utterances=6"},
            audits=("integrity",),
            workers=1,
        )
        predict(spec, tmp_path / "run")
        score(tmp_path / "run")
        return Run(tmp_path / "run")

    return make


def verdicts(run):
    return {f.code: f for f in run.findings.findings}


def test_unknown_training_data_is_open_and_said(made):
    found = verdicts(made())
    assert found["SER105"].verdict == "inconclusive"
    assert "unknown" in found["SER105"].message
    assert found["SER104"].verdict == "not_applicable"


@pytest.mark.parametrize(
    ("trained_on", "verdict", "heard"),
    [
        ("trained_on = []", "pass", 0),
        ('[[trained_on]]\ncorpus = "aru"\nspeakers = ["aru_s01"]', "not_applicable", 1),
        ('[[trained_on]]\ncorpus = "aru"', "fail", 4),
        ('[[trained_on]]\ncorpus = "renamed"\nspeakers = ["aru_s01", "x"]', "inconclusive", 0),
    ],
)
def test_training_speakers_among_the_scored_ones_are_counted(made, trained_on, verdict, heard):
    finding = verdicts(made(trained_on))["SER104"]
    assert finding.verdict == verdict
    assert finding.details == {"training_speakers": heard, "scored_speakers": 4}


def test_rows_that_the_checkpoint_fails_on_are_its_fault_and_counted(made):
    run = made()
    frame = run.predictions("Rater", "aru").frame
    failed = int((frame["status"] == "not_finite").sum())
    assert failed > 0
    finding = verdicts(run)["SER106"]
    assert (finding.verdict, finding.estimate.value, finding.estimate.n) == ("fail", failed, len(frame))
    assert finding.details == {"not_finite": failed}


def test_findings_hold_null_and_never_nan(made):
    text = (made().path / "findings.json").read_text()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in findings.json"))
