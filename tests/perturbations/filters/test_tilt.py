"""A spectral tilt."""

import numpy as np
import pytest
from ser_audit.perturbations.filters.tilt import Tilt

RATE = 16000


@pytest.fixture
def between_db(tone):
    """The gain at one frequency over that at another, in dB: both tones at once, as the RMS is restored."""

    def measure(perturbation, hz, other, sampling_rate=RATE):
        wave = sum(tone(f, amplitude=0.3, sampling_rate=sampling_rate) for f in (hz, other))
        out = perturbation(wave, sampling_rate, np.random.default_rng(0))
        middle = out[sampling_rate // 2 : 3 * sampling_rate // 2].astype(np.float64)
        spectrum = np.abs(np.fft.rfft(middle))  # bins of 1 Hz
        return 20 * np.log10(spectrum[hz] / spectrum[other])

    return measure


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 48000])
@pytest.mark.parametrize("slope", [-12, -6, -3, -1, 1, 4.5, 6, 12])
def test_each_octave_from_100_hz_upwards_has_the_slope_named(slope, sampling_rate, between_db):
    for hz in (100, 200, 400, 800, 1600, 3200, 6400, 12800):
        if 2 * hz < sampling_rate / 2:
            step = between_db(Tilt(slope), 2 * hz, hz, sampling_rate)
            assert step == pytest.approx(slope, abs=0.5)


@pytest.mark.parametrize("slope", [-6, 6])
def test_it_is_flat_below_100_hz(slope, between_db):
    assert between_db(Tilt(slope), 25, 100) == pytest.approx(0, abs=0.5)


@pytest.mark.shared
@pytest.mark.parametrize("slope", [-6, 3])
def test_speech_keeps_its_rms_and_its_timing(slope, speech, level_db, lag, rng):
    for wave in speech:
        out = Tilt(slope)(wave, RATE, rng)
        assert len(out) == len(wave)
        assert level_db(out) == pytest.approx(level_db(wave), abs=1e-4)
        assert lag(wave, out) == 0


def test_the_impulse_response_is_symmetric_and_short(rng):
    impulse = np.eye(1, 2 * RATE + 1, RATE, dtype=np.float32)[0]
    out = Tilt(-6)(impulse, RATE, rng)
    assert np.argmax(np.abs(out)) == RATE
    np.testing.assert_allclose(out, out[::-1], atol=1e-6)
    far = np.abs(np.arange(len(out)) - RATE) > 0.02 * RATE
    assert np.abs(out[far]).max() < 10 ** (-55 / 20) * out[RATE]


def test_nothing_wraps_around_the_ends(noise, rng):
    wave = noise(1)
    padded = np.pad(wave, 8 * RATE)
    alone, within = Tilt(-6)(wave, RATE, rng), Tilt(-6)(padded, RATE, rng)[8 * RATE : 9 * RATE]
    within *= np.sqrt(np.mean(alone**2) / np.mean(within**2))
    assert np.abs(alone - within).max() < 1e-4 * np.abs(alone).max()


def test_no_tilt_changes_nothing(noise, rng):
    np.testing.assert_allclose(Tilt(0)(noise(), RATE, rng), noise(), atol=1e-6)
