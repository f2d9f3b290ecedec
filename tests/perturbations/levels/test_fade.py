"""Fades."""

import numpy as np
import pytest
from ser_audit.perturbations.levels.fade import FadeIn, FadeOut


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 48000])
def test_the_amplitude_changes_by_2_percent_of_the_original_per_second(sampling_rate, rng):
    ones = np.ones(5 * sampling_rate, np.float32)
    out = FadeOut(2)(ones, sampling_rate, rng)
    np.testing.assert_allclose(out[::sampling_rate], [1, 0.98, 0.96, 0.94, 0.92], atol=1e-7)
    into = FadeIn(2)(ones, sampling_rate, rng)
    np.testing.assert_allclose(into[::-1][::sampling_rate], [1, 0.98, 0.96, 0.94, 0.92], atol=1e-7)
    assert into[0] == pytest.approx(0.9, abs=2e-5)


def test_a_fade_in_is_a_fade_out_backwards(noise, rng):
    backwards = FadeOut(20)(noise()[::-1], 16000, rng)[::-1]
    np.testing.assert_array_equal(FadeIn(20)(noise(), 16000, rng), backwards)


def test_what_has_faded_out_stays_silent(rng):
    out = FadeOut(50)(np.ones(3 * 8000, np.float32), 8000, rng)
    assert (out[:16000] > 0).all()
    assert (out[16000:] == 0).all()
