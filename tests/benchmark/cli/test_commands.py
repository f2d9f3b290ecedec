"""The commands as a shell sees them: help, exit codes, one-line errors."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from click.testing import CliRunner
from ser_audit.benchmark.cli import commands, main
from ser_audit.benchmark.plugins import GROUPS

CORPUS = "aru=synthetic:aru?speakers=4&utterances=3"
FAST = ("--condition", "gain@db=2", "--workers", "1", "--threads", "1")
MODEL = """
import numpy as np
dimensions = ["arousal"]

class Level:
    dimensions = ["arousal"]
    value_range = [0.0, 1.0]
    sampling_rate = 16000

    def predict(self, waves, sampling_rate):
        return [[float(np.sqrt(np.mean(w ** 2)))] for w in waves]
"""


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "level.py").write_text(MODEL)
    return tmp_path


@pytest.fixture
def table(here) -> pd.DataFrame:
    """Six readable files of three speakers, truth on 1–5."""
    rng = np.random.default_rng(0)
    for i in range(6):
        soundfile.write(here / f"{i}.wav", rng.normal(0, 0.02 + 0.02 * i, 12000), 16000)
    frame = pd.DataFrame(
        {"file": [f"{i}.wav" for i in range(6)], "speaker": list("aabbcc"), "arousal": [1, 2, 3, 3, 4, 5]}
    )
    frame.to_csv(here / "corpus.csv", index=False)
    return frame


def shell(capfd, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main([str(a) for a in arguments])
    out, err = capfd.readouterr()
    return stopped.value.code, out, err


@pytest.mark.parametrize("name", sorted(commands.commands))
def test_every_command_has_a_help_with_an_example(name):
    result = CliRunner().invoke(commands, [name, "--help"])
    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"ser-audit {name}" in result.output


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom ser_audit.benchmark.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'pandas', 'torch', 'transformers', 'scipy', 'matplotlib'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("group", GROUPS)
def test_list_describes_everything_that_is_registered(group):
    from ser_audit.benchmark import plugins

    result = CliRunner().invoke(commands, ["list", group])
    lines = result.output.splitlines()
    shown = [re.split(r"[@\[ ]", line)[0] for line in lines]  # a family's parameters stand behind its name
    assert shown == plugins.names(group)
    assert all(len(line.split()) > 2 for line in lines)


def test_a_complete_run_exits_0_whatever_its_verdicts_and_its_gate_says_more(here, capfd):
    code, out, _ = shell(capfd, "run", "level.py:Level", "--corpus", CORPUS, *FAST, "-o", "run")
    assert code == 0
    assert "Report: run/report.html" in out
    assert (here / "run" / "report.html").stat().st_size > 10_000
    code, out, _ = shell(capfd, "gate", "run")
    assert code in (1, 3)
    assert out.splitlines()[-1] == {1: "gate: failed", 3: "gate: undecided"}[code]


def test_score_and_report_redo_the_later_steps_without_audio_model_or_torch(here, capfd):
    shell(capfd, "run", "level.py:Level", "--corpus", CORPUS, *FAST, "-o", "run")
    files = here / "run" / "findings.json", here / "run" / "report.html"
    before = [f.read_bytes() for f in files]
    (here / "level.py").unlink()
    for file in files:
        file.unlink()
    block = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in ('torch', 'transformers', 'soundfile', 'audiomentations'):\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from ser_audit.benchmark.cli import main\nmain(sys.argv[1:])"
    )
    for command in ("score", "report"):
        subprocess.run([sys.executable, "-c", block, command, "run"], check=True, capture_output=True)
    assert [f.read_bytes() for f in files] == before


def test_init_writes_an_audit_that_runs(here, capfd):
    assert shell(capfd, "init")[0] == 0
    code, out, _ = shell(capfd, "run", "audit.toml", "--dry-run", "-o", "run")
    assert code == 0
    assert "aru: 240 utterances, 24 speakers" in out
    assert not (here / "run").exists()
    code, _, err = shell(capfd, "init")
    assert (code, err) == (2, "error: audit.toml exists already: give another name\n")


def test_a_spec_and_the_same_flags_give_the_same_predictions(here, table, capfd):
    (here / "audit.toml").write_text(
        'conditions = ["gain@db=2"]\nworkers = 1\nthreads = 1\n[[checkpoints]]\npath = "level.py:Level"\n'
        '[[corpora]]\nname = "c"\npath = "corpus.csv"\nscales = { arousal = [1, 5] }\n'
    )
    assert shell(capfd, "run", "audit.toml", "-o", "a")[0] == 0
    flags = ("--corpus", "c=corpus.csv", "--scale", "arousal=1-5")
    assert shell(capfd, "run", "level.py:Level", *flags, *FAST, "-o", "b")[0] == 0
    for path in (here / "a" / "predictions").iterdir():
        assert path.read_bytes() == (here / "b" / "predictions" / path.name).read_bytes()


BAD = {
    "no such checkpoint": (("nothing.onnx", "--corpus", CORPUS), "nothing.onnx"),
    "no such corpus": (("level.py:Level", "--corpus", "c=nothing.csv"), "nothing.csv"),
    "no corpus at all": (("level.py:Level",), "--corpus NAME=PATH"),
    "a corpus without a name": (("level.py:Level", "--corpus", "corpus.csv"), "NAME=PATH"),
    "an undeclared scale": (("level.py:Level", "--corpus", "c=corpus.csv"), "--scale c:arousal="),
    "a scale that truth exceeds": (
        ("level.py:Level", "--corpus", "c=corpus.csv", "--scale", "arousal=1-4"),
        "arousal",
    ),
    "an unknown column": (
        ("level.py:Level", "--corpus", "c=corpus.csv", "--column", "speaker=speakr"),
        "'speaker'",
    ),
    "an unknown condition": (
        ("level.py:Level", "--corpus", CORPUS, "--condition", "noise.wite@snr_db=3"),
        "noise.white",
    ),
    "an unknown audit": (("level.py:Level", "--corpus", CORPUS, "--audit", "fairnes"), "'fairness'"),
    "an unknown policy": (("level.py:Level", "--corpus", CORPUS, "--policy", "defalt"), "default"),
    "an unknown device": (("level.py:Level", "--corpus", CORPUS, "--device", "tpu"), "'tpu'"),
    "no mapping file": (("level.py:Level", "--corpus", CORPUS, "--labels", "map.toml"), "map.toml"),
    "a pickle": (("model.pkl", "--corpus", CORPUS), "pickle"),
    "a file as output": (("level.py:Level", "--corpus", CORPUS, "-o", "level.py"), "is a file"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_line_with_exit_2_and_nothing_written(case, here, table, capfd):
    (here / "model.pkl").write_bytes(b"cos\nsystem\n(S'touch owned'\ntR.")
    arguments, named = BAD[case]
    output = () if "-o" in arguments else ("-o", "run")
    code, _, err = shell(capfd, "run", *arguments, *output)
    assert code == 2, err
    lines = [x for x in err.splitlines() if x and not x.startswith(("Usage:", "Try "))]
    assert len(lines) == 1, err
    assert named in err
    assert "Traceback" not in err
    assert not (here / "run").exists()
    assert not (here / "owned").exists()


@pytest.fixture
def damaged(here, table) -> pd.DataFrame:
    """The six readable files, and one of every kind that is handled and counted."""
    soundfile.write(here / "short.wav", np.zeros(160), 16000)
    (here / "corrupt.wav").write_bytes(b"RIFF not really")
    (here / "empty.wav").write_bytes(b"")
    soundfile.write(here / "stereo.wav", np.random.default_rng(1).normal(0, 0.1, (44100, 2)), 44100)
    odd = ["short.wav", "corrupt.wav", "empty.wav", "absent.wav", "stereo.wav"]
    more = pd.DataFrame({"file": odd, "speaker": "d", "arousal": [1, 2, 3, 4, None]})
    frame = pd.concat([table, more])
    frame.to_csv(here / "corpus.csv", index=False)
    return frame


DAMAGED = ("level.py:Level", "--corpus", "c=corpus.csv", "--scale", "arousal=1-5", *FAST)


def test_unusable_files_are_counted_and_keep_their_rows_with_a_status(here, damaged, capfd):
    from ser_audit.benchmark import Run

    code, out, _ = shell(capfd, "run", *DAMAGED, "-o", "run")
    assert code == 3
    assert "8 rows have no prediction" in out
    clean = Run("run").predictions("Level", "c").condition("clean")
    assert clean["status"].to_dict() == dict.fromkeys([f"{i}.wav" for i in range(6)], "ok") | {
        "short.wav": "too_short",
        "corrupt.wav": "corrupt",
        "empty.wav": "empty",
        "absent.wav": "missing",
        "stereo.wav": "ok",
    }
    record = Run("run").manifest.corpora[0]
    assert record.handled == {"mixed down": 1, "resampled": 1, "truth.arousal absent": 1}
    ccc = next(f for f in Run("run").findings.findings if f.code == "SER202")
    assert ccc.estimate.n == 6  # neither the failed rows nor the one without truth


def test_strict_refuses_what_is_else_handled(here, damaged, capfd):
    code, _, err = shell(capfd, "run", *DAMAGED, "--strict", "-o", "run")
    assert code == 2
    assert "short.wav" in err
    assert not (here / "run").exists()


def test_a_fault_of_the_harness_exits_4(here, capfd, monkeypatch):
    def broken(*args):
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("ser_audit.benchmark.steps.score", broken)
    code, _, err = shell(capfd, "run", "level.py:Level", "--corpus", CORPUS, *FAST, "-o", "run")
    assert code == 4
    assert "unforeseen" in err


def test_a_gate_does_not_pass_where_nothing_but_integrity_was_judged(here, capfd):
    (here / "level.toml").write_text("trained_on = []")
    audit = ("--audit", "integrity", "--condition", "clean")
    assert shell(capfd, "run", "level.py:Level", "--corpus", CORPUS, *audit, "-o", "run")[0] == 0
    code, out, _ = shell(capfd, "gate", "run")
    assert (code, out.splitlines()[-1]) == (3, "gate: undecided")
