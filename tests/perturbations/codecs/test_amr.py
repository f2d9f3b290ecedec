"""AMR narrowband: its frames, its delay, its stand-in."""

import numpy as np
import pytest
from ser_audit.perturbations.codecs.amr import CODEC, KBPS, Amr
from ser_audit.perturbations.codecs.gsm import Gsm
from ser_audit.perturbations.codecs.line import pcm
from ser_audit.perturbations.codecs.pyav import decoded, encoded, pyav

RATE = 16000
BITS = (95, 103, 118, 134, 148, 159, 204, 244)  # of a 20 ms frame, by 3GPP TS 26.101

needs_pyav = pytest.mark.skipif(pyav(CODEC) is None, reason="PyAV is not installed")


@needs_pyav
@pytest.mark.parametrize(("kbps", "bits"), list(zip(KBPS, BITS, strict=True)))
def test_frames_have_the_size_of_the_mode(kbps, bits, voice):
    packets, _ = encoded(pcm(voice[::2][:24000]), CODEC, 8000, round(1000 * kbps), {})
    assert bits == pytest.approx(20 * kbps)
    assert {packet.size for packet in packets} == {1 + -(-bits // 8)}  # a byte names the mode
    assert {bytes(packet)[0] >> 3 & 15 for packet in packets} == {KBPS.index(kbps)}
    assert len(packets) == pytest.approx(150, abs=1)


@needs_pyav
def test_another_decoder_hears_the_same(voice):
    packets, _ = encoded(pcm(voice[::2][:24000]), CODEC, 8000, 12200, {})
    ours, theirs = decoded(packets, CODEC, 8000), decoded(packets, "amrnb", 8000) * 32768
    assert np.corrcoef(ours, theirs)[0, 1] > 0.97  # FFmpeg's own, in floating point


@needs_pyav
@pytest.mark.parametrize("kbps", KBPS)
def test_the_delay_is_taken_out(kbps, voice, lag, rng):
    out = Amr(kbps)(voice, RATE, rng)
    assert len(out) == len(voice)
    assert abs(lag(voice, out)) <= 1  # its high-pass at 80 Hz shifts phases, if no envelope


@needs_pyav
def test_the_error_falls_as_the_bit_rate_rises(voice, spectral_error, rng):
    errors = [spectral_error(voice, Amr(kbps)(voice, RATE, rng)) for kbps in (4.75, 5.9, 10.2, 12.2)]
    assert errors == sorted(set(errors), reverse=True)
    assert 2 < errors[-1] < errors[0] < 8


@needs_pyav
@pytest.mark.shared
def test_on_speech_every_mode_is_better_than_the_one_below(speech, spectral_error, above_500_hz, lag, rng):
    errors = []
    for kbps in KBPS:
        outs = [Amr(kbps)(wave, RATE, rng) for wave in speech]
        for wave, out in zip(speech, outs, strict=True):
            assert abs(lag(wave, out)) <= 16  # 1 ms
            assert abs(lag(above_500_hz(wave), above_500_hz(out))) <= 1
        errors.append(np.mean([spectral_error(w, out) for w, out in zip(speech, outs, strict=True)]))
    assert errors == sorted(set(errors), reverse=True)


@needs_pyav
@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100])
def test_the_band_is_that_of_a_telephone(sampling_rate, response_db, voice, band_db, rng):
    assert response_db(Amr(12.2), 1000, sampling_rate) == pytest.approx(0, abs=1)
    out = Amr(12.2)(voice, RATE, rng)
    for low, high in ((300, 1000), (1000, 2000), (2000, 3000)):
        assert band_db(out, low, high) - band_db(voice, low, high) == pytest.approx(0, abs=3)
    assert band_db(out, 4100, 8000) < band_db(out, 300, 3000) - 60


def test_the_level_of_the_recording_does_not_matter(voice, rng):
    np.testing.assert_array_equal(Amr(7.4)(voice / 1024, RATE, rng) * 1024, Amr(7.4)(voice, RATE, rng))


def test_no_state_outlives_a_call(voice, noise, rng):
    first = Amr(4.75)(voice, RATE, rng)
    Amr(12.2)(noise(1), RATE, rng)
    np.testing.assert_array_equal(Amr(4.75)(voice, RATE, rng), first)


@pytest.mark.parametrize("samples", [1, 2, 160, 639, 641])
def test_a_short_wave_keeps_its_length(samples, noise, rng):
    assert len(Amr(4.75)(noise(1)[:samples], RATE, rng)) == samples


@needs_pyav
def test_the_source_names_the_codec():
    import av

    assert Amr(7.4).source == f"AMR-NB (PyAV {av.__version__})"


def test_without_pyav_gsm_stands_in_and_the_source_says_so(without_pyav, voice, rng):
    assert Amr(7.4).source == "GSM 06.10 in place of AMR-NB: pip install 'ser-audit[codecs]'"
    np.testing.assert_array_equal(Amr(7.4)(voice, RATE, rng), Gsm(1)(voice, RATE, rng))


@needs_pyav
def test_a_codec_that_ffmpeg_lacks_counts_as_absent():
    assert pyav("no_such_codec") is None


def test_an_unknown_bit_rate_is_refused():
    with pytest.raises(ValueError, match=r"amr: kbps=8 is no bit rate of AMR-NB; it takes 4\.75, 5\.15"):
        Amr(8)
