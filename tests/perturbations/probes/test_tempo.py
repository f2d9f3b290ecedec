"""The tempo probe: exact durations, everything in its place, F0 and formants kept."""

import numpy as np
import pytest
from ser_audit.perturbations.probes.tempo import Tempo

RATE = 16000
FACTORS = (0.25, 0.6, 0.95, 1.25, 1.67, 4)


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("samples", [160, 800, 16001, 33333])
def test_the_duration_is_exact(factor, samples, noise, rng):
    wave = noise(3.0)[:samples]
    assert len(Tempo(factor)(wave, RATE, rng)) == round(samples / factor)


@pytest.mark.parametrize("voice", [65.0, 120.0, 220.0])
@pytest.mark.parametrize("factor", FACTORS)
def test_f0_and_formants_stay(factor, voice, vowel, f0, formants, rng):
    wave = vowel(voice, seconds=4.0)
    out = Tempo(factor)(wave, RATE, rng)
    assert 12 * np.log2(f0(out) / voice) == pytest.approx(0, abs=0.05)
    if voice < 200:  # above, harmonics are too far apart to tell
        np.testing.assert_allclose(formants(out), (500, 1500, 2500, 3500), rtol=0.05)


@pytest.mark.parametrize("sampling_rate", [8000, 44100])
def test_so_they_do_at_other_sampling_rates(sampling_rate, vowel, f0, rng):
    out = Tempo(1.25)(vowel(120.0, sampling_rate=sampling_rate), sampling_rate, rng)
    assert f0(out, sampling_rate) == pytest.approx(120, rel=0.003)


@pytest.mark.parametrize("factor", [0.25, 0.6, 1.25, 1.67, 4])
def test_an_impulse_lies_where_it_should_within_10_ms(factor, rng):
    wave = np.zeros(3 * RATE, np.float32)
    wave[RATE] = 0.5
    out = np.square(Tempo(factor)(wave, RATE, rng), dtype=np.float64)
    centre = np.sum(np.arange(len(out)) * out) / np.sum(out)
    assert centre / RATE == pytest.approx(1 / factor, abs=0.01)


@pytest.mark.parametrize("factor", FACTORS)
def test_the_level_stays(factor, noise, level_db, rng):
    assert level_db(Tempo(factor)(noise(), RATE, rng)) == pytest.approx(level_db(noise()), abs=0.01)


def test_the_same_generator_gives_the_same_bytes_where_phases_are_drawn(noise):
    outs = [Tempo(0.25)(noise(), RATE, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(outs[0], outs[1])
    assert not np.array_equal(outs[0], outs[2])


def test_silence_stays_silent_and_60_s_survive(noise, rng):
    assert not Tempo(0.5)(np.zeros(RATE, np.float32), RATE, rng).any()
    assert np.isfinite(Tempo(1.25)(noise(60.0), RATE, rng)).all()


def test_a_wave_of_which_nothing_is_left_is_refused(rng):
    with pytest.raises(ValueError, match="tempo@factor=4: 2 samples are too short to be made 4 times as f"):
        Tempo(4)(np.ones(2, np.float32), RATE, rng)


def test_a_factor_of_1_changes_nothing_and_a_range_is_kept(noise, rng):
    np.testing.assert_array_equal(Tempo(1)(noise(), RATE, rng), noise())
    assert not Tempo(1).label_preserving
    with pytest.raises(ValueError, match=r"factor=0.2 is out of range; it takes 0.25 to 4 times as fast"):
        Tempo(0.2)
