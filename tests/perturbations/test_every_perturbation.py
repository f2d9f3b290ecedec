"""What every registered perturbation promises, plug-ins included."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ser_audit.perturbations import make as registry
from ser_audit.perturbations.clean import Clean
from ser_audit.perturbations.make import make, registered
from ser_audit.perturbations.promises import broken
from ser_audit.perturbations.rng import generator
from ser_audit.perturbations.sets import conditions, names, read_set

RATE = 16000
PLUGINS = Path(__file__).parents[1] / "plugins"
PLUGGED = ("echo@ms=50",)
BESIDE = ("amr@kbps=7.4", "room@rt60=0.5", "filter.highpass@hz=200,order=1")  # in no set by themselves
GROUPS = [group.conditions for name in names() for group in read_set(name).groups if name != "default"]
EVERY = tuple(dict.fromkeys(c for name in names() for c in conditions(name)))
ENDS = tuple(dict.fromkeys(c for group in GROUPS for c in (group[0], group[-1]) if "*" not in c))
FAMILIES = tuple({make(c).family: c for c in (*BESIDE, *EVERY[::-1])}.values())[::-1]  # one of each
NOT_SCALED = ("gain",)  # its level is its severity


@pytest.fixture(autouse=True)
def plug_ins(monkeypatch):
    """The plug-in package of the tests, as if it were installed."""
    monkeypatch.syspath_prepend(str(PLUGINS))
    registered.cache_clear()
    yield
    registered.cache_clear()


def perturb_all(jobs):
    """The hashes of (condition, utterance, seed) in turn."""
    from perturbed import perturb_all as run

    return run(jobs)


def in_processes(method, workers, seed):
    """The hashes of one condition per family, from worker processes that begin in this way."""
    command = [sys.executable, str(PLUGINS / "perturbed.py"), method, str(workers), str(seed)]
    environment = {**os.environ, "PYTHONPATH": str(PLUGINS), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, *FAMILIES, *PLUGGED], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_sets_reach_every_family():
    built_in = {name for name, point in registered().items() if point.value.startswith("ser_audit.")}
    assert {make(c).family for c in FAMILIES} == built_in


@pytest.mark.parametrize("condition", [*ENDS, *BESIDE, *PLUGGED, *conditions("default")])
def test_it_keeps_every_promise(condition):
    assert broken(condition) == []


@pytest.mark.parametrize("sampling_rate", [8000, 44100])
@pytest.mark.parametrize("condition", [*FAMILIES, *PLUGGED])
def test_it_keeps_every_promise_at_other_sampling_rates(condition, sampling_rate):
    assert broken(condition, sampling_rate) == []


def test_a_careless_plug_in_is_found_out():
    found = "\n".join(broken("careless"))
    for sentence in (
        "its version is 0, no whole number from 1",
        "on silence it gives samples that are not finite",
        "it changes the wave it is given: noise",
        "it draws from the global random generators: noise",
        "on noise another call with the same generator gives other samples",
    ):
        assert sentence in found


@pytest.mark.parametrize("condition", [*FAMILIES, *PLUGGED])
def test_it_cannot_change(condition):
    made = make(condition)
    with pytest.raises(AttributeError):
        made.version = 99


@pytest.mark.parametrize("condition", [*FAMILIES, *PLUGGED])
def test_a_minute_survives(condition):
    wave = np.random.default_rng(0).normal(0, 0.1, 60 * RATE).astype(np.float32)
    out = make(condition)(wave, RATE, generator(0, "a", condition))
    assert np.isfinite(out).all()
    assert 0.4 < len(out) / len(wave) < 2.6


@pytest.mark.parametrize("condition", [*FAMILIES, *PLUGGED])
@pytest.mark.parametrize(
    ("wave", "message"),
    [
        (np.array([0.1, np.nan, 0.1], np.float32), "1 samples that are NaN or infinite"),
        (np.array([0.1, np.inf, -np.inf], np.float32), "2 samples that are NaN or infinite"),
        (np.zeros((2, 100), np.float32), r"shape \(samples,\) with at least one sample, not \(2, 100\)"),
        (np.zeros(0, np.float32), r"at least one sample, not \(0,\)"),
    ],
)
def test_what_is_no_wave_is_refused(condition, wave, message, rng):
    if condition in PLUGGED:
        pytest.skip("the audit itself never gives a plug-in such a wave")
    with pytest.raises(ValueError, match=message):
        make(condition)(wave, RATE, rng)


@pytest.mark.parametrize("condition", [c for c in FAMILIES if make(c).family not in NOT_SCALED])
def test_the_level_of_the_recording_does_not_change_the_severity(condition, noise):
    wave = noise(0.5)
    full, soft = (
        make(condition)(wave * np.float32(factor), RATE, generator(0, "a", condition))
        for factor in (1, 2**-9)
    )
    np.testing.assert_allclose(soft * 2**9, full, atol=1e-5)


@pytest.mark.parametrize("condition", [c for c in EVERY if c != "clean"])
def test_it_changes_the_wave(condition, noise):
    wave = noise(2.0)
    out = make(condition)(wave, RATE, generator(0, "a", condition))
    assert len(out) != len(wave) or not np.allclose(out, wave, rtol=1e-4, atol=1e-6)


def test_clean_changes_nothing(noise, rng):
    np.testing.assert_array_equal(Clean()(noise(), RATE, rng), noise())


@settings(max_examples=8, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_order_repetition_and_global_state_change_no_byte(data, seed):
    jobs = [(c, utterance, seed) for c in (*FAMILIES, *PLUGGED) for utterance in range(2)]
    expected = dict(zip(jobs, perturb_all(jobs), strict=True))
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    shuffled = data.draw(st.permutations(jobs))
    assert dict(zip(shuffled, perturb_all(shuffled), strict=True)) == expected


@settings(max_examples=2, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), workers=st.integers(2, 4))
def test_the_number_of_workers_changes_no_byte(seed, workers):
    jobs = [(c, utterance, seed) for c in (*FAMILIES, *PLUGGED) for utterance in range(2)]
    assert in_processes("loky", workers, seed) == perturb_all(jobs)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_the_start_method_of_a_process_changes_no_byte(method):
    jobs = [(c, utterance, 5) for c in (*FAMILIES, *PLUGGED) for utterance in range(2)]
    assert in_processes(method, 1, 5) == perturb_all(jobs)


def test_another_type_of_cpu_changes_less_than_a_hundred_thousandth_of_full_scale(tmp_path):
    """As far as one CPU can play another: numpy without SIMD extensions, OpenBLAS for an old core."""
    code = (
        "import sys, numpy as np\n"
        "from ser_audit.perturbations.make import make\n"
        "from ser_audit.perturbations.rng import generator\n"
        "wave = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)\n"
        "outs = {c: make(c)(wave, 16000, generator(0, 'a', c)) for c in sys.argv[2:]}\n"
        "np.savez(sys.argv[1], **{c.replace('/', '|'): out for c, out in outs.items()})\n"
    )
    old = {
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
        "OPENBLAS_CORETYPE": "Nehalem",
    }
    results = []
    for name, environment in (("new", {}), ("old", old)):
        path = tmp_path / f"{name}.npz"
        command = [sys.executable, "-W", "ignore", "-c", code, str(path), *FAMILIES]
        subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True)
        results.append(np.load(path))
    new, aged = results
    assert len(new.files) == len(FAMILIES)
    for condition in new.files:
        np.testing.assert_allclose(aged[condition], new[condition], atol=1e-5, rtol=0, err_msg=condition)


def test_no_two_packages_hide_the_plug_in():
    assert registry.registered()["echo"].value == "ser_audit_echo:Echo"
