"""GSM 06.10, once and in tandem."""

import numpy as np
import pytest
import soxr
from ser_audit.perturbations.codecs.gsm import RATE as LINE_RATE
from ser_audit.perturbations.codecs.gsm import Gsm
from ser_audit.perturbations.codecs.libsndfile import encoded

RATE = 16000


def test_the_bit_rate_is_13_kbit_per_second():
    silence = np.zeros(10 * LINE_RATE, np.int16)
    longer = np.zeros(20 * LINE_RATE, np.int16)
    files = [encoded(wave, LINE_RATE, "WAV", "GSM610") for wave in (silence, longer)]
    assert 8 * (len(files[1]) - len(files[0])) / 10 == 13000


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100, 48000])
def test_a_voice_stays_in_place(sampling_rate, voice, lag, level_db, rng):
    wave = soxr.resample(voice, RATE, sampling_rate)
    out = Gsm(1)(wave, sampling_rate, rng)
    assert len(out) == len(wave)
    assert abs(lag(wave, out)) <= sampling_rate / 8000
    assert level_db(out) - level_db(wave) == pytest.approx(0, abs=1)


def test_the_band_ends_below_4_khz(noise, band_db, rng):
    wave = noise(3)
    out = Gsm(1)(wave, RATE, rng)
    assert band_db(out, 300, 3000) - band_db(wave, 300, 3000) == pytest.approx(0, abs=2)
    assert band_db(out, 4100, 8000) < band_db(wave, 4100, 8000) - 60


def test_each_coding_adds_to_the_error(voice, spectral_error, level_db, lag, rng):
    outs = [Gsm(passes)(voice, RATE, rng) for passes in (1, 2, 3, 4, 5)]
    assert [lag(voice, out) for out in outs] == [0] * 5
    for errors in ([level_db(out - voice) for out in outs], [spectral_error(voice, out) for out in outs]):
        assert errors == sorted(set(errors))
    assert 3 < spectral_error(voice, outs[0]) < 6


@pytest.mark.shared
def test_speech_stays_in_place(speech, lag, rng):
    for wave in speech:
        assert abs(lag(wave, Gsm(1)(wave, RATE, rng))) <= 1


def test_the_level_of_the_recording_does_not_matter(voice, rng):
    np.testing.assert_array_equal(Gsm(1)(voice / 1024, RATE, rng) * 1024, Gsm(1)(voice, RATE, rng))


def test_no_state_outlives_a_call(voice, noise, rng):
    first = Gsm(2)(voice, RATE, rng)
    Gsm(2)(noise(1), RATE, rng)
    np.testing.assert_array_equal(Gsm(2)(voice, RATE, rng), first)


@pytest.mark.parametrize("passes", [0, 6, 1.5])
def test_passes_are_whole_numbers_from_1_to_5(passes):
    with pytest.raises(ValueError, match=f"gsm: passes={passes} is no number of codings in tandem"):
        Gsm(passes)
