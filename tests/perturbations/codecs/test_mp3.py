"""MP3 on noise, tones and speech."""

import numpy as np
import pytest
from ser_audit.perturbations.codecs.mp3 import Mp3

RATE = 16000


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.7331, 3.0])
@pytest.mark.parametrize("kbps", [8, 16, 64])
def test_the_length_and_the_timing_stay(kbps, seconds, noise, lag, rng):
    wave = noise(seconds)
    out = Mp3(kbps)(wave, RATE, rng)
    assert len(out) == len(wave)
    assert lag(wave, out) == 0


@pytest.mark.parametrize("sampling_rate", [8000, 12345, 22050, 44100, 48000, 96000])
@pytest.mark.parametrize("kbps", [16, 320])
def test_every_sampling_rate_is_taken(kbps, sampling_rate, tone, lag, level_db, rng):
    wave = tone(1000, sampling_rate=sampling_rate) * np.hanning(2 * sampling_rate).astype(np.float32)
    out = Mp3(kbps)(wave, sampling_rate, rng)
    assert len(out) == len(wave)
    assert lag(wave, out) == 0
    by_lame = -0.45 if kbps == 16 else 0  # it scales by .95 at low bit rates
    assert level_db(out) - level_db(wave) == pytest.approx(by_lame, abs=0.05)


@pytest.mark.parametrize(("kbps", "edge"), [(8, 3500), (16, 6000), (32, 7500)])
def test_the_band_is_limited(kbps, edge, noise, rng):
    out = Mp3(kbps)(noise(3), RATE, rng)
    power = np.abs(np.fft.rfft(out * np.hanning(len(out)))) ** 2
    hz = np.fft.rfftfreq(len(out), 1 / RATE)
    inside, outside = power[(hz > 500) & (hz < 2000)].mean(), power[hz > edge].mean()
    assert 10 * np.log10(outside / inside) < -60
    assert power[(hz > 1000) & (hz < edge - 1500)].mean() > inside / 2


@pytest.mark.shared
def test_speech_is_coded_worse_at_a_lower_bit_rate(speech, lag, level_db, rng):
    for wave in speech:
        outs = [Mp3(kbps)(wave, RATE, rng) for kbps in (8, 16, 32)]
        assert [lag(wave, out) for out in outs] == [0, 0, 0]
        snr = [level_db(wave) - level_db(out - wave) for out in outs]
        assert snr == sorted(snr)
        assert 5 < snr[0] < snr[2] < 40


def test_the_level_of_the_recording_does_not_matter(noise, rng):
    wave = noise(1)
    np.testing.assert_array_equal(Mp3(16)(wave / 1024, RATE, rng) * 1024, Mp3(16)(wave, RATE, rng))
