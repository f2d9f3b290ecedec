"""The flat pass rate counts point estimates inside ser-tests' limits, whatever their interval and skill."""

import importlib.util
from pathlib import Path

import pytest
from ser_audit.benchmark.finding import Estimate, Finding, Limit, Subject

PATH = Path(__file__).parents[1] / "docs" / "validation" / "side_by_side.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("side_by_side", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def finding(value, metric="UAR", source="ser-tests: x", condition="clean", output="emotion", **limit):
    return Finding(
        code="SER205",
        audit="correctness",
        metric=metric,
        subject=Subject(checkpoint="model", corpus="one", condition=condition, output=output),
        estimate=Estimate(value=value, low=0, high=1),
        limit=Limit(**(limit or {"low": 0.5}), source=source),
        verdict="not_applicable",
        message="",
    )


def test_a_flat_rate_asks_for_the_point_estimate_alone(script):
    found = [
        finding(0.51),  # its interval is 0 to 1, its verdict withheld
        finding(0.49),
        finding(0.5),  # a limit itself is outside
        finding(0.05, low=-0.075, high=0.075),
        finding(-0.08, low=-0.075, high=0.075),
        finding(0.09, high=0.1),
    ]
    assert script.flat(found, ()) == (3, 6)


def test_only_what_ser_tests_asks_is_counted(script):
    asked = finding(0.6)
    others = [
        finding(None),
        finding(0.6, source="reason: skill"),
        finding(0.1, metric="JSD", high=0.2),
        finding(0.0, metric="change of UAR", condition="gain@db=2", low=-0.05),
        finding(0.6).model_copy(update={"limit": None}),
        finding(0.6).model_copy(update={"estimate": None}),
    ]
    assert script.flat([asked, *others], ("noise.white@snr_db=20",)) == (1, 1)
    changed = finding(0.0, metric="change of UAR", condition="noise.white@snr_db=20", low=-0.05)
    distance = finding(0.1, metric="JSD", output="arousal", high=0.2)
    assert script.flat([asked, changed, distance], ("noise.white@snr_db=20",)) == (3, 3)


def test_verdicts_are_counted_by_kind_and_measurements_are_not(script):
    found = [
        finding(0.6).model_copy(update={"verdict": v}) for v in ("pass", "fail", "fail", "not_applicable")
    ]
    measured = finding(0.6).model_copy(update={"limit": None})
    assert script.verdicts([*found, measured]) == "2 fail, 0 inconclusive, 1 pass, 1 withheld"
