"""The decay of impulse responses whose reverberation time is known."""

import numpy as np
import pyroomacoustics
import pytest
from ser_audit.perturbations.rooms.decay import decay, direct_path
from ser_audit.perturbations.rooms.shoebox import response


def room(seconds, floor_db, sampling_rate=16000, seed=0, delay=200):
    """Noise that decays by 60 dB in ``seconds``, above noise at ``floor_db`` dB of its start."""
    rng = np.random.default_rng(seed)
    time = np.arange(round((1.3 * seconds + 0.1) * sampling_rate)) / sampling_rate
    decaying = rng.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    decaying[0] = 4
    out = np.concatenate([np.zeros(delay), decaying])
    return out + 10 ** (floor_db / 20) * rng.standard_normal(len(out))


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 48000])
@pytest.mark.parametrize("floor_db", [-200, -80, -60, -50, -45, -40])
@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.5])
def test_noise_below_the_decay_is_not_taken_for_reverberation(seconds, floor_db, sampling_rate):
    found = [decay(room(seconds, floor_db, sampling_rate, seed), sampling_rate) for seed in range(8)]
    assert np.mean([f.t30 for f in found]) == pytest.approx(seconds, rel=0.015)
    assert all(f.direct == 200 for f in found)


def test_a_straight_schroeder_integral_would_be_far_off():
    noisy = room(1.0, -45)
    naive = pyroomacoustics.experimental.measure_rt60(noisy, fs=16000, decay_db=30)
    assert naive > 1.1
    assert decay(noisy, 16000).t30 == pytest.approx(1.0, rel=0.05)


@pytest.mark.parametrize("kept", [0.95, 0.8, 0.65])
def test_a_response_that_was_cut_off_does_not_seem_to_decay_faster(kept):
    found = [decay(room(1.0, -200, seed=seed)[: round(kept * 16000)], 16000) for seed in range(8)]
    assert np.mean([f.t30 for f in found]) == pytest.approx(1.0, rel=0.04)


def test_a_decay_that_noise_hides_has_no_time():
    assert decay(room(1.0, -200)[:6000], 16000).t30 is None  # cut off 22 dB down
    for floor_db in (-30, -20, -10):
        assert decay(room(1.0, floor_db), 16000).t30 is None
    assert decay(np.random.default_rng(0).standard_normal(16000), 16000).t30 is None
    assert decay(np.eye(1, 16000, 500)[0], 16000).t30 is None


@pytest.mark.parametrize("rt60", [0.2, 0.35, 0.5])
def test_a_room_without_noise_has_the_time_another_library_measures(rt60):
    taps, direct = response(rt60, 16000)
    found = decay(taps, 16000)
    other = pyroomacoustics.experimental.measure_rt60(taps, fs=16000, decay_db=30)
    assert found.t30 == pytest.approx(other, rel=0.02)
    assert found.direct == direct


def test_what_is_worth_keeping_ends_in_the_noise_or_60_db_below():
    assert decay(room(1.0, -45), 16000).end / 16000 == pytest.approx(0.75, abs=0.1)
    assert decay(room(1.0, -200), 16000).end / 16000 == pytest.approx(1.0, abs=0.1)


def test_the_direct_path_is_the_first_strong_peak_not_the_strongest():
    taps = np.zeros(1000)
    taps[[300, 301, 500]] = [0.3, 0.5, 1]
    assert direct_path(taps) == 301
    taps[100] = 0.3  # 10.5 dB below the strongest, as the ringing of a band limit
    assert direct_path(taps) == 301
    assert direct_path(-taps) == 301
    taps[100] = 0.33
    assert direct_path(taps) == 100


@pytest.mark.parametrize("length", [1, 2, 3, 50])
def test_tiny_responses_survive(length):
    found = decay(np.ones(length), 16000)
    assert (found.direct, found.t30) == (0, None)
    assert 0 < found.end <= length


def test_silence_is_refused():
    with pytest.raises(ValueError, match="silent"):
        decay(np.zeros(100), 16000)
