"""Stretches of clips, and impulse responses, against the files themselves."""

import numpy as np
import pytest
import soundfile
import soxr
from ser_audit.perturbations.material import clip as module
from ser_audit.perturbations.material import sound
from ser_audit.perturbations.material.clip import Clip, ClipError
from ser_audit.perturbations.material.pack import read_pack

RATE = 16000


@pytest.fixture
def clip(write):
    """The clip that a wave is, written to a file."""

    def make(wave, sampling_rate=RATE, name="a.wav", **facts):
        path = write(name, wave, sampling_rate)
        return Clip(path, name, "", "environmental", len(wave) / sampling_rate, **facts)

    return make


def ramp(samples):
    """Samples that tell where they were: each 16-bit step once."""
    return (np.arange(samples) % 60000 - 30000) / 32768


def test_a_stretch_begins_at_random_and_each_place_is_as_likely(clip):
    made = clip(ramp(16000))
    starts = []
    for seed in range(400):
        out = made.read(4000, RATE, np.random.default_rng(seed))
        assert out.dtype == np.float32
        start = round(out[0] * 32768 + 30000)
        np.testing.assert_allclose(out, ramp(16000)[start : start + 4000], atol=1e-6)
        starts.append(start)
    assert 0 <= min(starts) < 300
    assert 11700 < max(starts) <= 12000
    assert np.mean(starts) == pytest.approx(6000, abs=4 * 12000 / np.sqrt(12 * 400))


def test_a_short_clip_goes_on_from_its_start(clip):
    made = clip(ramp(1000))
    out = made.read(3500, RATE, np.random.default_rng(1))
    start = round(out[0] * 32768 + 30000)
    assert 0 < start < 1000
    np.testing.assert_allclose(out, ramp(1000)[(start + np.arange(3500)) % 1000], atol=1e-6)


def test_a_single_sample_goes_round():
    class Rng:
        def random(self):
            return 0.999

    for length in (1, 2, 3):
        wave = np.arange(length, dtype=np.float32)
        sound.kept._waves[("nowhere", "", RATE)] = wave
        out = Clip("nowhere", "a", "", "environmental", length / RATE).read(5, RATE, Rng())  # type: ignore[arg-type]
        np.testing.assert_array_equal(out, (length - 1 + np.arange(5)) % length)
        del sound.kept._waves[("nowhere", "", RATE)]


def test_the_first_channel_is_read_not_the_mean(clip):
    left = ramp(8000)
    made = clip(np.stack([left, -left, 0 * left], axis=1))
    out = made.read(8000, RATE, np.random.default_rng(0))
    np.testing.assert_allclose(out, left, atol=1e-6)


def test_a_clip_is_resampled(clip, tone, response_db):
    made = clip(tone(1000, 2, sampling_rate=44100), 44100)
    out = made.read(16000, RATE, np.random.default_rng(0))
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    assert np.argmax(spectrum) == 1000
    high = clip(tone(9000, 2, sampling_rate=44100), 44100, "high.wav")
    assert np.abs(high.read(16000, RATE, np.random.default_rng(0))[200:-200]).max() < 1e-3


@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff"])
@pytest.mark.parametrize("native", [16000, 44100, 11025])
def test_a_long_file_gives_the_stretch_that_it_would_give_decoded_whole(suffix, native, clip, monkeypatch):
    slow = np.random.default_rng(0).normal(0, 0.1, (8 * 4000, 2))  # to 2 kHz
    wave = soxr.resample(slow, 4000, native)
    made = clip(wave, native, f"a.{suffix}")
    whole = soxr.resample(wave[:, 0], native, RATE)
    monkeypatch.setattr(module, "SHORT", 1)
    for seed in range(12):
        out = made.read(2 * RATE, RATE, np.random.default_rng(seed))
        assert out.shape == (2 * RATE,)
        start = int(np.random.default_rng(seed).random() * 6 * native) / native * RATE
        near = [whole[s : s + 2 * RATE] for s in range(max(0, int(start) - 1), int(start) + 2)]
        matches = [np.corrcoef(out, n)[0, 1] for n in near if len(n) == len(out)]
        assert max(matches) > (0.9999 if native == RATE else 0.97)  # its grid may lie half a sample off


def test_of_a_long_file_only_the_stretch_is_read(clip, monkeypatch):
    made = clip(np.random.default_rng(0).normal(0, 0.1, 40 * RATE))
    read = []
    real = soundfile.read
    monkeypatch.setattr(soundfile, "read", lambda f, n, s, **k: read.append(n) or real(f, n, s, **k))
    made.read(4 * RATE, RATE, np.random.default_rng(0))
    assert 4 * RATE <= read[0] < 4.2 * RATE


