"""The pitch probe on vowels and bursts: F0 moves by the semitones, everything else stays."""

import numpy as np
import pytest
from ser_audit.perturbations.probes.pitch import Pitch

RATE = 16000


@pytest.mark.parametrize("voice", [80.0, 120.0, 220.0])
@pytest.mark.parametrize("semitones", [-12, -4, -0.5, 0.5, 4, 12])
def test_f0_moves_by_the_semitones_within_a_tenth_of_one(semitones, voice, vowel, f0, rng):
    out = Pitch(semitones)(vowel(voice), RATE, rng)
    assert 12 * np.log2(f0(out) / voice) == pytest.approx(semitones, abs=0.1)


@pytest.mark.parametrize("sampling_rate", [8000, 44100])
def test_so_it_does_at_other_sampling_rates(sampling_rate, vowel, f0, rng):
    out = Pitch(3)(vowel(120.0, sampling_rate=sampling_rate), sampling_rate, rng)
    assert 12 * np.log2(f0(out, sampling_rate) / 120) == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("semitones", [-4, -2, 2, 4])
def test_the_formants_stay(semitones, vowel, formants, rng):
    out = Pitch(semitones)(vowel(100.0), RATE, rng)
    np.testing.assert_allclose(formants(out), (500, 1500, 2500, 3500), rtol=0.05)


@pytest.mark.parametrize("semitones", [-4, 4])
def test_a_burst_stays_where_it_is_at_its_level(semitones, noise, level_db, rng):
    wave = noise(3.0)
    wave[:RATE] = wave[2 * RATE :] = 0
    out = Pitch(semitones)(wave, RATE, rng)
    assert len(out) == len(wave)
    reached = np.cumsum(np.square(out, dtype=np.float64)) / np.sum(np.square(out, dtype=np.float64))
    for share in (0.02, 0.5, 0.98):
        assert np.searchsorted(reached, share) / RATE == pytest.approx(1 + share, abs=0.015)
    assert level_db(out) == pytest.approx(level_db(wave), abs=0.01)


@pytest.mark.shared
def test_speech_keeps_its_length_its_level_and_its_course(speech, level_db, rng):
    def course(wave):
        return np.sqrt(np.mean(np.square(wave[: len(wave) // 320 * 320].reshape(-1, 320)), axis=1))

    for wave in speech:
        out = Pitch(-3)(wave, RATE, rng)
        assert len(out) == len(wave)
        assert level_db(out) == pytest.approx(level_db(wave), abs=0.01)
        assert np.corrcoef(course(wave), course(out))[0, 1] > 0.95  # of the RMS of 20 ms


def test_no_semitones_change_nothing(vowel, rng):
    np.testing.assert_array_equal(Pitch(0)(vowel(), RATE, rng), vowel())


@pytest.mark.parametrize("seconds", [0.01, 0.05, 60])
def test_short_and_long_waves_survive(seconds, noise, rng):
    out = Pitch(4)(noise(seconds), RATE, rng)
    assert len(out) == round(seconds * RATE)
    assert np.isfinite(out).all()


def test_a_range_is_kept():
    assert Pitch(2.5).id == "pitch@semitones=2.5"
    assert not Pitch(2).label_preserving
    with pytest.raises(ValueError, match="semitones=13 is out of range; it takes -12 to 12 semitones"):
        Pitch(13)
