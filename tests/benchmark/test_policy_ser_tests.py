"""The policy ``ser-tests`` holds the limits of Derington et al. 2023 as published, and says so of each."""

import re
import tomllib
from importlib import resources

import pytest
from ser_audit.benchmark import policy

FILE = resources.files("ser_audit.benchmark.policies") / "ser-tests.toml"


@pytest.fixture(scope="module")
def rules():
    return policy.load("ser-tests")


def test_correctness_has_the_published_limits(rules):
    assert {m: (r.above, r.below) for m, r in rules.correctness.items()} == {
        "CCC": (0.5, None),
        "PCC": (0.5, None),
        "MAE": (None, 0.1),
        "UAR": (0.5, None),
        "UAP": (0.5, None),
        "recall": (0.5, None),
        "precision": (0.5, None),
        "consistency": (0.75, None),
        "JSD": (None, 0.2),
        "share difference": (-0.15, 0.15),
        "speaker mean MAE": (None, 0.1),
        "speaker ranking": (0.7, None),
    }


@pytest.mark.parametrize(
    ("column", "metric", "limit"),
    [
        ("sex", "CCC", 0.075),
        ("sex", "UAR", 0.075),
        ("sex", "recall", 0.175),
        ("sex", "precision", 0.075),
        ("pitch", "CCC", 0.1),
        ("pitch", "UAR", 0.075),
        ("pitch", "recall", 0.225),
        ("pitch", "precision", 0.1),
        ("accent", "mean", 0.075),
        ("accent", "share", 0.225),
        ("language", "mean", 0.03),
        ("language", "share", 0.1),
    ],
)
def test_gaps_to_all_have_the_published_limits(rules, column, metric, limit):
    found = rules.fairness_limit(column, f"gap to all of {metric}")
    assert (found.low, found.high) == (-limit, limit)


@pytest.mark.parametrize(
    ("condition", "change_of_ccc", "change_of_uar", "pup"),
    [
        ("gain@db=-2/-1/1/2", -0.05, -0.05, 0.95),
        ("noise.babble@snr_db=20,voices=4/5/6/7", -0.05, -0.05, 0.9),
        ("telephone.poor", -0.05, -0.05, 0.5),
        ("filter.tilt@db_per_octave=-3", -0.05, -0.02, 0.8),
        ("room@rt60=0.5", -0.05, -0.05, 0.8),
    ],
)
def test_robustness_has_the_published_limits(rules, condition, change_of_ccc, change_of_uar, pup):
    found = [rules.robustness_limit(m, condition).low for m in ("change of CCC", "change of UAR", "PUP")]
    assert found == [change_of_ccc, change_of_uar, pup]


def test_conditions_have_the_limits_of_the_default_policy(rules):
    default = policy.load("default")
    assert rules.robustness["PUP"] == default.robustness["PUP"]


def test_families_speakers_and_skill_are_those_of_the_default_policy(rules):
    default = policy.load("default")
    assert (rules.families, rules.speakers, rules.skill) == (
        default.families,
        default.speakers,
        default.skill,
    )


def test_every_limit_of_its_own_names_ser_tests():
    tables = tomllib.loads(FILE.read_text("utf-8"))
    own = {name: tables[name] for name in ("correctness", "robustness", "fairness")}
    sources = re.findall(r"'source': '([^:']*):", str(own))
    assert len(sources) == len(re.findall(r"'source'", str(own))) > 40
    assert set(sources) == {"ser-tests"}
