"""The telephone line on pure tones and speech."""

import numpy as np
import pytest
from ser_audit.perturbations.codecs.telephone import Telephone

RATE = 16000


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 48000])
def test_the_band_is_300_to_3400_hz(sampling_rate, response_db):
    line = Telephone()
    assert response_db(line, 1000, sampling_rate) == pytest.approx(0, abs=0.2)
    assert response_db(line, 300, sampling_rate) == pytest.approx(-3, abs=0.5)
    assert response_db(line, 3400, sampling_rate) == pytest.approx(-3, abs=0.5)
    assert response_db(line, 200, sampling_rate) < -29
    assert response_db(line, 100, sampling_rate) < -60
    if sampling_rate > 8000:
        assert response_db(line, 5000, sampling_rate) < -60


def test_the_codec_is_heard(tone, level_db, rng):
    out = Telephone()(tone(1000), RATE, rng)[RATE:]
    spectrum = np.abs(np.fft.rfft(out)) ** 2
    rest = spectrum.sum() - spectrum[998:1003].sum()
    assert 30 < 10 * np.log10(spectrum.sum() / rest) < 45  # 60 and more without quantisation


def test_a_soft_recording_is_not_quantised_away(tone, rng):
    loud = Telephone()(tone(1000, amplitude=0.5), RATE, rng)
    soft = Telephone()(tone(1000, amplitude=0.5 / 1024), RATE, rng)  # −66 dBFS
    np.testing.assert_array_equal(soft * 1024, loud)


@pytest.mark.shared
def test_speech_keeps_its_timing_and_loses_its_band(speech, lag, level_db, rng):
    for wave in speech:
        out = Telephone()(wave, RATE, rng)
        assert abs(lag(wave, out)) <= RATE // 200  # the causal band-pass delays its lower edge by some ms
        power = np.abs(np.fft.rfft(out)) ** 2
        hz = np.fft.rfftfreq(len(out), 1 / RATE)
        assert power[hz > 4100].sum() < 1e-4 * power.sum()
        assert power[hz < 150].sum() < 1e-3 * power.sum()


def test_a_sampling_rate_below_the_line_is_refused(tone, rng):
    with pytest.raises(ValueError, match="telephone takes waves of 8000 Hz or more, not of 6000 Hz"):
        Telephone()(tone(100), 6000, rng)
