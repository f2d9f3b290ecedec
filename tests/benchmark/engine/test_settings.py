"""What rows depend on: chosen for the machine once, then as the run has it."""

import re
from importlib.metadata import requires
from types import SimpleNamespace

import pytest
from ser_audit.benchmark import Spec, predict
from ser_audit.benchmark.engine import settings as engine
from ser_audit.benchmark.engine.plan import make_plan


@pytest.fixture
def spec(tmp_path, make):
    make.graph(tmp_path / "tiny.onnx")
    table = make.corpus(tmp_path / "tones", utterances=4)

    def of(**changes):
        corpus = {"name": "tones", "path": str(table), "scales": {"arousal": (0, 1)}}
        base = {
            "checkpoints": str(tmp_path / "tiny.onnx"),
            "corpora": [corpus],
            "conditions": ("clipping@percent=5",),
            "audits": ("integrity",),
            "workers": 1,
            "device": "cpu",
        }
        return Spec(**(base | changes))

    return of


def test_one_thread_to_a_pass_and_a_pass_to_each_core(spec, monkeypatch):
    monkeypatch.setattr(engine, "cores", lambda: 6)
    plan = make_plan(spec())
    chosen = engine.settings(plan, None)
    assert (chosen.threads, engine.passes(plan, chosen)) == (1, 6)
    plan = make_plan(spec(threads=4))
    assert engine.passes(plan, engine.settings(plan, None)) == 1


def test_what_is_left_open_is_as_in_the_run_that_goes_on(spec, tmp_path, monkeypatch):
    run = predict(spec(threads=2, batch_size=3), tmp_path / "run")
    monkeypatch.setattr(engine, "batch_seconds", lambda *_: 7.5)
    monkeypatch.setattr(engine, "cores", lambda: 9)
    chosen = engine.settings(make_plan(spec()), run.manifest)
    assert (chosen.threads, chosen.batch_size, chosen.batch_seconds) == (2, 3, run.manifest.batch_seconds)
    more = predict(spec(conditions=("dc@percent=10",)), tmp_path / "run").manifest
    assert (more.threads, more.batch_size, more.batch_seconds) == (2, 3, run.manifest.batch_seconds)


def test_keys_hold_everything_that_rows_depend_on_and_no_number_of_workers(spec, monkeypatch):
    base = engine.settings(make_plan(spec()), None)
    said = engine.depends_on(base)
    assert engine.depends_on(engine.settings(make_plan(spec(workers=7)), None)) == said
    for name in ("seed", "threads", "batch_size", "batch_seconds", "device", "versions"):
        value = {"device": "cuda", "versions": {}}.get(name, 12345)
        monkeypatch.setattr(engine, "machine", lambda d: {"cpu": "x", "CPU features": "y"})
        other = SimpleNamespace(**{**vars(base), name: value})
        assert engine.depends_on(other) != engine.depends_on(base), name


READERS = {"audformat", "onnx", "pandas", "pyarrow", "pyyaml", "safetensors"}  # a file's content, or nothing
BESIDE = {"click", "filelock", "jinja2", "loky", "matplotlib", "pydantic", "pytest-benchmark", "rich"}
BESIDE |= {"audmetric", "fairlearn", "threadpoolctl", "tomlkit", "py-cpuinfo", "psutil"}


def test_every_library_that_touches_audio_or_a_model_is_in_the_keys():
    needed = {re.split(r"[^A-Za-z0-9-]", r)[0].lower() for r in requires("ser-audit") if "extra" not in r}
    assert needed - READERS - BESIDE <= set(engine.LIBRARIES)
