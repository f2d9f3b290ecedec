"""`ser-audit hear`: the samples that a model is given, whole files, nothing overwritten, one-line errors."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from ser_audit.benchmark.cli import main
from ser_audit.benchmark.corpora.decode import resample
from ser_audit.perturbations.make import make
from ser_audit.perturbations.rng import generator
from ser_audit.perturbations.sets import conditions

NOISE = "noise.white@snr_db=10"
SET = """
summary = "Two families."
[[groups]]
name = "Gain"
conditions = ["gain@db=6", "gain@db=30"]
note = "louder"
[[groups]]
name = "Far"
reference = "room@rt60=0.2"
conditions = ["room@rt60=0.5"]
[[groups]]
name = "Line"
conditions = ["clean", "telephone", "tempo@factor=0.5"]
"""


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    time = np.arange(44100) / 44100
    stereo = np.stack([0.4 * np.sin(2 * np.pi * 300 * time), 0.1 * np.sin(2 * np.pi * 900 * time)], axis=1)
    soundfile.write(tmp_path / "speech.flac", stereo, 44100)
    (tmp_path / "mine.toml").write_text(SET)
    return tmp_path


@pytest.fixture
def shell(capfd):
    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            main(["hear", *map(str, arguments)])
        return stopped.value.code, *capfd.readouterr()

    return run


def test_a_condition_is_written_as_the_engine_would_give_it_to_a_model(here, shell):
    code, out, _ = shell(NOISE, "speech.flac", "-o", "out.wav", "--seed", "7")
    assert code == 0
    assert out.startswith("Wrote out.wav: White noise at 10 dB; length kept; peak −")
    stereo, _ = soundfile.read("speech.flac", dtype="float32")
    mono = resample(stereo.mean(axis=1), 44100, 16000)
    expected = make(NOISE)(mono, 16000, generator(7, "speech.flac", NOISE))
    samples, rate = soundfile.read("out.wav", dtype="float32")
    assert (rate, soundfile.info("out.wav").subtype) == (16000, "FLOAT")
    np.testing.assert_array_equal(samples, expected)


def test_the_seed_the_name_and_the_sampling_rate_matter_and_the_spelling_of_the_id_does_not(here, shell):
    (here / "other.flac").write_bytes((here / "speech.flac").read_bytes())
    shell(NOISE, "speech.flac", "-o", "a.wav")
    shell("noise.white@snr_db=10.0", "speech.flac", "-o", "b.wav", "--seed", "0")
    shell(NOISE, "speech.flac", "-o", "c.wav", "--seed", "1")
    shell(NOISE, "other.flac", "-o", "d.wav")
    shell(NOISE, "speech.flac", "-o", "e.wav", "--sampling-rate", "8000")
    a, b, c, d = ((here / f"{n}.wav").read_bytes() for n in "abcd")
    assert a == b
    assert len({a, c, d}) == 3
    assert soundfile.info("e.wav").samplerate == 8000


def test_a_wave_beyond_full_scale_is_kept_and_said(here, shell):
    code, out, _ = shell("gain@db=30", "speech.flac", "-o", "loud.wav")
    assert code == 0
    assert "above full scale" in out
    assert np.abs(soundfile.read("loud.wav")[0]).max() > 5


def test_a_set_is_written_with_a_page_of_it(here, shell):
    code, out, _ = shell("--set", "mine.toml", "speech.flac", "-o", "new/folder")
    assert code == 0
    assert "Page: new/folder/index.html" in out
    written = sorted(p.name for p in (here / "new" / "folder").iterdir())
    ids = ("clean", "gain@db=30", "gain@db=6", "room@rt60=0.2", "room@rt60=0.5", "telephone")
    assert written == sorted([*(f"{i}.wav" for i in ids), "tempo@factor=0.5.wav", "index.html"])
    assert [p.name for p in (here / "new").iterdir()] == ["folder"]  # nothing of the making is left
    single = shell("room@rt60=0.5", "speech.flac", "-o", "room.wav")
    assert single[0] == 0
    assert (here / "room.wav").read_bytes() == (here / "new/folder/room@rt60=0.5.wav").read_bytes()


def test_every_condition_of_the_default_set_is_in_its_folder(here, shell):
    assert shell("--set", "default", "speech.flac", "-o", "default")[0] == 0
    assert {p.stem for p in (here / "default").glob("*.wav")} == set(conditions("default"))


def test_the_same_command_writes_the_same_bytes(here, shell):
    for folder in ("one", "two"):
        shell("--set", "mine.toml", "speech.flac", "-o", folder)
    for path in (here / "one").iterdir():
        assert path.read_bytes() == (here / "two" / path.name).read_bytes()


def test_values_drawn_per_utterance_get_plain_file_names(here, shell):
    (here / "drawn.toml").write_text('conditions = ["gain@db=-2/2", "gain@db=-2..2"]')
    assert shell("--set", "drawn.toml", "speech.flac", "-o", "drawn")[0] == 0
    assert len(list((here / "drawn").glob("gain*.wav"))) == 2


def test_what_cannot_be_applied_is_said_and_the_rest_is_there(here, shell):
    code, out, _ = shell("--set", "mine.toml", "speech.flac", "-o", "low", "--sampling-rate", "6000")
    assert code == 3
    assert "not applied: telephone takes waves of 8000 Hz or more, not of 6000 Hz" in out
    assert not (here / "low" / "telephone.wav").exists()
    assert (here / "low" / "gain@db=6.wav").exists()
    page = (here / "low" / "index.html").read_text(encoding="utf-8")
    assert "telephone takes waves of 8000 Hz or more" in page


def test_a_noise_pack_is_heard(here, shell):
    (here / "pack" / "noise").mkdir(parents=True)
    soundfile.write(here / "pack" / "noise" / "n.wav", np.random.default_rng(0).normal(0, 0.1, 32000), 16000)
    pack = ("--noise-pack", "mine=pack")
    code, out, err = shell("noise.mine@snr_db=10", "speech.flac", "-o", "pack.wav", *pack)
    assert code == 0, err
    assert "pack mine (1 clip)" in out


BAD = {
    "an unknown condition": (("noise.wite@snr_db=3", "speech.flac", "-o", "o.wav"), "noise.white"),
    "a value out of range": (("pitch@semitones=40", "speech.flac", "-o", "o.wav"), "-12 to 12"),
    "no such file": ((NOISE, "absent.flac", "-o", "o.wav"), "absent.flac cannot be heard: there is no such"),
    "no audio": ((NOISE, "mine.toml", "-o", "o.wav"), "mine.toml cannot be heard: it cannot be decoded"),
    "no WAV": ((NOISE, "speech.flac", "-o", "o.flac"), "ends in .wav"),
    "a file that is there": ((NOISE, "speech.flac", "-o", "there.wav"), "there.wav exists already"),
    "not to be applied": ((NOISE, "silence.wav", "-o", "o.wav"), "silence has no SNR"),
    "no folder to write in": ((NOISE, "speech.flac", "-o", "speech.flac/o.wav"), "cannot be written"),
    "an unknown set": (("--set", "laddr", "speech.flac", "-o", "o"), "did you mean 'ladder'?"),
    "a folder that holds something": (("--set", "default", "speech.flac", "-o", "full"), "holds 'mine'"),
    "a file as folder": (("--set", "default", "speech.flac", "-o", "speech.flac"), "is a file"),
    "no folder of noises": (
        (NOISE, "speech.flac", "-o", "o.wav", "--noise-pack", "a=absent"),
        "absent is not a folder",
    ),
    "a pack without a name": ((NOISE, "speech.flac", "-o", "o.wav", "--noise-pack", "x"), "NAME=FOLDER"),
    "a condition and a set": (
        ("--set", "default", NOISE, "speech.flac", "-o", "o"),
        "give --set default FILE",
    ),
    "neither": (("speech.flac", "-o", "o.wav"), "give CONDITION FILE, or --set NAME FILE"),
    "no output": ((NOISE, "speech.flac"), "Missing option '-o'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_line_with_exit_2_and_nothing_written(case, here, shell):
    (here / "full").mkdir()
    (here / "full" / "mine").write_text("kept")
    (here / "there.wav").write_bytes(b"kept")
    soundfile.write(here / "silence.wav", np.zeros(16000), 16000)
    before = sorted(here.rglob("*"))
    arguments, named = BAD[case]
    code, _, err = shell(*arguments)
    assert code == 2, err
    lines = [x for x in err.splitlines() if x and not x.startswith(("Usage:", "Try "))]
    assert len(lines) == 1, err
    assert named in err
    assert sorted(here.rglob("*")) == before
    assert (here / "there.wav").read_bytes() == b"kept"


def test_a_set_that_breaks_off_leaves_nothing(here, shell, monkeypatch):
    calls = []

    def full(path, content):
        calls.append(path)
        if len(calls) == 3:
            raise OSError(28, os.strerror(28), str(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    monkeypatch.setattr("ser_audit.benchmark.hearing.write_atomically", full)
    before = sorted(here.rglob("*"))
    code, _, err = shell("--set", "mine.toml", "speech.flac", "-o", "folder")
    assert code == 2
    assert "folder cannot be written: No space left on device" in err
    assert sorted(here.rglob("*")) == before


def test_an_empty_folder_is_taken(here, shell):
    (here / "empty").mkdir()
    assert shell("--set", "mine.toml", "speech.flac", "-o", "empty")[0] == 0
    assert (here / "empty" / "index.html").is_file()
