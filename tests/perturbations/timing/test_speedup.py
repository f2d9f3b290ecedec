"""A hurried passage: exact durations, the rest untouched, the pitch kept, no seam."""

import numpy as np
import pytest
from ser_audit.perturbations.timing.speedup import SpeedUp

RATE = 16000


def kept(wave, out):
    """Samples at the start and at the end that are the same, bit for bit."""
    short = min(len(wave), len(out))
    first = np.argmin(np.append(wave[:short] == out[:short], False))
    last = np.argmin(np.append(wave[::-1][:short] == out[::-1][:short], False))
    return int(first), int(last)


@pytest.mark.parametrize("samples", [160, 800, 16001, 48000])
@pytest.mark.parametrize(("factor", "percent"), [(1.25, 10), (1.25, 20), (2, 50), (1.5, 100)])
def test_the_duration_is_exact(samples, factor, percent, noise, rng):
    passage = round(samples * percent / 100)
    out = SpeedUp(factor, percent)(noise(3.0)[:samples], RATE, rng)
    assert len(out) == samples - passage + round(passage / factor)


def test_what_lies_outside_of_the_passage_is_untouched(noise):
    wave = noise(3.0)
    for seed in range(20):
        out = SpeedUp(1.25, 15)(wave, RATE, np.random.default_rng(seed))
        first, last = kept(wave, out)
        assert first + last == pytest.approx(0.85 * len(wave), abs=20)  # a faded sample may be the same


def test_the_passage_lies_anywhere(noise):
    starts = [kept(noise(), SpeedUp(1.25, 20)(noise(), RATE, np.random.default_rng(s)))[0] for s in range(60)]
    shares = np.array(starts) / len(noise())
    assert shares.min() < 0.08
    assert shares.max() > 0.72
    assert np.mean(shares) == pytest.approx(0.4, abs=0.1)


def test_a_burst_within_the_passage_lies_where_it_should(rng):
    wave = np.full(2 * RATE, 1e-4, np.float32)
    wave[RATE] = 0.5
    out = np.abs(SpeedUp(1.25, 100)(wave, RATE, rng))
    assert np.argmax(out) / RATE == pytest.approx(1 / 1.25, abs=0.01)


def test_what_lies_in_the_passage_follows_its_neighbour():
    time = np.arange(3 * RATE) / RATE
    sweep = (0.5 * np.sin(2 * np.pi * (300 + 300 * time) * time)).astype(np.float32)  # 300 Hz + 600 Hz per s
    for seed in range(10):
        out = SpeedUp(1.25, 20)(sweep, RATE, np.random.default_rng(seed))
        start, _ = kept(sweep, out)
        at = start + 3840  # .24 s into a passage of .48 s; .3 s of the recording have passed by
        spectrum = np.abs(np.fft.rfft(out[at - 400 : at + 400] * np.hanning(800), 1 << 16))
        expected = 300 + 600 * (start / RATE + 0.3)
        assert np.argmax(spectrum) * RATE / (1 << 16) == pytest.approx(expected, abs=8)  # .01 s are 6 Hz


def test_the_pitch_is_kept_and_no_seam_clicks(tone, level_db):
    wave = tone(200.0, 3.0)
    for seed in range(10):
        out = SpeedUp(1.25, 20)(wave, RATE, np.random.default_rng(seed))
        first, last = kept(wave, out)
        passage = out[first + 320 : len(out) - last - 320] * np.hanning(len(out) - last - first - 640)
        spectrum = np.abs(np.fft.rfft(passage, 1 << 17))
        assert np.argmax(spectrum) * RATE / (1 << 17) == pytest.approx(200, rel=0.005)
        # The steepest step of this tone is 2π · 200 / 16000 · .5 = .039.
        assert np.abs(np.diff(out)).max() < 1.5 * 0.0393
        assert level_db(passage) == pytest.approx(level_db(wave) + 10 * np.log10(3 / 8), abs=0.7)


@pytest.mark.parametrize("sampling_rate", [8000, 44100])
def test_other_sampling_rates(sampling_rate, tone, rng):
    wave = tone(200.0, 2.0, sampling_rate=sampling_rate)
    out = SpeedUp(1.25, 20)(wave, sampling_rate, rng)
    assert len(out) == 2 * sampling_rate - round(0.4 * sampling_rate) + round(0.32 * sampling_rate)
    assert np.abs(np.diff(out)).max() < 1.5 * np.pi * 200 / sampling_rate


@pytest.mark.shared
def test_speech_of_wagner_2023_is_2_to_4_percent_shorter(speech):
    from ser_audit.perturbations.make import make

    for seed, wave in enumerate(speech):
        out = make("speedup@factor=1.25,percent=10..20")(wave, RATE, np.random.default_rng(seed))
        assert 0.96 <= len(out) / len(wave) <= 0.98
        assert np.abs(out).max() < 1.5 * np.abs(wave).max()


def test_nothing_hurried_is_nothing_changed(noise, rng):
    for unchanged in (SpeedUp(1, 50), SpeedUp(1.25, 0)):
        np.testing.assert_array_equal(unchanged(noise(), RATE, rng), noise())


def test_silence_and_60_s_survive(noise, rng):
    assert not SpeedUp(1.25, 20)(np.zeros(RATE, np.float32), RATE, rng).any()
    assert len(SpeedUp(1.25, 20)(noise(60.0), RATE, rng)) == 60 * RATE - 12 * RATE + round(9.6 * RATE)


def test_a_wave_of_which_nothing_is_left_is_refused(rng):
    with pytest.raises(
        ValueError, match="speedup@factor=2,percent=100: 1 samples are too short to be made 2"
    ):
        SpeedUp(2, 100)(np.ones(1, np.float32), RATE, rng)


def test_ranges_are_kept():
    assert SpeedUp(1.25, 15).label_preserving
    assert SpeedUp(1.25, 15).id == "speedup@factor=1.25,percent=15"
    with pytest.raises(ValueError, match=r"factor=0.8 is out of range; it takes 1 to 2 times as fast"):
        SpeedUp(0.8, 10)
    with pytest.raises(ValueError, match="percent=101 is out of range; it takes 0 to 100 % of the utt"):
        SpeedUp(1.25, 101)
