"""Hard clipping."""

import numpy as np
import pytest
from ser_audit.perturbations.levels.clipping import Clipping

RATE = 16000


@pytest.mark.parametrize("percent", [0.1, 0.2, 0.3, 0.5, 2, 5, 10, 50])
def test_the_clipped_share_is_the_one_named(percent, noise, rng):
    wave = noise(3) + np.float32(0.02)  # not symmetric
    out = Clipping(percent)(wave, RATE, rng)
    assert 100 * np.mean(out != wave) == pytest.approx(percent, abs=0.05)


@pytest.mark.shared
@pytest.mark.parametrize("percent", [0.1, 0.2, 0.3, 0.5, 2])
def test_the_clipped_share_is_the_one_named_on_speech(percent, speech, rng):
    for wave in speech:
        out = Clipping(percent)(wave, RATE, rng)
        assert 100 * np.mean(out != wave) == pytest.approx(percent, abs=0.05)


@pytest.mark.shared
@pytest.mark.parametrize("percent", [5, 10])
def test_the_clipped_share_is_the_one_named_but_for_ties_of_soft_16_bit_speech(percent, speech, rng):
    for wave in speech:
        out = Clipping(percent)(wave, RATE, rng)
        limit = np.abs(out).max()
        beyond, at_or_beyond = 100 * np.mean(np.abs(wave) > limit), 100 * np.mean(np.abs(wave) >= limit)
        # 16-bit speech has ties, of which the limit may hit one
        assert beyond - 0.05 <= percent <= at_or_beyond + 0.05


def test_the_limit_is_symmetric_and_the_rest_untouched(noise, rng):
    wave = noise(3) + np.float32(0.02)
    out = Clipping(10)(wave, RATE, rng)
    assert out.max() == -out.min()
    inside = np.abs(wave) < out.max()
    np.testing.assert_array_equal(out[inside], wave[inside])


def test_nothing_is_clipped_at_0_percent(noise, rng):
    np.testing.assert_array_equal(Clipping(0)(noise(), RATE, rng), noise())
