"""A real pack: other sampling rates, channel counts, noise floors."""

import numpy as np
import pytest
from ser_audit.perturbations.make import make
from ser_audit.perturbations.material.material import Material
from ser_audit.perturbations.material.pack import read_pack

RATE = 16000
pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def pack(shared):
    return read_pack("real", shared / "noise")


def test_its_noises_and_rooms_are_found(pack):
    assert pack.layout == "folders"
    found = {clip.name: clip.category for clip in pack.clips}
    noises = {f"point/noise{i}.wav": "environmental" for i in range(1, 6)}
    rooms = ("echo-chamber", "kitchen-true-stereo", "omni-35-10", "rir1", "rir2", "rir3", "rir4")
    assert found == noises | {f"room/{name}.wav": "room" for name in rooms}


def test_its_reverberation_times(pack):
    measured = {clip.name[5:-4]: clip.t30 for clip in pack.clips if clip.category == "room"}
    assert measured["kitchen-true-stereo"] == pytest.approx(0.45, abs=0.03)
    assert measured["omni-35-10"] == pytest.approx(2.55, rel=0.05)
    assert measured["rir1"] == pytest.approx(0.7, rel=0.07)
    assert measured["rir4"] == pytest.approx(0.17, rel=0.1)
    for name in ("echo-chamber", "rir2", "rir3"):  # cut off, and two that sink into noise within 25 dB
        assert measured[name] is None


@pytest.mark.parametrize("sampling_rate", [8000, RATE, 48000])
def test_its_conditions_perturb_speech(pack, speech, sampling_rate, level_db):
    material = Material((pack,))
    for condition in (
        "noise.real@snr_db=10,active=1",
        "noise.real.point@snr_db=10",
        "room.real",
        "room@rt60=0.7",
    ):
        made = make(condition, material)
        assert made.source.startswith("pack real (")
        for i, wave in enumerate(speech):
            out = made(wave, sampling_rate, np.random.default_rng(i))
            assert out.shape == wave.shape
            assert np.isfinite(out).all()
            assert not np.allclose(out, wave, atol=1e-4)
            if condition.startswith("room"):
                assert level_db(out) == pytest.approx(level_db(wave), abs=1e-3)
