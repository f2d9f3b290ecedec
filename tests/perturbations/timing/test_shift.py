"""Utterances that begin later."""

import numpy as np
import pytest
from ser_audit.perturbations.timing.shift import Shift


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize("ms", [0, 5, 50, 200])
def test_the_wave_comes_later_by_exactly_that_in_as_many_samples(ms, sampling_rate, lag, rng):
    wave = np.random.default_rng(0).normal(0, 0.1, sampling_rate).astype(np.float32)
    out = Shift(ms)(wave, sampling_rate, rng)
    later = round(ms * sampling_rate / 1000)
    assert len(out) == len(wave)
    assert (out[:later] == 0).all()
    np.testing.assert_array_equal(out[later:], wave[: len(wave) - later])
    assert lag(wave, out) == later


def test_something_is_left_or_the_shift_is_refused(noise, rng):
    wave = noise(0.05)
    assert np.count_nonzero(Shift(49.9)(wave, 16000, rng)) == 2
    with pytest.raises(ValueError, match=r"shift@ms=50: the utterance, 50 ms, is no longer than 50 ms"):
        Shift(50)(wave, 16000, rng)
