"""The telephone line on pure tones, and G.711 against its definition."""

import numpy as np
import pytest
from ser_audit.perturbations.telephone import Telephone, g711

RATE = 16000


def codebook() -> np.ndarray:
    """The 255 levels of µ-law by ITU-T G.711: ((2 m + 33) 2^s − 33) / 8192 for mantissa m and segment s."""
    mantissa, segment = np.meshgrid(np.arange(16), np.arange(8))
    levels = ((2 * mantissa + 33) * 2.0**segment - 33) / 8192
    return np.unique([levels, -levels])


def test_g711_gives_the_levels_of_the_recommendation_and_errs_by_half_a_step():
    levels = codebook()
    assert len(levels) == 255
    wave = np.linspace(-1, 1, 40001).astype(np.float32)
    coded = g711(wave)
    assert set(coded.tolist()) == set(levels.tolist())
    segment = np.floor(np.log2((np.abs(coded) * 8192 + 33) / 33 + 1e-6))
    step = 2 * 2.0**segment / 8192
    held = np.abs(wave) < 8159 / 8192  # the largest decision value
    assert np.max((np.abs(coded - wave) - step / 2)[held]) <= 1 / 16384  # the rounding of its 14-bit input


def test_g711_keeps_38_db_of_signal_to_noise_ratio_over_26_db_of_level(noise, level_db):
    for level in (0.01, 0.05, 0.1, 0.2):
        wave = np.clip(noise(level=level), -0.98, 0.98)
        snr = level_db(wave) - level_db(g711(wave) - wave)
        assert snr > 33
    assert snr == pytest.approx(38, abs=1)  # the textbook figure of 8-bit µ-law


def test_g711_refuses_what_it_would_wrap_around():
    with pytest.raises(ValueError, match=r"within ±1; the peak is 1.400"):
        g711(np.array([0.1, 1.4], np.float32))


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
