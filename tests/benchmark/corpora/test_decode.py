"""Audio files of many kinds become mono waves; those that cannot get a status, and never show a path."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import soundfile
from ser_audit.benchmark.corpora.decode import MINIMUM_SECONDS, Source, prepare, resample
from ser_audit.benchmark.corpus import AudioError, Utterance

RATE = 16000


def tone(frequency: float, seconds: float, rate: int = RATE) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def noise(samples: int = RATE) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, samples).astype(np.float32)


def utterance(path: Path) -> Utterance:
    return Utterance("u", "s", {}, {}, Source(str(path)))


def failure(source: Source) -> AudioError:
    with pytest.raises(AudioError) as caught:
        source()
    assert os.sep not in caught.value.detail
    assert "\n" not in caught.value.detail
    return caught.value


@pytest.mark.parametrize(
    ("suffix", "subtype"),
    [("wav", "FLOAT"), ("WAV", "PCM_16"), ("wav", "PCM_24"), ("flac", "PCM_16"), ("flac", "PCM_24")],
)
def test_lossless_files_decode_to_their_samples(tmp_path, suffix, subtype):
    bits = {"FLOAT": 32, "PCM_16": 15, "PCM_24": 23}[subtype]
    wave = noise() if bits == 32 else (np.round(noise() * 2**bits) / 2**bits).astype(np.float32)
    soundfile.write(tmp_path / f"a.{suffix}", wave, RATE, subtype=subtype)
    decoded, rate = Source(str(tmp_path / f"a.{suffix}"))()
    assert rate == RATE
    assert decoded.dtype == np.float32
    np.testing.assert_array_equal(decoded, wave)


@pytest.mark.parametrize("suffix", ["ogg", "mp3"])
def test_lossy_files_keep_a_tone(tmp_path, suffix):
    soundfile.write(tmp_path / f"a.{suffix}", tone(440, 1), RATE)
    decoded, rate = Source(str(tmp_path / f"a.{suffix}"))()
    assert rate == RATE
    peak = np.argmax(np.abs(np.fft.rfft(decoded[:RATE], RATE)))
    assert peak == 440
    assert np.sqrt(np.mean(decoded[2000:-2000] ** 2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)


def test_channels_are_mixed_down_by_their_mean(tmp_path):
    left, right = noise(), np.zeros(RATE, np.float32)
    soundfile.write(tmp_path / "a.wav", np.stack([left, right], axis=1), RATE, subtype="FLOAT")
    np.testing.assert_array_equal(Source(str(tmp_path / "a.wav"))()[0], left / 2)


@pytest.mark.parametrize(("suffix", "tolerance"), [("wav", 0), ("flac", 0), ("ogg", 0), ("mp3", 1e-6)])
def test_a_segment_is_that_part_of_the_file(tmp_path, suffix, tolerance):
    path = str(tmp_path / f"a.{suffix}")
    # The lowest bit rate: an MP3 frame then borrows most bits from earlier ones.
    soundfile.write(path, noise(4 * RATE), RATE, **({"compression_level": 0.99} if suffix == "mp3" else {}))
    whole, _ = Source(path)()
    for start, end in [(0.5, 1.25), (3.01, 3.7), (0.5, None), (None, 0.25), (3.5, 99.0)]:
        expected = whole[round((start or 0) * RATE) : None if end is None else round(end * RATE)]
        np.testing.assert_allclose(Source(path, start, end)()[0], expected, rtol=0, atol=tolerance)


def test_a_source_travels_to_other_processes_and_hides_its_path(tmp_path):
    soundfile.write(tmp_path / "a.wav", noise(), RATE)
    source = Source(str(tmp_path / "a.wav"), 0.1, 0.2)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(source))()[0], source()[0])  # noqa: S301
    assert str(tmp_path) not in repr(source)


def cut(path: Path, share: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: round(len(content) * share)])
    return path


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3"])
def test_a_cut_file_is_corrupt_not_shorter(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, noise(), RATE)
    Source(str(path))()
    assert failure(Source(str(cut(path, 0.5)))).status == "corrupt"


def test_a_wave_file_written_into_a_pipe_is_not_cut(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(), RATE, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert len(Source(str(path))()[0]) == RATE


def flac_that_states(path: Path, total: int) -> Source:
    """A FLAC file whose header states another number of samples (36 bits in STREAMINFO, bytes 21 to 25)."""
    soundfile.write(path, noise(), RATE, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    content[21] = (content[21] & 0xF0) | (total >> 32)
    content[22:26] = (total & 0xFFFFFFFF).to_bytes(4, "big")
    path.write_bytes(content)
    return Source(str(path))


@pytest.mark.parametrize("total", [0, 2**36 - 1])
def test_a_header_without_a_possible_length_is_corrupt(tmp_path, total):
    source = flac_that_states(tmp_path / "a.flac", total)
    assert failure(source).status == "corrupt"
    assert len(Source(source.file, 0.25, 0.5)()[0]) == 4000  # a segment states its own


def test_no_such_file_is_missing(tmp_path):
    assert failure(Source(str(tmp_path / "none.wav"))).status == "missing"
    assert failure(Source(str(tmp_path))).status == "missing"


@pytest.mark.parametrize(
    ("file", "content"), [("a.wav", b"no audio at all"), ("a.raw", b"12"), ("a.mp3", b"\0" * 99)]
)
def test_what_is_no_audio_is_corrupt(tmp_path, file, content):
    (tmp_path / file).write_bytes(content)
    assert failure(Source(str(tmp_path / file))).status == "corrupt"


def test_no_samples_are_empty(tmp_path):
    (tmp_path / "zero.wav").touch()
    soundfile.write(tmp_path / "a.wav", np.zeros(0), RATE)
    assert failure(Source(str(tmp_path / "zero.wav"))).status == "empty"
    assert failure(Source(str(tmp_path / "a.wav"))).status == "empty"
    soundfile.write(tmp_path / "b.wav", noise(), RATE)
    assert failure(Source(str(tmp_path / "b.wav"), 2.0, 3.0)).status == "empty"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_counted(tmp_path, value):
    wave = noise()
    wave[[3, 5]] = value
    soundfile.write(tmp_path / "a.wav", wave, RATE, subtype="FLOAT")
    error = failure(Source(str(tmp_path / "a.wav")))
    assert (error.status, error.detail) == ("non_finite", "2 of 16000 samples are not finite")


@pytest.mark.parametrize(("rate", "target"), [(8000, 16000), (44100, 16000), (48000, 16000), (16000, 8000)])
def test_resampling_keeps_pitch_level_and_length(rate, target):
    wave = resample(tone(440, 1, rate), rate, target)
    assert wave.dtype == np.float32
    assert len(wave) == target
    inner = slice(target // 10, -target // 10)
    np.testing.assert_allclose(wave[inner], tone(440, 1, target)[inner], atol=1e-3)


def test_resampling_leaves_no_alias():
    wave = resample(tone(6000, 1, 16000), 16000, 8000)  # would fold to 2 kHz
    assert np.abs(wave[800:-800]).max() < 1e-3


def test_equal_rates_change_nothing():
    wave = noise()
    assert resample(wave, RATE, RATE) is wave


def test_an_utterance_is_prepared_at_the_rate_of_the_checkpoint(tmp_path):
    wave = tone(440, 1, 8000)
    soundfile.write(tmp_path / "a.wav", np.stack([wave, wave], axis=1), 8000, subtype="FLOAT")
    prepared = prepare(utterance(tmp_path / "a.wav"), RATE)
    assert prepared.handled == ("mixed down", "resampled")
    assert prepared.wave.dtype == np.float32
    np.testing.assert_allclose(prepared.wave[1600:-1600], tone(440, 1)[1600:-1600], atol=1e-3)


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_audio_below_the_minimum_is_too_short(tmp_path, rate):
    for samples in (round(0.01 * rate), round(MINIMUM_SECONDS * rate) - 1):
        soundfile.write(tmp_path / "a.wav", noise(samples), rate)
        with pytest.raises(AudioError) as caught:
            prepare(utterance(tmp_path / "a.wav"), RATE)
        assert caught.value.status == "too_short"
    soundfile.write(tmp_path / "a.wav", noise(round(MINIMUM_SECONDS * rate)), rate)
    assert len(prepare(utterance(tmp_path / "a.wav"), RATE).wave) == round(MINIMUM_SECONDS * RATE)


def test_what_other_corpora_load_is_checked_too():
    bad = Utterance("u", "s", {}, {}, lambda: (np.array([0.0, np.nan]), RATE))
    with pytest.raises(AudioError, match="1 of 2"):
        prepare(bad, RATE)
    double = Utterance("u", "s", {}, {}, lambda: (np.zeros(RATE, np.float64), RATE))
    assert prepare(double, RATE).wave.dtype == np.float32


def test_a_file_that_may_not_be_read_is_missing(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "a.wav", noise(), RATE)
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may read whatever its mode
    assert failure(Source(str(tmp_path / "a.wav"))).status == "missing"


@pytest.mark.shared
def test_every_tenth_shared_file_is_speech_that_can_be_prepared(shared):
    files = sorted((shared / "corpora" / "ravdess-nemo").glob("*/*.flac"))[::10]
    assert len(files) > 100
    for file in files:
        wave = prepare(utterance(file), RATE).wave
        assert 0.5 < len(wave) / RATE < 15
