"""The response of a small microphone."""

import numpy as np
import pytest
from ser_audit.perturbations.filters.microphone import RESPONSE, Microphone

RATE = 16000
# 3GPP TS 26.131, table 13: hand-held hands-free UE, wideband, sending; dB on an arbitrary scale
MASK_UPPER = {100: 0, 200: 5, 5000: 5, 6300: 5, 8000: 5}
MASK_LOWER = {200: -5, 5000: -5, 6300: -10}


@pytest.fixture
def measured_db():
    """The gain of a microphone at frequencies, over that at 1 kHz, in dB: an impulse."""

    def measure(db, hz, sampling_rate=RATE):
        impulse = np.eye(1, 4 * sampling_rate, 2 * sampling_rate, dtype=np.float32)[0]
        out = Microphone(db)(impulse, sampling_rate, np.random.default_rng(0))
        spectrum = 20 * np.log10(np.abs(np.fft.rfft(out.astype(np.float64))))  # bins of 1/4 Hz
        return spectrum[4 * np.asarray(hz)] - spectrum[4000]

    return measure


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 48000])
@pytest.mark.parametrize("db", [2, 6, 12, 20])
def test_the_response_goes_through_its_anchors(db, sampling_rate, measured_db):
    anchors = [hz for hz in RESPONSE if hz < sampling_rate / 2]
    expected = [db * RESPONSE[hz] for hz in anchors]
    np.testing.assert_allclose(measured_db(db, anchors, sampling_rate), expected, atol=0.5)


@pytest.mark.parametrize("db", [2, 4, 6, 9, 12, 20])
def test_the_largest_deviation_between_100_hz_and_7_khz_is_the_one_named(db, measured_db):
    assert np.abs(measured_db(db, np.arange(100, 7001))).max() == pytest.approx(db, abs=0.5)


def test_up_to_5_db_a_phone_may_have_it(measured_db):
    for mask, sign in ((MASK_UPPER, 1), (MASK_LOWER, -1)):
        hz = np.arange(min(mask), min(max(mask), 7999) + 1)
        limit = np.interp(np.log(hz), np.log(list(mask)), list(mask.values()))
        assert (sign * (limit - measured_db(5, hz)) >= -0.05).all()
    assert (measured_db(5, np.arange(4000, 4010)) > 3.9).all()  # not flat either


@pytest.mark.shared
def test_speech_keeps_its_rms_and_its_timing(speech, level_db, lag, rng):
    for wave in speech:
        out = Microphone(12)(wave, RATE, rng)
        assert len(out) == len(wave)
        assert level_db(out) == pytest.approx(level_db(wave), abs=1e-4)
        assert lag(wave, out) == 0


def test_a_flat_microphone_changes_nothing(noise, rng):
    np.testing.assert_allclose(Microphone(0)(noise(), RATE, rng), noise(), atol=1e-6)
