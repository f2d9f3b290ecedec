"""Vorbis on noise and a voice."""

import numpy as np
import pytest
from ser_audit.perturbations.codecs.libsndfile import BLOCK, encoded, recoded
from ser_audit.perturbations.codecs.line import pcm
from ser_audit.perturbations.codecs.vorbis import Vorbis

RATE = 16000
QUALITIES = (0, 0.2, 0.4, 0.6, 0.8, 1)


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize("seconds", [0.01, 0.05, 0.7331, 3.0])
def test_the_length_and_the_timing_stay(seconds, sampling_rate, noise, lag, rng):
    wave = noise(seconds)
    out = Vorbis(0.4)(wave, sampling_rate, rng)
    assert len(out) == len(wave)
    assert lag(wave, out) == 0


def test_the_error_falls_and_the_bit_rate_rises_with_the_quality(voice, level_db, rng):
    snr = [level_db(voice) - level_db(Vorbis(quality)(voice, RATE, rng) - voice) for quality in QUALITIES]
    size = [len(encoded(pcm(voice), RATE, "OGG", "VORBIS", compression_level=1 - q)) for q in QUALITIES]
    assert snr == sorted(set(snr))
    assert size == sorted(set(size))
    assert 10 < snr[0] < 20
    assert snr[-1] > 28


def test_the_band_stays_in_place(noise, band_db, rng):
    wave = noise(3)
    out = Vorbis(0.4)(wave, RATE, rng)
    for low, high in ((100, 1000), (1000, 4000), (4000, 7000)):
        assert band_db(out, low, high) - band_db(wave, low, high) == pytest.approx(0, abs=1)


def test_the_serial_number_of_the_file_is_not_heard(voice, rng):
    one, other = (encoded(pcm(voice), RATE, "OGG", "VORBIS", compression_level=0.5) for _ in range(2))
    assert one[:14] == other[:14]
    assert one[14:18] != other[14:18]  # RFC 3533: the serial number of the logical bitstream
    np.testing.assert_array_equal(Vorbis(0.5)(voice, RATE, rng), Vorbis(0.5)(voice, RATE, rng))


def test_blocks_leave_no_seam(noise):
    wave = noise(12)
    assert len(wave) > 2 * BLOCK
    coded = recoded(pcm(wave), RATE, "OGG", "VORBIS", compression_level=0)
    error = coded - wave
    seam = np.r_[error[BLOCK - 50 : BLOCK + 50], error[2 * BLOCK - 50 : 2 * BLOCK + 50]]
    assert np.std(seam) < 1.5 * np.std(error)


def test_the_level_of_the_recording_does_not_matter(voice, rng):
    np.testing.assert_array_equal(Vorbis(0)(voice / 1024, RATE, rng) * 1024, Vorbis(0)(voice, RATE, rng))


@pytest.mark.parametrize("quality", [-0.1, 1.1])
def test_a_quality_out_of_range_is_refused(quality):
    with pytest.raises(ValueError, match=r"vorbis: quality=.* is out of range; it takes 0 to 1"):
        Vorbis(quality)
