"""What is asked of every wave."""

import numpy as np
import pytest
from ser_audit.perturbations.make import make
from ser_audit.perturbations.wave import checked


@pytest.mark.parametrize("largest", [2e12, 1e37, 3.4e38])
def test_numbers_too_large_for_a_sound_are_refused(largest):
    with pytest.raises(ValueError, match=r"no sound: a sample is \d\.?\d*e\+\d\d, where full scale is 1"):
        checked(np.array([0.1, -largest], np.float32))


def test_samples_that_nobody_scaled_are_taken():
    wave = np.array([-(2.0**31), 0, 2.0**31], np.float32)
    np.testing.assert_array_equal(checked(wave), wave)


@pytest.mark.parametrize("condition", ["telephone", "gain@db=40", "noise.hum@snr_db=-20", "room@rt60=0.5"])
def test_the_largest_numbers_that_are_taken_overflow_nowhere(condition, rng):
    wave = np.where(rng.random(16000) < 0.5, -1e12, 1e12).astype(np.float32)
    assert np.isfinite(make(condition)(wave, 16000, rng)).all()
