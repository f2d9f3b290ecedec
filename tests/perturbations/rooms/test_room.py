"""The room on an impulse."""

import numpy as np
import pyroomacoustics
import pytest
import soundfile
from ser_audit.perturbations.make import make
from ser_audit.perturbations.material.clip import Clip
from ser_audit.perturbations.material.material import NOTHING, Material
from ser_audit.perturbations.material.pack import Pack
from ser_audit.perturbations.rooms import shoebox
from ser_audit.perturbations.rooms.room import Room
from ser_audit.perturbations.rooms.shoebox import response, t30

RATE = 16000


@pytest.mark.parametrize("seconds", [0.2, 0.5, 1.5])
def test_t30_of_an_exponential_decay_is_its_reverberation_time(seconds):
    time = np.arange(round(2 * seconds * RATE)) / RATE
    assert t30(10 ** (-3 * time / seconds), RATE) == pytest.approx(seconds, rel=1e-3)
    noise = np.random.default_rng(0).standard_normal(len(time))
    assert t30(noise * 10 ** (-3 * time / seconds), RATE) == pytest.approx(seconds, rel=0.03)


@pytest.mark.parametrize(
    ("rt60", "sampling_rate"),
    [(rt60, rate) for rt60 in (0.2, 0.35, 0.5, 0.7, 1.0) for rate in (8000, RATE, 48000)],
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
            shoebox._calibrated.cache_clear()
            responses.append(response(0.3, RATE)[0].tobytes())
            assert constants.get("num_threads") == threads
    finally:
        constants.set("num_threads", before)
    assert responses[0] == responses[1]


@pytest.fixture
def material(tmp_path):
    """A pack of rooms that are recognised by an echo, and of a noise."""
    clips = []
    for name, t30_, delay in (("a", 0.46, 800), ("b", 0.54, 1600), ("c", 0.56, 2400), ("d", None, 3200)):
        taps = np.zeros(8000)
        taps[[100, 100 + delay]] = [0.9, 0.5]
        soundfile.write(tmp_path / f"{name}.wav", taps, RATE)
        clips.append(Clip(tmp_path / f"{name}.wav", f"{name}.wav", "", "room", 0.5, t30_))
    clips.append(Clip(tmp_path / "e.wav", "e.wav", "", "environmental", 0.5))
    return Material((Pack("mine", "folders", "sha256:0", tuple(clips)),))


def test_a_measured_room_within_10_percent_stands_for_the_one_named(material):
    impulse = np.zeros(8000, np.float32)
    impulse[10] = 0.5
    echoes = set()
    for seed in range(20):
        out = make("room@rt60=0.5", material)(impulse, RATE, np.random.default_rng(seed))
        assert np.argmax(np.abs(out)) == 10
        out[10] = 0
        echoes.add(int(np.argmax(np.abs(out))) - 10)
    assert echoes == {800, 1600}
    assert make("room@rt60=0.5", material).source == "pack mine (2 rooms)"
    assert make("room@rt60=0.6", material).source == "pack mine (2 rooms)"
    assert make("room@rt60=0.42", material).source == "pack mine (1 room)"


def test_where_no_pack_has_such_a_room_it_is_the_synthetic_one(material, noise):
    made = make("room@rt60=0.7", material)
    assert made.source == make("room@rt60=0.7", NOTHING).source == "image-source room"
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(made(noise(), RATE, rng), Room(0.7)(noise(), RATE, rng))
    assert rng.random() == np.random.default_rng(0).random()  # the synthetic room draws nothing


def test_material_is_no_part_of_what_a_room_is(material):
    assert make("room@rt60=0.5", material) == Room(0.5)
    assert make("room@rt60=0.5", material).id == "room@rt60=0.5"
