"""White and pink noise."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ser_audit.perturbations.noises.coloured import PinkNoise, WhiteNoise

RATE = 16000


@settings(deadline=None)
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


@pytest.mark.parametrize("sampling_rate", [16000, 44100])
def test_each_octave_of_pink_noise_holds_as_much_power(sampling_rate, noise, added):
    wave = noise(60)
    power = np.abs(np.fft.rfft(added(PinkNoise(0), wave, sampling_rate))) ** 2
    frequencies = np.fft.rfftfreq(len(wave), 1 / sampling_rate)
    edges = [50 * 2**octave for octave in range(8)] + [7000]  # 50 Hz to 6.4 kHz, and a bit
    levels = [
        10 * np.log10(power[(frequencies >= low) & (frequencies < high)].sum() / np.log2(high / low))
        for low, high in pairwise(edges)
    ]
    assert np.ptp(levels[:-1]) < 0.5
    assert levels[-1] == pytest.approx(np.mean(levels[:-1]), abs=0.5)


def test_pink_noise_has_no_infrasound(noise, added):
    added_noise = added(PinkNoise(0), noise(60))
    power = np.abs(np.fft.rfft(added_noise)) ** 2
    assert power[: 60 * 20].sum() < 0.16 * power.sum()  # flat: 1 / (1 + ln 400)
    assert np.mean(added_noise**4) / np.mean(added_noise**2) ** 2 == pytest.approx(3, abs=0.1)  # Gaussian


def test_the_bytes_of_white_noise_stay_as_published(rng):
    wave = np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32)
    expected = np.random.default_rng(0).standard_normal(RATE)  # version 1: scaled by its own power, no more
    level, own = (np.sqrt(np.mean(np.square(x, dtype=np.float64))) for x in (wave, expected))
    expected *= float(level) * 10 ** (-17 / 20) / float(own)
    assert WhiteNoise.version == 1
    assert np.array_equal(WhiteNoise(17)(wave, RATE, rng), (wave + expected).astype(np.float32))
