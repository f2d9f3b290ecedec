"""What every registered perturbation promises."""

import pickle
import random

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ser_audit.perturbations.clean import Clean
from ser_audit.perturbations.make import make, registered
from ser_audit.perturbations.rng import generator
from ser_audit.perturbations.sets import conditions

RATE = 16000
CONDITIONS = conditions("default")
every = pytest.mark.parametrize("condition", CONDITIONS)

SIGNALS = {
    "10 ms": np.random.default_rng(0).normal(0, 0.1, 160),
    "50 ms": np.random.default_rng(0).normal(0, 0.1, 800),
    "10 s": np.random.default_rng(0).normal(0, 0.1, 10 * RATE),
    "DC": np.full(RATE, 0.5),
    "full-scale square": np.sign(np.sin(np.arange(RATE) / 20) + 1e-9),
    "impulse": np.eye(1, RATE, 400)[0],
    "−100 dBFS": np.random.default_rng(0).normal(0, 1e-5, RATE),
    "float beyond ±1": np.random.default_rng(0).normal(0, 3, RATE),
}


def perturb(condition, utterance, seed=0):
    """One utterance's bytes in one condition; its wave differs from utterance to utterance."""
    wave = np.random.default_rng(utterance).normal(0, 0.1, 3000 + 17 * utterance).astype(np.float32)
    return make(condition)(wave, RATE, generator(seed, str(utterance), condition)).tobytes()


def test_the_default_set_reaches_every_family():
    assert {make(condition).family for condition in CONDITIONS} == set(registered())


@every
def test_it_is_what_its_id_says_and_cannot_change(condition):
    made = make(condition)
    assert made.id == condition
    assert made.family == condition.partition("@")[0]
    assert make(made.id) == made
    assert isinstance(made.version, int)
    assert made.version >= 1
    assert isinstance(made.label_preserving, bool)
    with pytest.raises(AttributeError):
        made.version = 99


@every
@pytest.mark.parametrize("signal", SIGNALS)
def test_any_finite_signal_survives(condition, signal):
    wave = SIGNALS[signal].astype(np.float32)
    before = wave.copy()
    out = make(condition)(wave, RATE, generator(0, "a", condition))
    assert out.dtype == np.float32
    assert out.shape == wave.shape
    assert np.isfinite(out).all()
    np.testing.assert_array_equal(wave, before)


@every
def test_silence_stays_silent_or_says_why_not(condition):
    silence = np.zeros(RATE, np.float32)
    if make(condition).family.startswith("noise"):
        with pytest.raises(ValueError, match="silence has no SNR"):
            make(condition)(silence, RATE, generator(0, "a", condition))
    else:
        np.testing.assert_array_equal(make(condition)(silence, RATE, generator(0, "a", condition)), silence)


@every
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
    with pytest.raises(ValueError, match=message):
        make(condition)(wave, RATE, rng)


@every
def test_the_level_of_the_recording_does_not_change_the_severity(condition, noise):
    wave = noise(0.5)
    full, soft = (
        make(condition)(wave * np.float32(factor), RATE, generator(0, "a", condition))
        for factor in (1, 2**-9)
    )
    np.testing.assert_array_equal(soft * 2**9, full)  # powers of two: exact


@pytest.mark.parametrize("condition", CONDITIONS[1:])
def test_it_changes_the_wave(condition, noise):
    wave = noise(0.5)
    assert not np.allclose(make(condition)(wave, RATE, generator(0, "a", condition)), wave, rtol=0.05)


def test_clean_changes_nothing(noise, rng):
    np.testing.assert_array_equal(Clean()(noise(), RATE, rng), noise())


@settings(max_examples=20, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_order_repetition_and_global_state_change_no_byte(data, seed):
    jobs = [(condition, utterance) for condition in CONDITIONS for utterance in range(2)]
    shuffled = data.draw(st.permutations(jobs))
    expected = {job: perturb(*job, seed) for job in jobs}
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    state, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002
    assert {job: perturb(*job, seed) for job in shuffled} == expected
    assert random.getstate() == state
    np.testing.assert_equal(np.random.get_state(), legacy)  # noqa: NPY002


def test_the_number_of_workers_changes_no_byte(noise):
    waves = [noise(0.5, seed=seed) for seed in range(3)]
    jobs = [(make(condition), wave, str(i)) for condition in CONDITIONS for i, wave in enumerate(waves)]

    def run(workers):
        calls = (joblib.delayed(made)(wave, RATE, generator(0, name, made.id)) for made, wave, name in jobs)
        outs = joblib.Parallel(n_jobs=workers, backend="loky", batch_size=1)(calls)
        return [out.tobytes() for out in outs]

    alone = run(1)
    assert run(2) == alone
    assert run(3) == alone


@every
def test_a_pickle_is_the_same_perturbation(condition, noise):
    made = make(condition)
    copy = pickle.loads(pickle.dumps(made))  # noqa: S301
    assert copy == made
    assert hash(copy) == hash(made)
    outs = [p(noise(0.2), RATE, generator(0, "a", condition)) for p in (made, copy)]
    np.testing.assert_array_equal(*outs)
