"""Opus: its packets, its mode, its delay, its stand-in."""

import numpy as np
import pytest
import soxr
from ser_audit.perturbations.codecs.libsndfile import encoded as file_of
from ser_audit.perturbations.codecs.line import pcm
from ser_audit.perturbations.codecs.opus import CODEC, OPTIONS, Opus
from ser_audit.perturbations.codecs.pyav import encoded, pyav

RATE = 16000
KBPS = (6, 8, 16, 24, 32, 64)  # between 12 and 14 the band widens, and the error within the old band grows

needs_pyav = pytest.mark.skipif(pyav(CODEC) is None, reason="PyAV is not installed")


@needs_pyav
@pytest.mark.parametrize("kbps", KBPS)
@pytest.mark.parametrize("rate", [8000, 12000, 16000])
def test_packets_are_of_20_ms_at_a_constant_bit_rate_in_the_mode_of_speech(kbps, rate, voice, noise):
    for wave in (voice, noise(3)):
        packets, header = encoded(pcm(wave[: 3 * rate]), CODEC, rate, 1000 * kbps, OPTIONS)
        assert {packet.size for packet in packets} == {1000 * kbps // 50 // 8}
        assert len(packets) == pytest.approx(150, abs=1)
        configurations = {bytes(packet)[0] >> 3 for packet in packets}
        assert configurations <= {1, 5, 9}  # RFC 6716, table 2: SILK, 20 ms, narrow to wide band
        assert header[:8] == b"OpusHead"


@needs_pyav
@pytest.mark.parametrize("kbps", KBPS)
def test_the_delay_is_taken_out(kbps, voice, lag, rng):
    out = Opus(kbps)(voice, RATE, rng)
    assert len(out) == len(voice)
    assert abs(lag(voice, out)) <= 1  # its high-pass shifts the phases of low harmonics, if no envelope


@needs_pyav
@pytest.mark.parametrize("sampling_rate", [6000, 8000, 11025, 16000, 24000, 44100, 48000])
def test_every_sampling_rate_is_taken(sampling_rate, voice, lag, level_db, rng):
    wave = soxr.resample(voice, RATE, sampling_rate)
    out = Opus(24)(wave, sampling_rate, rng)
    assert len(out) == len(wave)
    assert abs(lag(wave, out)) <= sampling_rate / 8000
    assert level_db(out) - level_db(wave) == pytest.approx(0, abs=1)


@needs_pyav
def test_the_band_is_narrow_at_6_kbps_and_ends_at_8_khz(noise, band_db, rng):
    wave = noise(3)
    narrow, wide = Opus(6)(wave, RATE, rng), Opus(32)(wave, RATE, rng)
    assert band_db(narrow, 4500, 8000) < band_db(wave, 4500, 8000) - 40
    assert band_db(wide, 4500, 7500) - band_db(wave, 4500, 7500) == pytest.approx(0, abs=4)
    assert band_db(wide, 300, 3000) - band_db(wave, 300, 3000) == pytest.approx(0, abs=3)
    out = Opus(64)(wave, 48000, rng)  # as if its rate were 48 kHz
    assert band_db(out, 8500, 24000, 48000) < band_db(out, 300, 3000, 48000) - 60


@needs_pyav
def test_the_error_falls_as_the_bit_rate_rises(voice, spectral_error, rng):
    errors = [spectral_error(voice, Opus(kbps)(voice, RATE, rng)) for kbps in KBPS[:-1]]
    assert errors == sorted(set(errors), reverse=True)
    assert errors[-1] < 1.5
    assert errors[0] > 3


@needs_pyav
@pytest.mark.shared
def test_on_speech_a_higher_bit_rate_is_better(speech, spectral_error, above_500_hz, lag, rng):
    errors = []
    for kbps in KBPS:
        outs = [Opus(kbps)(wave, RATE, rng) for wave in speech]
        for wave, out in zip(speech, outs, strict=True):
            assert abs(lag(wave, out)) <= 16  # 1 ms
            assert abs(lag(above_500_hz(wave), above_500_hz(out))) <= 1
        errors.append(np.mean([spectral_error(w, out) for w, out in zip(speech, outs, strict=True)]))
    assert errors == sorted(set(errors), reverse=True)


def test_the_level_of_the_recording_does_not_matter(voice, rng):
    np.testing.assert_array_equal(Opus(12)(voice / 1024, RATE, rng) * 1024, Opus(12)(voice, RATE, rng))


def test_no_state_outlives_a_call(voice, noise, rng):
    first = Opus(12)(voice, RATE, rng)
    Opus(32)(noise(1), RATE, rng)
    np.testing.assert_array_equal(Opus(12)(voice, RATE, rng), first)


@pytest.mark.parametrize("samples", [1, 2, 160, 319, 321])
def test_a_short_wave_keeps_its_length(samples, noise, rng):
    assert len(Opus(12)(noise(1)[:samples], RATE, rng)) == samples


@needs_pyav
def test_the_source_names_the_codec():
    import av

    assert Opus(12).source == f"libopus (PyAV {av.__version__})"


def test_without_pyav_libsndfile_stands_in_and_the_source_says_so(without_pyav, voice, lag, rng):
    source = "Opus of libsndfile, of variable bit rate, in place of libopus"
    assert Opus(12).source == f"{source}: pip install 'ser-audit[codecs]'"
    for sampling_rate in (11025, 16000, 44100):
        out = Opus(12)(voice, sampling_rate, rng)
        assert len(out) == len(voice)
        assert abs(lag(voice, out)) <= sampling_rate // 8000
    np.testing.assert_array_equal(Opus(12)(voice, RATE, rng), Opus(12)(voice, RATE, rng))
    assert len(Opus(12)(voice[:1], 44100, rng)) == 1


@pytest.mark.parametrize("kbps", [16, 32, 64])
def test_the_stand_in_has_about_the_bit_rate(kbps, noise):
    short, long = (
        file_of(pcm(noise(seconds)), RATE, "OGG", "OPUS", compression_level=1 - (kbps - 6) / 250)
        for seconds in (2, 6)
    )
    assert 8 * (len(long) - len(short)) / 4000 == pytest.approx(kbps, rel=0.35)


@pytest.mark.parametrize("kbps", [5, 65])
def test_a_bit_rate_out_of_range_is_refused(kbps):
    with pytest.raises(ValueError, match=f"opus: kbps={kbps} is out of range; it takes 6 to 64 kbit/s"):
        Opus(kbps)
