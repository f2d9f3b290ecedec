"""The formants probe on vowels: resonances move by the factor, F0, duration and level stay."""

import numpy as np
import pytest
from ser_audit.perturbations.probes.formants import Formants

RATE = 16000
FACTORS = (0.8, 0.9, 0.97, 1.03, 1.1, 1.25)


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("voice", [0.0, 90.0, 100.0])  # higher ones have no harmonic near each formant
def test_formants_move_by_the_factor_within_5_percent(factor, voice, vowel, formants, rng):
    out = Formants(factor)(vowel(voice), RATE, rng)
    np.testing.assert_allclose(formants(out)[:4], np.array((500, 1500, 2500, 3500)) * factor, rtol=0.05)


@pytest.mark.parametrize("factor", [0.7, 0.8, 0.9, 1.1, 1.25, 1.4])
@pytest.mark.parametrize("voice", [90.0, 150.0, 250.0])
def test_f0_stays_within_a_thousandth(factor, voice, vowel, f0, rng):
    assert f0(Formants(factor)(vowel(voice), RATE, rng)) == pytest.approx(voice, rel=1e-3)


@pytest.mark.parametrize("sampling_rate", [8000, 44100])
def test_so_they_do_at_other_sampling_rates(sampling_rate, vowel, f0, formants, rng):
    wave = vowel(100.0, (600, 1800), sampling_rate=sampling_rate)
    out = Formants(1.2)(wave, sampling_rate, rng)
    assert f0(out, sampling_rate) == pytest.approx(100, rel=1e-3)
    found = formants(out, sampling_rate)
    assert min(np.abs(found / 720 - 1)) < 0.05
    assert min(np.abs(found / 2160 - 1)) < 0.05


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_pulses_stay_where_they_are(factor, vowel, lag, rng):
    wave = vowel(5.0, seconds=3.0)  # single pulses, 200 ms apart, each ringing for some ms
    out = Formants(factor)(wave, RATE, rng)
    assert len(out) == len(wave)
    assert abs(lag(np.abs(wave), np.abs(out))) <= 0.002 * RATE


@pytest.mark.shared
def test_speech_keeps_length_level_and_the_course_of_it(speech, level_db, rng):
    def course(wave):
        return np.sqrt(np.mean(np.square(wave[: len(wave) // 320 * 320].reshape(-1, 320)), axis=1))

    for wave in speech:
        for factor in (0.85, 1.18):
            out = Formants(factor)(wave, RATE, rng)
            assert len(out) == len(wave)
            assert level_db(out) == pytest.approx(level_db(wave), abs=0.01)
            assert np.corrcoef(course(wave), course(out))[0, 1] > 0.98  # of the RMS of 20 ms


def test_a_factor_of_nearly_1_changes_nearly_nothing_and_1_nothing(vowel, level_db, rng):
    wave = vowel()
    np.testing.assert_array_equal(Formants(1)(wave, RATE, rng), wave)
    assert level_db(Formants(1 + 1e-6)(wave, RATE, rng) - wave) < level_db(wave) - 60


@pytest.mark.parametrize("seconds", [0.01, 0.05, 60])
def test_silence_and_short_and_long_waves_survive(seconds, noise, rng):
    assert not Formants(1.2)(np.zeros(round(seconds * RATE), np.float32), RATE, rng).any()
    out = Formants(1.2)(noise(seconds), RATE, rng)
    assert len(out) == round(seconds * RATE)
    assert np.isfinite(out).all()


def test_a_range_is_kept():
    assert not Formants(1.1).label_preserving
    with pytest.raises(ValueError, match=r"factor=1.5 is out of range; it takes 0.7 to 1.4 times the freq"):
        Formants(1.5)
