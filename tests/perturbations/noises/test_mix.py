"""Noise mixed over an utterance, and a burst somewhere in it."""

import numpy as np
import pytest
from ser_audit.perturbations.noises.mix import loudest, mixed, mixed_burst

RATE = 16000


def test_silent_noise_is_refused(tone):
    silence = np.zeros(RATE, np.float32)
    with pytest.raises(ValueError, match="x: the noise is silent"):
        mixed("x", tone(220, 1), silence, RATE, 10, 0)


def test_the_inputs_are_left_as_they_are(tone, noise, rng):
    sine, hiss = tone(220, 1), noise(1)
    before = sine.copy(), hiss.copy()
    mixed("x", sine, hiss, RATE, 10, 1)
    mixed_burst("x", sine, hiss[:100], 10, rng)
    assert np.array_equal(sine, before[0])
    assert np.array_equal(hiss, before[1])


def test_each_position_of_a_burst_is_as_likely(rng):
    wave = np.zeros(13, np.float32)
    wave[0] = 1
    starts = [
        np.flatnonzero(mixed_burst("x", wave, np.ones(4, np.float32), 0, rng) - wave)[0] for _ in range(3000)
    ]
    counts = np.bincount(starts)
    assert len(counts) == 10  # the burst fits in ten positions, from the first sample to the last
    assert counts == pytest.approx(np.full(10, 300), abs=70)  # four standard deviations


def test_a_burst_that_is_longer_than_the_utterance_is_cut_to_its_loudest_part(rng, level_db):
    wave = np.full(100, 0.1, np.float32)
    burst = np.concatenate([np.full(130, 0.1), np.full(100, -0.8), np.full(60, 0.1)]).astype(np.float32)
    added = mixed_burst("x", wave, burst, 6, rng).astype(float) - wave
    assert added == pytest.approx(np.full(100, -0.1 * 10 ** (-6 / 20)), abs=1e-6)


def test_zeros_at_a_burst_s_ends_do_not_dilute_it(rng, level_db):
    wave = np.full(1000, 0.1, np.float32)
    burst = np.concatenate([np.zeros(50), np.ones(50), np.zeros(100)]).astype(np.float32)
    added = mixed_burst("x", wave, burst, 0, rng).astype(float) - wave
    assert added[added != 0] == pytest.approx(np.full(50, 0.1), abs=1e-6)


def test_a_silent_burst_is_refused(tone, rng):
    with pytest.raises(ValueError, match="x: the noise is silent"):
        mixed_burst("x", tone(220, 1), np.zeros(100, np.float32), 10, rng)


def test_the_loudest_part_of_a_sound_that_fits_is_all_of_it(noise):
    wave = noise(0.1)
    assert np.array_equal(loudest(wave, len(wave)), wave)
