"""The poor telephone: its compressor, its hiss, its level."""

from fractions import Fraction

import numpy as np
import pytest
from ser_audit.perturbations.codecs import poor_telephone
from ser_audit.perturbations.codecs.amr import CODEC, Amr
from ser_audit.perturbations.codecs.poor_telephone import PoorTelephone, compressed
from ser_audit.perturbations.codecs.pyav import pyav
from ser_audit.perturbations.generators.coloured import coloured

RATE = 16000

needs_pyav = pytest.mark.skipif(pyav(CODEC) is None, reason="PyAV is not installed")


def companded(wave, points):
    """Float32 (samples,) through FFmpeg's ``compand``, after SoX's."""
    import av

    graph = av.filter.Graph()
    rate = f"sample_rate={RATE}:sample_fmt=flt:channel_layout=mono:time_base=1/{RATE}"
    source, sink = graph.add("abuffer", rate), graph.add("abuffersink")
    compand = graph.add("compand", f"attacks=0.01:decays=0.02:points={points}:soft-knee=4")
    source.link_to(compand)
    compand.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(wave[np.newaxis], format="flt", layout="mono")
    frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), 0
    graph.push(frame)
    graph.push(None)
    parts = []
    while True:
        try:
            parts.append(graph.pull().to_ndarray()[0])
        except av.error.EOFError:
            return np.concatenate(parts)


@needs_pyav
def test_the_compressor_is_that_of_sox_but_for_4_db(voice):
    wave = voice / np.abs(voice).max()
    theirs = companded(wave, "-20/-16|0/0")
    ours = compressed(wave.astype(np.float64), RATE) * 10 ** (4 / 20)
    loud = np.abs(wave) > 0.01
    ratio = 20 * np.log10(np.abs(theirs[loud]) / np.abs(ours[loud]))
    assert np.abs(ratio).max() < 0.1
    applied = 20 * np.log10(np.abs(theirs[loud]) / np.abs(wave[loud]))
    assert applied.min() < 1 < 3.9 < applied.max()


@pytest.mark.parametrize(("dbfs", "reduction"), [(-40, 0), (-24, 0), (-16, 0.8), (-10, 2), (-5, 3)])
def test_above_the_threshold_and_its_knee_5_db_become_4(dbfs, reduction):
    wave = np.full(RATE, 10 ** (dbfs / 20))
    out = compressed(wave, RATE)
    assert 20 * np.log10(wave[-1] / out[-1]) == pytest.approx(reduction, abs=1e-6)


def test_the_rms_and_the_timing_stay(voice, level_db, lag, rng):
    out = PoorTelephone()(voice, RATE, rng)
    assert len(out) == len(voice)
    assert level_db(out) == pytest.approx(level_db(voice), abs=1e-4)
    assert abs(lag(voice, out)) <= 1


def test_the_hiss_is_pink_noise_of_minus_25_dbfs_above_3_khz(monkeypatch, voice, rng):
    from scipy.signal import butter, sosfilt

    monkeypatch.setattr(poor_telephone, "amr", lambda line, kbps: line)
    out = PoorTelephone()(voice, RATE, rng).astype(np.float64)
    pink = coloured(len(voice), 1, RATE, np.random.default_rng(0)).astype(np.float64)
    pink *= 10 ** (-25 / 20) / np.abs(pink).max()
    hiss = sosfilt(butter(2, 3000, "highpass", fs=RATE, output="sos"), pink)
    spectrum, expected = np.fft.rfft(out), np.fft.rfft(hiss)
    above = np.fft.rfftfreq(len(out), 1 / RATE) > 4200  # all the speech lies below
    scale = np.vdot(expected[above], spectrum[above]).real / np.vdot(expected[above], expected[above]).real
    rest = spectrum[above] / scale - expected[above]
    assert 20 * np.log10(np.linalg.norm(rest) / np.linalg.norm(expected[above])) < -40
    assert np.abs(out / scale - hiss).max() == pytest.approx(1, abs=1e-3)  # speech at full scale


@needs_pyav
def test_the_codec_is_amr_at_7400_bits_per_second(monkeypatch, voice, rng):
    rates = []
    amr = poor_telephone.amr
    monkeypatch.setattr(poor_telephone, "amr", lambda line, kbps: rates.append(kbps) or amr(line, kbps))
    PoorTelephone()(voice, RATE, rng)
    assert rates == [7.4]


def test_above_4_khz_there_is_the_hiss_where_the_codec_leaves_nothing(voice, band_db, rng):
    codec, out = Amr(7.4)(voice, RATE, rng), PoorTelephone()(voice, RATE, rng)
    assert band_db(out, 4200, 8000) > band_db(codec, 4200, 8000) + 40
    assert band_db(out, 300, 3000) == pytest.approx(band_db(codec, 300, 3000), abs=3)


def test_the_level_of_the_recording_does_not_matter(voice):
    loud, soft = (PoorTelephone()(w, RATE, np.random.default_rng(0)) for w in (voice, voice / 1024))
    np.testing.assert_allclose(soft * 1024, loud, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100, 48000])
def test_every_sampling_rate_from_8_khz_is_taken(sampling_rate, tone, level_db, rng):
    wave = tone(500, sampling_rate=sampling_rate)
    out = PoorTelephone()(wave, sampling_rate, rng)
    assert len(out) == len(wave)
    assert level_db(out) == pytest.approx(level_db(wave), abs=1e-4)


def test_silence_and_low_sampling_rates_are_refused(tone, rng):
    with pytest.raises(ValueError, match="telephone.poor: the utterance is silent"):
        PoorTelephone()(np.zeros(RATE, np.float32), RATE, rng)
    with pytest.raises(ValueError, match="telephone.poor takes waves of 8000 Hz or more, not of 6000 Hz"):
        PoorTelephone()(tone(100), 6000, rng)


def test_without_pyav_the_source_says_so(without_pyav, voice, rng):
    assert PoorTelephone().source == "GSM 06.10 in place of AMR-NB: pip install 'ser-audit[codecs]'"
    assert np.isfinite(PoorTelephone()(voice, RATE, rng)).all()
