"""One burst cut out of a recording that was read from anywhere, and round."""

import numpy as np
import pytest
from ser_audit.perturbations.noises.cut import cut_burst

RATE = 16000
MARGIN = 480  # samples, and a frame of 160 may be part silence


@pytest.mark.parametrize("turn", range(0, 2 * RATE, 3001))
def test_the_burst_is_whole_wherever_the_reading_began(turn, noise):
    burst = noise(0.3)
    recording = np.zeros(2 * RATE, np.float32)
    recording[5000:9800] = burst
    cut = cut_burst(np.roll(recording, -turn), RATE)
    assert 4800 <= len(cut) <= 4800 + 2 * (MARGIN + 160)
    start = np.argmax(np.correlate(cut, burst, "valid"))
    assert np.array_equal(cut[start + 160 : start + 4640], burst[160:-160])  # the margins are faded, no more


def test_the_loudest_of_several_is_cut_out(noise):
    recording = np.zeros(3 * RATE, np.float32)
    for start, level in ((4000, 0.1), (16000, 0.3), (30000, 0.2)):
        recording[start : start + 3200] = noise(0.2, level=level, seed=start)
    cut = cut_burst(recording, RATE)
    assert len(cut) == pytest.approx(3200, abs=2 * (MARGIN + 160))
    assert np.sqrt(np.mean(cut[1000:3000] ** 2)) == pytest.approx(0.3, rel=0.1)


def test_phases_of_one_cough_stay_together(noise):
    recording = np.zeros(2 * RATE, np.float32)
    recording[8000:9600] = noise(0.1)
    recording[10800:12400] = noise(0.1, seed=1)  # 75 ms on
    assert len(cut_burst(recording, RATE)) == pytest.approx(4400, abs=2 * (MARGIN + 160))


def test_a_steady_sound_is_all_one_burst(noise):
    assert len(cut_burst(noise(1), RATE)) == RATE


def test_background_20_db_below_is_left_out(noise):
    recording = noise(2, level=0.004)
    recording[8000:12000] = noise(0.25, level=0.2)
    cut = cut_burst(recording, RATE)
    assert len(cut) == pytest.approx(4000, abs=2 * (MARGIN + 160))
    assert abs(cut[0]) < 1e-4  # faded in from nothing
    assert abs(cut[-1]) < 1e-4


@pytest.mark.parametrize("samples", [1, 100, 161, 400])
def test_a_recording_of_a_few_milliseconds_is_no_longer_behind(samples, noise):
    cut = cut_burst(noise(1)[:samples], RATE)
    assert 0 < len(cut) <= samples
    assert np.any(cut)


@pytest.mark.parametrize("sampling_rate", [8000, 44100])
def test_it_is_cut_at_any_sampling_rate(sampling_rate):
    recording = np.zeros(2 * sampling_rate, np.float32)
    recording[sampling_rate // 2 : sampling_rate] = 0.5
    assert len(cut_burst(recording, sampling_rate)) / sampling_rate == pytest.approx(0.5, abs=0.085)
