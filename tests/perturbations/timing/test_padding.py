"""Silence before and behind."""

import numpy as np
import pytest
from ser_audit.perturbations.timing.padding import PadEnd, PadStart


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize("ms", [0, 6.25, 50, 2000])
def test_exactly_so_many_zeros_are_added_and_the_wave_is_untouched(ms, sampling_rate, rng):
    wave = np.random.default_rng(0).normal(0, 0.1, sampling_rate).astype(np.float32)
    zeros = np.zeros(round(ms * sampling_rate / 1000), np.float32)
    np.testing.assert_array_equal(PadStart(ms)(wave, sampling_rate, rng), np.append(zeros, wave))
    np.testing.assert_array_equal(PadEnd(ms)(wave, sampling_rate, rng), np.append(wave, zeros))


def test_the_paddings_of_ser_tests_are_100_500_and_1000_samples(noise, rng):
    for ms, added in ((6.25, 100), (31.25, 500), (62.5, 1000)):
        assert len(PadStart(ms)(noise(), 16000, rng)) == 32000 + added