def test_an_utterance_that_is_longer_than_a_long_clip_hears_it_again(clip):
    wave = np.random.default_rng(0).normal(0, 0.1, 31 * RATE)
    out = clip(wave).read(40 * RATE, RATE, np.random.default_rng(0))
    np.testing.assert_array_equal(out[: 9 * RATE], out[31 * RATE :])


@pytest.mark.parametrize("suffix", ["wav", "mp3", "ogg", "opus"])
def test_what_a_process_has_kept_changes_no_byte(suffix, clip):
    made = clip(np.random.default_rng(0).normal(0, 0.1, 48000), 48000, f"a.{suffix}")

    def read():
        return made.read(8000, RATE, np.random.default_rng(3)).tobytes()

    sound.kept._waves.clear()
    fresh = read()
    assert list(sound.kept._waves) == [(made.path, made.stamp, RATE)]
    made.read(8000, 8000, np.random.default_rng(9))
    assert read() == fresh
    sound.kept._waves.clear()
    assert read() == fresh


def test_what_is_handed_out_is_the_callers_own(clip):
    made = clip(ramp(1000))
    made.read(1000, RATE, np.random.default_rng(0))[:] = 7
    assert np.abs(made.read(1000, RATE, np.random.default_rng(0))).max() < 1


def test_kept_sounds_are_bounded_in_bytes(write):
    kept = sound.Kept(100_000)
    paths = [write(f"{i}.wav", np.zeros(10_000)) for i in range(5)]  # 40 kB each, decoded
    for path in paths:
        kept[path, "", RATE]
    assert list(kept._waves) == [(paths[3], "", RATE), (paths[4], "", RATE)]
    kept[paths[3], "", RATE]
    kept[paths[0], "", RATE]
    assert list(kept._waves) == [(paths[3], "", RATE), (paths[0], "", RATE)]
    big = write("big.wav", np.zeros(30_000))
    assert len(kept[big, "", RATE]) == 30_000
    assert not kept._waves


def test_a_file_that_is_gone_is_named(clip):
    made = clip(ramp(100), name="sub/gone.wav")
    made.path.unlink()
    for read in (lambda: made.read(10, RATE, np.random.default_rng(0)), lambda: made.response(RATE)):
        with pytest.raises(ClipError, match=r"sub/gone\.wav cannot be read: "):
            read()


def test_a_file_that_changes_after_its_pack_was_read_is_refused(tmp_path, rng):
    """Also where this process has its sound already: the manifest holds the hash of what was there."""
    import soundfile

    path = tmp_path / "pack" / "rir" / "a.wav"
    path.parent.mkdir(parents=True)
    soundfile.write(path, np.append(0.5, np.zeros(999)), RATE)
    (made,) = read_pack("mine", tmp_path / "pack").clips
    made.read(10, RATE, rng)
    made.response(RATE)
    soundfile.write(path, np.append(0.5, np.zeros(1999)), RATE)
    for read in (lambda: made.read(10, RATE, rng), lambda: made.response(RATE)):
        with pytest.raises(
            ClipError, match=r"noise pack mine: rir/a\.wav has changed since the pack was read"
        ):
            read()
    path.unlink()
    with pytest.raises(ClipError, match=r"noise pack mine: rir/a\.wav cannot be read: No such file"):
        made.read(10, RATE, rng)


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 48000])
@pytest.mark.parametrize("suffix", ["wav", "mat"])
def test_a_response_begins_just_before_its_direct_path(sampling_rate, suffix, clip, impulse_response):
    native = impulse_response(44100, 0.5, delay=0.1)
    made = clip(native, 44100, f"air_a.{suffix}")
    taps, direct = made.response(sampling_rate)
    assert taps.dtype == np.float64
    assert not taps.flags.writeable
    assert direct == pytest.approx(0.005 * sampling_rate, abs=1)
    assert np.argmax(np.abs(taps)) == direct
    assert 0.4 < len(taps) / sampling_rate < 0.6


def test_noise_behind_the_decay_is_cut(clip, impulse_response):
    noisy = np.pad(impulse_response(RATE, 0.5), (0, 3 * RATE))
    noisy += 10 ** (-70 / 20) * np.random.default_rng(1).standard_normal(len(noisy))
    taps, _ = clip(noisy).response(RATE)
    expected = 0.5 * (70 - 26) / 60  # the tail begins at −26 dB
    assert len(taps) / RATE == pytest.approx(expected + 0.005, abs=0.05)
