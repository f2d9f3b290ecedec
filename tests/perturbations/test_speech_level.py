"""The active speech level of ITU-T P.56."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ser_audit.perturbations.speech_level import active_rms

RATE = 16000


def db(ratio):
    return 20 * np.log10(ratio)


def rms(wave):
    return np.sqrt(np.mean(np.square(wave, dtype=np.float64)))


def definition(wave, sampling_rate):
    """Method B as the Recommendation's clauses go, sample by sample.

    Thresholds of 16-bit audio, 2^-15 to 2^-1 of full scale; the active level in dB of full scale.
    """
    g = np.exp(-1 / (0.03 * sampling_rate))
    hangover = int(np.ceil(0.2 * sampling_rate))
    thresholds = [2.0**-k for k in range(15, 0, -1)]
    count, hung = [0] * 15, [hangover] * 15
    p = q = energy = 0.0
    for x in wave.tolist():
        energy += x * x
        p = g * p + (1 - g) * abs(x)
        q = g * q + (1 - g) * p
        for j, threshold in enumerate(thresholds):
            if q >= threshold:
                count[j] += 1
                hung[j] = 0
            elif hung[j] < hangover:
                count[j] += 1
                hung[j] += 1
    before = None
    for j, threshold in enumerate(thresholds):
        level = 10 * np.log10(energy / count[j])
        margin = level - 20 * np.log10(threshold)
        if margin <= 15.9:
            share = (before[1] - 15.9) / (before[1] - margin)
            return before[0] + share * (level - before[0])
        before = level, margin
    raise AssertionError("no threshold is 15.9 dB below the level")


@pytest.mark.shared
@pytest.mark.parametrize("gain", [1.0, 1.3, 4.7])
def test_it_is_the_definition_s_level(speech, gain):
    for wave in speech[::2]:
        wave = wave[: 3 * RATE].astype(np.float64) * gain
        assert db(active_rms(wave, RATE)) == pytest.approx(definition(wave, RATE), abs=1e-6)


@pytest.mark.parametrize("seconds", [1.0, 2.0, 60.0])
def test_noise_of_constant_level_has_the_level_of_its_rms(noise, seconds):
    wave = noise(seconds)
    assert db(active_rms(wave, RATE) / rms(wave)) == pytest.approx(0, abs=0.2)


def test_a_pause_as_long_as_the_speech_leaves_the_level(noise):
    wave = noise(4)
    paused = np.concatenate([wave[:30000], np.zeros(len(wave), np.float32), wave[30000:]])
    assert db(rms(paused) / rms(wave)) == pytest.approx(-3.01, abs=0.01)
    assert db(active_rms(paused, RATE) / active_rms(wave, RATE)) == pytest.approx(0, abs=0.5)


def test_pauses_within_the_hangover_are_speech(noise):
    wave = noise(10)
    for start in range(0, len(wave), 3200):  # 100 ms of every 200
        wave[start : start + 1600] = 0
    assert db(active_rms(wave, RATE) / rms(wave)) == pytest.approx(0, abs=0.1)


@pytest.mark.shared
def test_speech_lies_above_its_rms(speech):
    above = [db(active_rms(wave, RATE) / rms(wave)) for wave in speech]
    assert min(above) > 0.1
    assert 2 < max(above) < 6  # ravdess has a second of silence around each sentence


@pytest.mark.parametrize("exponent", [-20, -7, 1, 13])
def test_a_gain_of_a_power_of_two_is_a_factor_to_the_last_bit(noise, exponent):
    wave = noise(1) * np.repeat(np.float32([0, 1, 0.1, 0.01]), RATE // 4)
    assert active_rms(wave * np.float32(2.0**exponent), RATE) == active_rms(wave, RATE) * 2.0**exponent


@settings(deadline=None)
@given(db_gain=st.floats(-80, 20))
def test_any_gain_is_that_gain_as_far_as_the_thresholds_lie_apart(noise, db_gain):
    wave = noise(1).astype(np.float64) * np.repeat([0, 1, 0.1, 0.01], RATE // 4)
    louder = active_rms(wave * 10 ** (db_gain / 20), RATE)
    assert db(louder / active_rms(wave, RATE)) == pytest.approx(db_gain, abs=0.5)


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100, 48000])
def test_the_level_is_that_of_the_sound_at_any_sampling_rate(tone, sampling_rate):
    sine = tone(220, 10, sampling_rate=sampling_rate)
    paused = np.append(sine, np.zeros(len(sine), np.float32))
    assert db(active_rms(paused, sampling_rate) / rms(sine)) == pytest.approx(-0.05, abs=0.1)


@pytest.mark.parametrize("seconds", [0.01, 0.05, 0.2])
def test_a_wave_not_longer_than_the_hangover_has_the_level_of_its_rms(noise, seconds):
    wave = noise(seconds)
    assert active_rms(wave, RATE) == rms(wave)


def test_an_impulse_has_the_level_of_its_rms():
    wave = np.eye(1, 2 * RATE, 400, dtype=np.float32)[0]
    assert active_rms(wave, RATE) == rms(wave)


def test_dc_has_its_own_level():
    assert db(active_rms(np.full(RATE, 0.5, np.float32), RATE)) == pytest.approx(db(0.5), abs=0.2)


def test_a_recording_that_ends_at_its_loudest_is_measured_over_its_active_part(noise):
    wave = noise(10) * np.float32(0.001)
    wave[-4 * RATE :] *= np.linspace(500, 1500, 4 * RATE, dtype=np.float32)
    assert db(active_rms(wave, RATE) / rms(wave[-4 * RATE :])) == pytest.approx(0, abs=0.3)


def test_silence_has_the_level_0():
    assert active_rms(np.zeros(RATE, np.float32), RATE) == 0
