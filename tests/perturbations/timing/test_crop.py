"""Cropped utterances."""

import numpy as np
import pytest
from ser_audit.perturbations.timing.crop import CropEnd, CropStart


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize("ms", [0, 5, 6.25, 31.25, 62.5, 200, 1000])
def test_exactly_so_many_samples_are_gone_and_the_rest_is_untouched(ms, sampling_rate, rng):
    wave = np.random.default_rng(0).normal(0, 0.1, 2 * sampling_rate).astype(np.float32)
    gone = round(ms * sampling_rate / 1000)
    np.testing.assert_array_equal(CropStart(ms)(wave, sampling_rate, rng), wave[gone:])
    np.testing.assert_array_equal(CropEnd(ms)(wave, sampling_rate, rng), wave[: 2 * sampling_rate - gone])


def test_the_crops_of_ser_tests_are_100_500_and_1000_samples(noise, rng):
    for ms, gone in ((6.25, 100), (31.25, 500), (62.5, 1000)):
        assert len(CropEnd(ms)(noise(), 16000, rng)) == 32000 - gone


@pytest.mark.parametrize("kind", [CropStart, CropEnd])
def test_10_ms_are_left_or_the_crop_is_refused(kind, noise, rng):
    wave = noise(0.21)
    assert len(kind(200)(wave, 16000, rng)) == 160
    message = rf"{kind.family}@ms=200: the utterance, 209.938 ms, is shorter than 210 ms: fewer than 10 ms"
    with pytest.raises(ValueError, match=message):
        kind(200)(wave[1:], 16000, rng)
