"""A package outside of the project registers a perturbation and an audit, and they take part."""

import subprocess
import sys

import pytest
from ser_audit.benchmark import InputError, plugins

PERTURBATION = '''
"""Half the level."""
import dataclasses
import numpy as np
from ser_audit.perturbations.condition import condition_id

@dataclasses.dataclass(frozen=True)
class Halve:
    """Half of every sample."""
    times: float
    family = "halve"
    version = 1
    label_preserving = True

    @property
    def id(self):
        return condition_id("halve", times=self.times)

    def __call__(self, wave, sampling_rate, rng):
        return (wave / 2**self.times).astype(np.float32)
'''
AUDIT = '''
"""Counts the rows of every table."""
from ser_audit.benchmark.audit import Needs
from ser_audit.benchmark.finding import Estimate, Finding, Subject

CODES = {"MINE1": "How many rows are there?"}

def plan():
    return Needs(conditions=True)

def judge(run, policy):
    return [
        Finding(code="MINE1", audit="rows", subject=Subject(checkpoint=k, corpus=c), verdict="not_applicable",
                estimate=Estimate(value=len(run.predictions(k, c).frame)), message="Rows were counted.")
        for k, c in run.pairs()
    ]
'''
POINTS = "[ser_audit.perturbations]\nhalve = mine.halve:Halve\n[ser_audit.audits]\nrows = mine.rows\n"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed package, as pip would leave it, on the path of this and of every child process."""
    site = tmp_path / "site"
    (site / "mine").mkdir(parents=True)
    (site / "mine" / "__init__.py").write_text("")
    (site / "mine" / "halve.py").write_text(PERTURBATION)
    (site / "mine" / "rows.py").write_text(AUDIT)
    info = site / "mine-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    monkeypatch.setenv("PYTHONPATH", str(site))
    return tmp_path


def test_a_package_adds_a_perturbation_and_an_audit(package):
    code = (
        "from ser_audit.benchmark import Run, Spec, predict, render, score\n"
        "import pandas as pd\n"
        "spec = Spec(checkpoints='bundled', corpora={'aru': 'synthetic:aru?speakers=4&utterances=2'},\n"
        "            conditions=['halve@times=1'], audits=['rows'], workers=2)\n"
        "run = predict(spec, 'run')\n"
        "(finding,) = score(run).findings\n"
        "assert (finding.code, finding.estimate.value) == ('MINE1', 16), finding\n"
        "assert 'MINE1' in render(run).read_text()\n"
        "assert [c.id for c in run.manifest.conditions] == ['clean', 'halve@times=1']\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=package, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'robustness'"):
        plugins.load("audits", "robustnes")


@pytest.mark.parametrize("group", plugins.GROUPS)
def test_everything_that_is_registered_loads_and_says_what_it_is(group):
    assert plugins.names(group)
    for name in plugins.names(group):
        assert plugins.summary(group, name)


def test_every_finding_code_belongs_to_one_audit():
    codes = [c for name in plugins.names("audits") for c in plugins.load("audits", name).CODES]
    assert len(codes) == len(set(codes))
