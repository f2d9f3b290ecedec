"""What all generators promise: shape, level, and a result that depends on their arguments only."""

import hashlib
import inspect
import json
import os
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest
from ser_audit.perturbations.generators.bank import SECONDS, bank
from ser_audit.perturbations.generators.coloured import coloured
from ser_audit.perturbations.generators.human import coughs, laughter
from ser_audit.perturbations.generators.interior import clock, keyboard, knocks
from ser_audit.perturbations.generators.natural import sea, wind
from ser_audit.perturbations.generators.talker import speaking

PACKAGE = "ser_audit.perturbations.generators."
BACKGROUNDS = ("natural", "interior", "environmental", "human", "music", "talker")
BURSTS = ("cough", "sneeze")


def generator(name):
    return getattr(import_module(PACKAGE + name), name)


def made(name, samples, sampling_rate, seed):
    rng = np.random.default_rng(seed)
    if name in BURSTS:
        return generator(name)(sampling_rate, rng)
    if name == "coloured":
        return coloured(samples, 1, sampling_rate, rng)
    return generator(name)(samples, sampling_rate, rng)


def digests(names, sampling_rate=8000):
    return {
        name: hashlib.sha256(
            b"".join(made(name, 4000, sampling_rate, seed).tobytes() for seed in (1, 2))
        ).hexdigest()
        for name in names
    }


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100])
@pytest.mark.parametrize("name", [*BACKGROUNDS, *BURSTS, "coloured"])
def test_a_sound_is_finite_and_of_unit_level_at_any_rate(name, sampling_rate):
    for seed, samples in enumerate((160, 2 * sampling_rate + 1)):
        wave = made(name, samples, sampling_rate, 10 + seed)
        assert wave.dtype == np.float32
        assert wave.ndim == 1
        assert name in BURSTS or len(wave) == samples
        assert np.sqrt(np.mean(np.square(wave, dtype=float))) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("name", [*BACKGROUNDS, "coloured"])
def test_ten_milliseconds_are_never_silent(name):
    for seed in range(100):
        short = made(name, 160, 16000, seed)
        assert np.isfinite(short).all()
        assert np.std(short) > 0.01


def test_a_generator_draws_from_its_rng_alone():
    for name in (*BACKGROUNDS, *BURSTS, "coloured"):
        np.random.seed(0)  # noqa: NPY002
        before = np.random.get_state()[1].copy()  # noqa: NPY002
        first = made(name, 4000, 8000, 3)
        assert (np.random.get_state()[1] == before).all(), name  # noqa: NPY002
        np.random.seed(1)  # noqa: NPY002
        assert made(name, 4000, 8000, 3).tobytes() == first.tobytes(), name
        assert not np.array_equal(made(name, 4000, 8000, 4), first), name


def test_the_same_bytes_in_another_process_and_order():
    names = (*BACKGROUNDS, *BURSTS, "coloured")
    here = digests(names)
    helpers = "\n".join(inspect.getsource(f) for f in (generator, made, digests))
    code = (
        "import hashlib, json, numpy as np\nfrom importlib import import_module\n"
        f"from {PACKAGE}coloured import coloured\nPACKAGE, BURSTS = {PACKAGE!r}, {BURSTS!r}\n{helpers}\n"
        "[made(name, 999, 8000, 77) for name in ('talker', 'human', 'natural')]\n"
        f"print(json.dumps(digests({tuple(reversed(names))!r})))"
    )
    env = {**os.environ, "PYTHONHASHSEED": "123"}
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert json.loads(there.stdout) == here


def test_a_bank_cannot_be_written_to_and_a_stretch_can(rng):
    sound = bank(wind, 0, 8000)
    with pytest.raises(ValueError, match="read-only"):
        sound[0] = 0
    generator("natural")(100, 8000, rng)[0] = 0


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_what_is_longer_than_its_bank_goes_round(name):
    minute = made(name, 60 * 8000, 8000, 0)
    turn = SECONDS * 8000
    assert len(minute) == 60 * 8000
    assert np.array_equal(minute[:turn], minute[turn : 2 * turn])


@pytest.mark.parametrize("make", [clock, keyboard, knocks, coughs, laughter, speaking])
def test_pauses_hold_room_tone(make):
    for variant in range(3):
        blocks = bank(make, variant, 16000).astype(float).reshape(-1, 160)
        assert -60 < 20 * np.log10(np.sqrt(np.mean(blocks**2, axis=1)).min()) < -10


@pytest.mark.parametrize("make", [wind, sea])
def test_a_bank_loops_without_a_click(make):
    for variant in range(3):
        sound = bank(make, variant, 16000).astype(float)
        steps = np.diff(sound[-8000:]), np.diff(sound[:8000])
        typical = np.sqrt(np.mean(np.square(np.concatenate(steps))))
        assert abs(sound[0] - sound[-1]) < 4 * typical


def test_variants_are_different_sounds():
    ones = [bank(wind, variant, 8000) for variant in range(3)]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert abs(np.corrcoef(ones[one], ones[other])[0, 1]) < 0.1
