"""A faint tone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ser_audit.perturbations.noises.tone import Tone

RATE = 16000


@settings(deadline=None)
@given(hz=st.floats(100, 7000), snr_db=st.floats(0, 60), seed=st.integers(0, 99))
def test_the_peaks_have_the_ratio_named(hz, snr_db, seed, noise, added):
    wave = noise(1)
    sine = added(Tone(hz, snr_db), wave, seed=seed)
    peak = np.sqrt(2 * np.mean(sine**2))  # of a sine, however few samples hit its crest
    assert 20 * np.log10(np.abs(wave).max() / peak) == pytest.approx(snr_db, abs=0.1)


@pytest.mark.parametrize("hz", [440, 5000, 6999])
def test_it_is_one_sine_of_that_frequency(hz, noise, added):
    sine = added(Tone(hz, 20), noise(2))
    power = np.abs(np.fft.rfft(sine * np.hanning(len(sine)))) ** 2
    assert np.argmax(power) / 2 == hz
    near = slice(2 * hz - 3, 2 * hz + 4)
    assert power[near].sum() > (1 - 1e-6) * power.sum()


def test_the_phase_is_drawn(noise, added):
    wave = noise(1)
    phases = [np.angle(np.fft.rfft(added(Tone(1000, 20), wave, seed=seed))[1000]) for seed in range(40)]
    assert abs(np.mean(np.exp(1j * np.array(phases)))) < 0.5  # .16 expected of uniform ones
    assert np.ptp(phases) > 4


def test_the_level_of_the_recording_is_the_level_of_the_tone(noise, added):
    wave = noise(1)
    faint = wave * np.float32(0.001)
    assert added(Tone(5000, 20), faint) * 1000 == pytest.approx(added(Tone(5000, 20), wave), abs=1e-5)


def test_what_cannot_be_is_refused(tone, rng):
    with pytest.raises(
        ValueError, match="no tone of 5000 Hz at a sampling rate of 8000 Hz; .* below 4000 Hz"
    ):
        Tone(5000, 40)(tone(220, sampling_rate=8000), 8000, rng)
    with pytest.raises(ValueError, match="noise.tone@hz=5000,peak_snr_db=40: the utterance is silent"):
        Tone(5000, 40)(np.zeros(RATE, np.float32), RATE, rng)
    with pytest.raises(ValueError, match="noise.tone: hz=19 is out of range"):
        Tone(19, 40)
    with pytest.raises(ValueError, match="noise.tone: peak_snr_db=81 is out of range"):
        Tone(100, 81)
