"""A Python object as a checkpoint: what it may be, and what is said when it is not."""

import tomllib

import numpy as np
import pytest
from ser_audit.benchmark.checkpoints import describe, open_checkpoint, python, revision_of
from ser_audit.benchmark.checkpoints.neighbours import neighbours
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
        ("breaks", r"mine.py:breaks breaks on \d+ samples of noise: ZeroDivisionError: no speech"),
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


def revision(file):
    return revision_of(f"{file}:model", "python")


@pytest.fixture
def reading(tmp_path):
    """A model that imports neighbours in all ways, and reads a file; its folder is not the only one here."""
    folder = tmp_path / "reading"
    for name, code in {
        "own.py": "import direct\nfrom parts import inner\nimport parts.deep.leaf\n"
        "def model(wave):\n    import late\n    return [0.5, 1.0]\n",
        "direct.py": "import json, numpy, indirect\n",
        "indirect.py": "",
        "late.py": "",
        "parts/inner.py": "from . import sibling\nfrom .deep import leaf\n",  # no __init__.py
        "parts/sibling.py": "",
        "parts/deep/__init__.py": "from ..cousin import *\n",
        "parts/deep/leaf.py": "",
        "parts/cousin.py": "",
        "stranger.py": "",
        "weights.bin": "0",
        "own.toml": INFO,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(code)
    return folder


IMPORTED = {
    "direct": "direct.py",
    "indirect": "indirect.py",
    "late": "late.py",
    "parts.inner": "parts/inner.py",
    "parts.sibling": "parts/sibling.py",
    "parts.deep": "parts/deep/__init__.py",
    "parts.deep.leaf": "parts/deep/leaf.py",
    "parts.cousin": "parts/cousin.py",
}


def test_what_a_file_imports_from_its_folder_is_found_however_it_is_imported(reading):
    found = neighbours(reading / "own.py")
    assert {name: path.relative_to(reading).as_posix() for name, path in found.items()} == IMPORTED


@pytest.mark.parametrize("name", ["own.py", *IMPORTED.values()])
def test_a_change_of_any_imported_file_changes_the_revision(reading, name):
    before = revision(reading / "own.py")
    assert before == open_checkpoint(f"{reading / 'own.py'}:model").revision
    with (reading / name).open("a") as file:
        file.write("# changed\n")
    assert revision(reading / "own.py") != before
    assert revision(reading / "own.py") == open_checkpoint(f"{reading / 'own.py'}:model").revision


def test_a_file_that_it_neither_imports_nor_declares_is_none_of_its_revision(reading):
    before = revision(reading / "own.py")
    for name in ("stranger.py", "weights.bin"):
        (reading / name).write_text("# changed\n")
    assert revision(reading / "own.py") == before


@pytest.mark.parametrize("where", ["sidecar", "attribute", "attribute as a path"])
def test_declared_files_enter_the_revision_and_make_it_complete(reading, where):
    reference, before = f"{reading / 'own.py'}:model", revision(reading / "own.py")
    assert not python.complete(reference)
    if where == "sidecar":
        (reading / "own.toml").write_text(f'files = ["weights.bin"]\n{INFO}')
    else:
        value = '"weights.bin"' if where == "attribute" else "__import__('pathlib').Path('weights.bin')"
        with (reading / "own.py").open("a") as file:
            file.write(f"model.files = [{value}]\n")
    assert python.complete(reference)
    declared = revision(reading / "own.py")
    assert declared != before
    (reading / "weights.bin").write_text("1")
    assert revision(reading / "own.py") != declared
    assert revision(reading / "own.py") == open_checkpoint(reference).revision


def test_nothing_else_may_be_declared(reading):
    before = revision(reading / "own.py")
    (reading / "own.toml").write_text(f"files = []\n{INFO}")
    assert python.complete(f"{reading / 'own.py'}:model")
    assert revision(reading / "own.py") == before


@pytest.mark.parametrize("how", ["absolute", "beside the folder", "a folder"])
def test_declared_files_may_lie_anywhere_and_a_folder_is_all_that_it_holds(reading, tmp_path, how):
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    weights = tmp_path / "elsewhere" / "deep" / "w.npy"
    weights.write_text("0")
    beside = "../elsewhere/deep/w.npy"
    name = {"absolute": weights, "beside the folder": beside, "a folder": "../elsewhere"}[how]
    (reading / "own.toml").write_text(f'files = ["{name}"]\n{INFO}')
    assert weights in [path.resolve() for path in python.files(f"{reading / 'own.py'}:model")]
    before = revision(reading / "own.py")
    weights.write_text("1")
    assert revision(reading / "own.py") != before


def test_what_python_compiled_in_a_declared_folder_is_none_of_it(reading):
    (reading / "own.toml").write_text(f'files = ["."]\n{INFO}')
    before = revision(reading / "own.py")
    (reading / "parts" / "__pycache__").mkdir(exist_ok=True)
    (reading / "parts" / "__pycache__" / "inner.cpython-311.pyc").write_bytes(b"1")
    assert revision(reading / "own.py") == before
    (reading / "stranger.py").write_text("# changed\n")
    assert revision(reading / "own.py") != before


def test_a_moved_object_keeps_its_revision(reading, tmp_path):
    (reading / "own.toml").write_text(f'files = ["weights.bin"]\n{INFO}')
    before = revision(reading / "own.py")
    reading.rename(tmp_path / "moved")
    assert revision(tmp_path / "moved" / "own.py") == before


def test_a_declared_file_that_is_missing_is_refused(reading):
    (reading / "own.toml").write_text(f'files = ["absent.bin"]\n{INFO}')
    with pytest.raises(InputError, match=r"own.py is declared to read 'absent.bin', which does not exist"):
        revision(reading / "own.py")
    with pytest.raises(InputError, match="absent.bin"):
        open_checkpoint(f"{reading / 'own.py'}:model")


def test_files_are_declared_beside_the_code_or_in_it_and_nowhere_else(reading, tmp_path):
    (tmp_path / "other.toml").write_text(f"files = []\n{INFO}")
    with pytest.raises(InputError, match=r"other.toml: files belongs into own.toml beside the .py file"):
        describe(f"{reading / 'own.py'}:model", tmp_path / "other.toml")
    (tmp_path / "table.csv").write_text("file,score.arousal\na,0.5\n")
    (tmp_path / "table.toml").write_text("files = []\n")
    with pytest.raises(InputError, match=r"table.toml: files belongs to Python objects"):
        describe(tmp_path / "table.csv")


def test_an_edited_neighbour_runs_anew(tmp_path):
    file = tmp_path / "edited.py"
    file.with_suffix(".toml").write_text(INFO)
    file.write_text("import part\n\ndef model(wave):\n    return [part.VALUE, part.VALUE]\n")
    for value in (1.0, 2.25):  # of another length: compiled modules know an older one by size and second
        (tmp_path / "part.py").write_text(f"VALUE = {value}\n")
        assert open_checkpoint(f"{file}:model").predict([np.ones(400)])[0, 0] == value / 2


def test_neighbours_of_one_name_in_two_folders_are_not_mixed_up(tmp_path):
    for folder, value in (("a", 0.5), ("b", 1.5), ("a", 0.5)):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "net.py").write_text(f"VALUE = {value}\n")
        (tmp_path / folder / "wrap.py").write_text(
            "import net\n\ndef model(wave):\n    return [net.VALUE, net.VALUE]\n"
        )
        (tmp_path / folder / "wrap.toml").write_text(INFO)
        checkpoint = open_checkpoint(f"{tmp_path / folder / 'wrap.py'}:model")
        assert checkpoint.predict([np.ones(400)])[0, 0] == value / 2


def test_the_template_of_a_python_object_asks_what_it_reads(file):
    with pytest.raises(InputError, match=r"\n# files = \[\]  # all that it reads beside its own code"):
        describe(f"{file}:level")
    file.with_suffix(".toml").write_text(
        'name = "mine"\nfiles = ["neighbour.py"]\ndimensions = ["arousal", "valence"]\nvalue_range = [0, 2]\n'
        '[[trained_on]]\ncorpus = "aru"\nspeakers = ["01"]\n'
    )
    with pytest.raises(InputError) as refused:
        describe(f"{file}:level")
    shown = tomllib.loads(str(refused.value).partition("\n\n")[2])
    kept = tomllib.loads(file.with_suffix(".toml").read_text())
    assert {key: shown[key] for key in kept} == kept
    assert shown["sampling_rate"] == 0
