"""From id to perturbation."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest
from ser_audit.perturbations import make as module
from ser_audit.perturbations.clean import Clean
from ser_audit.perturbations.make import make, registered
from ser_audit.perturbations.noises.coloured import WhiteNoise

ALL = {
    "clean",
    "clipping",
    "filter.highpass",
    "filter.lowpass",
    "gain",
    "mp3",
    "noise.white",
    "room",
    "telephone",
}


def test_the_built_in_families_are_registered():
    assert set(registered()) >= ALL
    assert next(iter(registered())) == "clean"


def test_an_id_makes_its_class_and_its_canonical_id():
    assert make("noise.white@snr_db=20.0") == WhiteNoise(snr_db=20)
    assert make("noise.white@snr_db=20.0").id == "noise.white@snr_db=20"
    assert make("clean") == Clean()


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("nois.white@snr_db=20", r"unknown perturbation 'nois.white': did you mean 'noise.white'\?"),
        ("xyz", "unknown perturbation 'xyz': known: clean, .*telephone"),
        ("", "unknown perturbation ''"),
        ("noise.white@snr=20", r"has no parameter 'snr': did you mean 'snr_db'\? it takes snr_db"),
        ("telephone@hz=8000", "telephone has no parameter 'hz': it takes none"),
        ("clean@x=1", "clean has no parameter 'x': it takes none"),
        ("noise.white", "noise.white needs snr_db, as in noise.white@snr_db="),
        ("noise.white@snr_db=99", "snr_db=99 is out of range; it takes -20 to 60 dB"),
        ("gain@db=-41", "db=-41 is out of range; it takes -40 to 40 dB"),
        ("gain@db=1e999", "db=inf is out of range"),
        ("clipping@percent=51", "percent=51 is out of range; it takes 0 to 50 %"),
        ("filter.lowpass@hz=10", "hz=10 is out of range; it takes 20 to 20000 Hz"),
        ("filter.highpass@hz=20001", "hz=20001 is out of range; it takes 20 to 20000 Hz"),
        ("room@rt60=0.1", "rt60=0.1 is out of range; it takes 0.2 to 1 seconds"),
        ("mp3@kbps=17", "kbps=17 is no MP3 bit rate; it takes 8, 16, .*320"),
    ],
)
def test_a_bad_id_is_refused_with_what_would_be_right(condition, message):
    with pytest.raises(ValueError, match=message):
        make(condition)


@pytest.fixture
def fresh_registry():
    registered.cache_clear()
    yield
    registered.cache_clear()


def test_two_packages_with_one_family_are_refused(monkeypatch, fresh_registry):
    points = [EntryPoint("gain", value, module.GROUP) for value in ("one:Gain", "other:Gain")]
    monkeypatch.setattr(module, "entry_points", lambda group: points)
    with pytest.raises(
        ValueError, match="two packages register the perturbation 'gain': one:Gain and other:Gain"
    ):
        registered()


def test_a_plug_in_that_cannot_be_imported_is_named(monkeypatch, fresh_registry):
    points = [EntryPoint("hum", "no_such_package.hum:Hum", module.GROUP)]
    monkeypatch.setattr(module, "entry_points", lambda group: points)
    with pytest.raises(
        ValueError, match="perturbation 'hum' cannot be loaded: No module named 'no_such_package'"
    ):
        make("hum")


def test_making_every_family_imports_nothing_heavy():
    code = (
        "import sys\n"
        "import ser_audit.perturbations.make\n"
        "assert 'numpy' not in sys.modules\n"
        "from ser_audit.perturbations.sets import conditions\n"
        "conditions('default')\n"
        "heavy = {'audiomentations', 'scipy', 'soundfile', 'soxr', 'pyroomacoustics', 'librosa'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
