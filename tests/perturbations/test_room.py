"""The room on an impulse."""

import numpy as np
import pyroomacoustics
import pytest
from ser_audit.perturbations.room import Room
from ser_audit.perturbations.shoebox import response, t30

RATE = 16000


@pytest.mark.parametrize("seconds", [0.2, 0.5, 1.5])
def test_t30_of_an_exponential_decay_is_its_reverberation_time(seconds):
    time = np.arange(round(2 * seconds * RATE)) / RATE
    assert t30(10 ** (-3 * time / seconds), RATE) == pytest.approx(seconds, rel=1e-3)
    noise = np.random.default_rng(0).standard_normal(len(time))
    assert t30(noise * 10 ** (-3 * time / seconds), RATE) == pytest.approx(seconds, rel=0.03)


@pytest.mark.parametrize(
    ("rt60", "sampling_rate"),
    [(0.2, RATE), (0.35, RATE), (0.5, RATE), (0.5, 8000), (0.5, 48000), (1.0, RATE)],
)
def test_the_measured_reverberation_time_is_the_one_named(rt60, sampling_rate, rng):
    impulse = np.zeros(3 * sampling_rate, np.float32)
    impulse[0] = 1
    out = Room(rt60)(impulse, sampling_rate, rng)
    measured = pyroomacoustics.experimental.measure_rt60(out, fs=sampling_rate, decay_db=30)
    assert measured == pytest.approx(rt60, rel=0.02)


@pytest.mark.parametrize("sampling_rate", [8000, RATE, 48000])
def test_the_direct_path_stays_in_place(sampling_rate, rng):
    impulse = np.zeros(sampling_rate, np.float32)
    impulse[1000] = 1
    out = np.abs(Room(0.5)(impulse, sampling_rate, rng))
    assert np.argmax(out) == 1000
    assert out[: 1000 - 50].max() < 0.02 * out.max()  # the direct path's interpolator rings


def test_the_level_is_kept(noise, level_db, rng):
    wave = noise()
    assert level_db(Room(0.5)(wave, RATE, rng)) == pytest.approx(level_db(wave), abs=1e-4)


@pytest.mark.shared
def test_speech_keeps_its_level_and_its_timing(speech, level_db, lag, rng):
    for wave in speech:
        out = Room(0.5)(wave, RATE, rng)
        assert level_db(out) == pytest.approx(level_db(wave), abs=1e-4)
        assert abs(lag(wave, out)) <= 5 * RATE // 1000  # early reflections come within 5 ms


def test_a_longer_reverberation_leaves_less_clarity():
    def clarity(rt60):
        taps, direct = response(rt60, RATE)
        early = direct + RATE // 20  # C50 of ISO 3382-1
        return 10 * np.log10(np.sum(taps[:early] ** 2) / np.sum(taps[early:] ** 2))

    assert clarity(0.2) > 15
    assert clarity(0.2) - 5 > clarity(0.35) > clarity(0.5) + 2 > clarity(1.0) + 6


def test_the_core_count_changes_no_bit_and_is_put_back():
    constants = pyroomacoustics.constants
    before = constants.get("num_threads")
    try:
        responses = []
        for threads in (1, 3):
            constants.set("num_threads", threads)
            response.cache_clear()
            responses.append(response(0.3, RATE)[0].tobytes())
            assert constants.get("num_threads") == threads
    finally:
        constants.set("num_threads", before)
    assert responses[0] == responses[1]
