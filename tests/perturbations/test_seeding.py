"""The global generators are lent and put back."""

import random

import numpy as np
import pytest
from ser_audit.perturbations.seeding import apply, seeded


def states():
    return random.getstate(), np.random.get_state()[1:].__repr__()  # noqa: NPY002


def draws():
    return random.random(), np.random.random()  # noqa: NPY002


def test_the_draws_follow_the_generator_and_the_state_is_put_back():
    before = states()
    found = []
    for seed in (1, 2, 1):
        with seeded(np.random.default_rng(seed)):
            found.append(draws())
    assert found[0] == found[2]
    assert found[0][0] != found[1][0]
    assert found[0][1] != found[1][1]
    assert states() == before


def test_the_state_is_put_back_after_an_error():
    before = states()

    def broken(wave, sampling_rate):
        draws()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        apply(broken, np.zeros(1), 16000, np.random.default_rng(1))
    assert states() == before


def test_audiomentations_draws_from_the_generator(noise):
    from audiomentations import AddGaussianNoise

    wave = noise(0.1)
    transform = AddGaussianNoise(p=1.0)
    one, other, again = (apply(transform, wave, 16000, np.random.default_rng(seed)) for seed in (1, 2, 1))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
