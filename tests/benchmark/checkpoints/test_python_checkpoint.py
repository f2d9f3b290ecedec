"""A Python object as a checkpoint: what it may be, and what is said when it is not."""

import numpy as np
import pytest
from ser_audit.benchmark.checkpoints import describe, open_checkpoint
from ser_audit.benchmark.errors import InputError

CODE = """
import numpy as np
import neighbour

def level(wave):
    wave *= 1  # in place: must not reach the caller
    return [np.sqrt(np.mean(wave ** 2)), np.abs(wave).max()]

class Model:
    dimensions = ("arousal", "valence")
    value_range = (0, 2)
    sampling_rate = 8000
    trained_on = ()

    def predict(self, waves, sampling_rate):
        assert sampling_rate == 8000
        return np.stack([level(wave) for wave in waves])

def make():
    return Model()

made = Model()
number = 3

def breaks(wave):
    raise ZeroDivisionError("no speech")

def three(wave):
    return np.zeros(3)

def nan(wave):
    return np.full(2, np.nan)
"""
INFO = 'dimensions = ["arousal", "valence"]\nvalue_range = [0, 2]\nsampling_rate = 8000\n'


@pytest.fixture
def file(tmp_path):
    (tmp_path / "mine.py").write_text(CODE)
    (tmp_path / "neighbour.py").write_text("")
    return tmp_path / "mine.py"


def expected(waves):
    return np.array([[np.sqrt(np.mean(w**2)), np.abs(w).max()] for w in waves]) / 2


@pytest.mark.parametrize("name", ["Model", "made"])
def test_facts_may_stand_as_attributes(file, waves, name):
    checkpoint = open_checkpoint(f"{file}:{name}")
    assert checkpoint.name == name
    assert checkpoint.source == f"mine.py:{name}"
    assert checkpoint.padding == "one by one"
    assert checkpoint.info.trained_on == ()
    np.testing.assert_allclose(checkpoint.predict(waves), expected(waves), rtol=1e-5)


@pytest.mark.parametrize("name", ["level", "make"])
def test_facts_may_stand_in_a_sidecar(file, waves, name):
    with pytest.raises(InputError, match=f"mine.py:{name} does not tell its classes or dimensions"):
        describe(f"{file}:{name}")
    file.with_suffix(".toml").write_text(INFO)
    before = [wave.copy() for wave in waves]
    np.testing.assert_allclose(open_checkpoint(f"{file}:{name}").predict(waves), expected(waves), rtol=1e-5)
    for wave, kept in zip(waves, before, strict=True):
        np.testing.assert_array_equal(wave, kept)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Modell", "mine.py has no 'Modell': did you mean 'Model'"),
        ("number", "mine.py:number is of type int: expected an object with predict"),
        ("breaks", "mine.py:breaks breaks on 8800 samples of noise: ZeroDivisionError: no speech"),
        ("three", r"mine.py:three gives outputs of the shape \(1, 3\).*names? 2: arousal, valence"),
        ("nan", "mine.py:nan gives outputs that are not finite"),
    ],
)
def test_what_does_not_predict_is_named(file, name, message):
    file.with_suffix(".toml").write_text(INFO)
    with pytest.raises(InputError, match=message):
        open_checkpoint(f"{file}:{name}")


def test_a_file_that_raises_is_named(tmp_path):
    (tmp_path / "bad.py").write_text("1 / 0")
    with pytest.raises(InputError, match="bad.py raises ZeroDivisionError when it is run: division by zero"):
        open_checkpoint(f"{tmp_path / 'bad.py'}:model")


def test_a_file_that_is_absent_is_named(tmp_path):
    with pytest.raises(InputError, match="no such checkpoint"):
        open_checkpoint(f"{tmp_path / 'absent.py'}:model")


def test_chance_inside_a_model_shows_in_its_proofs(tmp_path):
    (tmp_path / "dice.py").write_text(
        "import numpy as np\ngenerator = np.random.default_rng()\n"
        "def roll(wave):\n    return generator.random(2)\n"
    )
    (tmp_path / "dice.toml").write_text(INFO)
    assert open_checkpoint(f"{tmp_path / 'dice.py'}:roll").proofs.repeat_max_difference > 0


def test_an_edited_file_runs_anew(tmp_path):
    file = tmp_path / "edited.py"
    file.with_suffix(".toml").write_text(INFO)
    for value in (1, 2):
        file.write_text(f"def model(wave):\n    return [{value}, {value}]\n")
        checkpoint = open_checkpoint(f"{file}:model")
        assert checkpoint.predict([np.ones(400)])[0, 0] == value / 2
