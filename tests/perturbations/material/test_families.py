"""The families that a noise pack adds."""

import inspect
import pickle

import numpy as np
import pytest
from ser_audit.perturbations.make import make
from ser_audit.perturbations.material.material import Material
from ser_audit.perturbations.material.pack import read_pack
from ser_audit.perturbations.speech_level import active_rms

RATE = 16000


@pytest.fixture
def material(write, tmp_path, impulse_response):
    write("point/a.wav")
    write("point/b.wav", np.random.default_rng(0).normal(0, 0.2, (30000, 2)), 44100)
    write("street & park/c.flac")
    write("top.wav")
    write("rir/d.wav", impulse_response(RATE, 0.4))
    return Material((read_pack("mine", tmp_path / "pack"),))


def test_each_pack_and_each_folder_is_a_family(material):
    assert {family: made.source for family, made in material.families.items()} == {
        "noise.mine": "pack mine (4 clips)",
        "noise.mine.point": "pack mine (2 clips)",
        "noise.mine.street---park": "pack mine (1 clip)",
        "room.mine": "pack mine (1 clip)",
        "room.mine.rir": "pack mine (1 clip)",
    }


def test_a_factory_takes_what_the_id_says(material):
    families = material.families
    assert str(inspect.signature(families["noise.mine"])).startswith("(snr_db: ")
    assert list(inspect.signature(families["noise.mine.point"]).parameters) == ["snr_db", "active"]
    assert list(inspect.signature(families["room.mine"]).parameters) == []
    with pytest.raises(ValueError, match=r"noise\.mine has no parameter 'snr'"):
        make("noise.mine@snr=10", material)
    with pytest.raises(ValueError, match=r"noise\.mine needs snr_db"):
        make("noise.mine", material)
    with pytest.raises(ValueError, match=r"noise\.mine: snr_db=99"):
        make("noise.mine@snr_db=99", material)


@pytest.mark.parametrize(
    "condition",
    [
        "noise.mine@snr_db=10",
        "noise.mine.point@snr_db=0..10,active=1",
        "noise.mine.street---park@snr_db=-5,active=1",
        "room.mine",
        "room.mine.rir",
    ],
)
def test_they_are_perturbations_as_any(condition, material, noise):
    made = make(condition, material)
    assert made.id == condition
    assert made.source.startswith("pack mine (")
    copy = pickle.loads(pickle.dumps(made))  # noqa: S301
    assert copy == made == make(condition, material)
    assert hash(copy) == hash(made)
    wave = noise(0.7)
    before = wave.copy()
    outs = [p(wave, RATE, np.random.default_rng(5)) for p in (made, copy)]
    np.testing.assert_array_equal(*outs)
    np.testing.assert_array_equal(wave, before)
    assert outs[0].dtype == np.float32
    assert outs[0].shape == wave.shape
    assert not np.allclose(outs[0], wave, atol=1e-3)
    other = made(wave, RATE, np.random.default_rng(6))
    assert (other.tobytes() == outs[0].tobytes()) == condition.startswith("room")  # of one room


@pytest.mark.parametrize("snr_db", [20, 0, -10])
def test_the_snr_is_realised(snr_db, material, noise, level_db):
    wave = np.concatenate([noise(1), np.zeros(RATE, np.float32)])
    for seed in range(5):
        out = make(f"noise.mine@snr_db={snr_db}", material)(wave, RATE, np.random.default_rng(seed))
        assert level_db(wave) - level_db(out - wave) == pytest.approx(snr_db, abs=0.01)
        out = make(f"noise.mine@snr_db={snr_db},active=1", material)(wave, RATE, np.random.default_rng(seed))
        realised = 20 * np.log10(active_rms(wave, RATE)) - level_db(out - wave)
        assert realised == pytest.approx(snr_db, abs=0.01)


def test_a_silent_clip_is_passed_over_and_a_silent_pack_said(write, tmp_path, noise):
    write("a/silent.wav", np.zeros(4000))
    write("b/loud.wav")
    material = Material((read_pack("p", tmp_path / "pack"),))
    for seed in range(10):
        make("noise.p@snr_db=0", material)(noise(0.1), RATE, np.random.default_rng(seed))
    with pytest.raises(ValueError, match=r"noise\.p\.a@snr_db=0: .* silent"):
        make("noise.p.a@snr_db=0", material)(noise(0.1), RATE, np.random.default_rng(0))


def test_a_room_is_convolution_with_its_response(write, tmp_path, noise, level_db):
    response = np.zeros(8000)
    response[[400, 2000]] = [0.5, -0.4]
    write("rir/echo.wav", response)
    material = Material((read_pack("p", tmp_path / "pack"),))
    wave = noise(1)
    out = make("room.p", material)(wave, RATE, np.random.default_rng(0))
    expected = wave.astype(float)
    expected[1600:] -= 0.8 * wave[:-1600]  # the direct path stays in place
    expected *= 10 ** ((level_db(wave) - level_db(expected)) / 20)
    np.testing.assert_allclose(out, expected, atol=1e-4)


def test_rooms_are_drawn_for_each_utterance(write, tmp_path, noise, impulse_response):
    for seed in range(4):
        write(f"rir/{seed}.wav", impulse_response(RATE, 0.3, seed=seed))
    made = make("room.p", Material((read_pack("p", tmp_path / "pack"),)))
    outs = {made(noise(0.1), RATE, np.random.default_rng(seed)).tobytes() for seed in range(40)}
    assert len(outs) == 4
