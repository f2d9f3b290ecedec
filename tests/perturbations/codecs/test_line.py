"""What codecs share: levels, rates, 16-bit samples."""

import numpy as np
import pytest
from ser_audit.perturbations.codecs.line import at_peak, pcm, require_known, through


def test_a_coder_meets_the_peak_and_its_gain_is_undone(noise):
    met = []

    def coder(wave):
        met.append(np.abs(wave).max())
        return wave

    for scale in (1, 1 / 1024, 64):
        wave = noise(0.1) * np.float32(scale)
        np.testing.assert_allclose(at_peak(wave, -3, coder), wave, rtol=1e-6)
    np.testing.assert_allclose(met, 10 ** (-3 / 20), rtol=1e-6)


def test_silence_meets_a_coder_as_it_is():
    silence = np.zeros(100, np.float32)
    np.testing.assert_array_equal(at_peak(silence, -3, lambda wave: wave + 0.5), silence + 0.5)


@pytest.mark.parametrize("sampling_rate", [6000, 8000, 11025, 16000, 44100])
def test_a_coder_at_another_rate_costs_neither_length_nor_timing(sampling_rate, tone, lag):
    wave = tone(1000, 1.0007, sampling_rate=sampling_rate)
    lengths = []

    def coder(line):
        lengths.append(len(line))
        return line

    out = through(wave, sampling_rate, 8000, -3, coder)
    assert lengths == [pytest.approx(8006, abs=1)]
    assert out.dtype == np.float32
    assert len(out) == len(wave)
    middle = slice(sampling_rate // 10, -sampling_rate // 10)
    np.testing.assert_allclose(out[middle], wave[middle], atol=1e-4)


def test_samples_of_16_bits_are_rounded_and_held():
    wave = np.array([0, 0.5, -0.5, 1.4 / 32768, 1.6 / 32768, 1, -1, 7, -7], np.float32)
    assert pcm(wave).tolist() == [0, 16384, -16384, 1, 2, 32767, -32768, 32767, -32768]


def test_an_unknown_setting_is_refused_with_the_known_ones():
    require_known("x", "kbps", 8, (8, 12.5), "bit rate")
    with pytest.raises(ValueError, match=r"x: kbps=9 is no bit rate; it takes 8, 12\.5"):
        require_known("x", "kbps", 9, (8, 12.5), "bit rate")
    with pytest.raises(ValueError, match="kbps=nan is no"):
        require_known("x", "kbps", float("nan"), (8,), "bit rate")
