"""Noise at a signal-to-noise ratio."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ser_audit.perturbations.noise import WhiteNoise

RATE = 16000


@given(snr_db=st.integers(-20, 40), seconds=st.sampled_from([0.05, 1.0, 3.0]), seed=st.integers(0, 99))
def test_the_snr_is_the_one_named(snr_db, seconds, seed, tone, level_db):
    sine = tone(220, seconds)
    added = WhiteNoise(snr_db)(sine, RATE, np.random.default_rng(seed)).astype(float) - sine
    assert level_db(sine) - level_db(added) == pytest.approx(snr_db, abs=0.01)


@pytest.mark.shared
@pytest.mark.parametrize("snr_db", [30, 20, 10, 0])
def test_the_snr_is_the_one_named_on_speech(speech, snr_db, level_db, rng):
    for wave in speech:
        added = WhiteNoise(snr_db)(wave, RATE, rng).astype(float) - wave
        assert level_db(wave) - level_db(added) == pytest.approx(snr_db, abs=0.1)


def test_the_noise_is_white_and_gaussian(tone, rng):
    sine = tone(220, 10)
    added = WhiteNoise(0)(sine, RATE, rng).astype(float) - sine
    octaves = [
        np.mean(np.abs(np.fft.rfft(added))[hz * 10 : 2 * hz * 10] ** 2) for hz in (125, 500, 1000, 4000)
    ]
    assert 10 * np.log10(max(octaves) / min(octaves)) < 0.5
    assert np.mean(added**4) / np.mean(added**2) ** 2 == pytest.approx(3, abs=0.1)  # kurtosis


def test_other_draws_are_other_noise(tone):
    sine = tone(220)
    one, other = (WhiteNoise(10)(sine, RATE, np.random.default_rng(seed)) - sine for seed in (1, 2))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.05


def test_silence_has_no_snr(rng):
    with pytest.raises(
        ValueError, match=r"noise.white@snr_db=10: the utterance is silent, and silence has no SNR"
    ):
        WhiteNoise(10)(np.zeros(RATE, np.float32), RATE, rng)
