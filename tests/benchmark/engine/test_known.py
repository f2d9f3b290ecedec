"""A checkpoint that was proven once is known without its weights."""

from types import SimpleNamespace

import pytest
from ser_audit.benchmark import Spec
from ser_audit.benchmark import checkpoints as formats
from ser_audit.benchmark.engine.cache import Cache
from ser_audit.benchmark.engine.known import Known, know
from ser_audit.benchmark.engine.plan import make_plan
from ser_audit.benchmark.engine.settings import settings


@pytest.fixture
def home(tmp_path, make, monkeypatch):
    """A checkpoint, what the plan says of it, and how often it was opened."""
    make.graph(tmp_path / "tiny.onnx")
    table = make.corpus(tmp_path / "tones", utterances=4)
    corpus = {"name": "tones", "path": str(table), "scales": {"arousal": (0, 1)}}

    def planned(**changes):
        base = {"checkpoints": str(tmp_path / "tiny.onnx"), "corpora": [corpus], "threads": 1}
        plan = make_plan(Spec(**(base | changes), device="cpu"))
        return plan.checkpoints[0], settings(plan, None)

    opened, seen = formats.open_checkpoint, []
    monkeypatch.setattr(formats, "open_checkpoint", lambda r, **k: seen.append(r) or opened(r, **k))
    return SimpleNamespace(path=tmp_path, planned=planned, opened=seen, cache=Cache(tmp_path / "cache"))


def test_it_says_what_it_said_when_it_was_loaded_and_loads_when_it_predicts(home):
    import numpy as np

    first = know(*home.planned(), None, home.cache)
    second = know(*home.planned(), None, home.cache)
    assert isinstance(second, Known)
    assert len(home.opened) == 1
    loaded = first.loaded
    for name in ("name", "format", "source", "revision", "info", "parameters", "padding", "proofs"):
        assert getattr(second, name) == getattr(loaded, name), name
    assert len(home.opened) == 1
    waves = [np.ones(8000, np.float32), np.ones(9000, np.float32)]
    assert (second.predict(waves) == loaded.predict(waves)).all()
    assert second.macs(16000) == loaded.macs(16000)
    assert second.load_seconds > 0
    assert len(home.opened) == 2  # once for all that was asked


@pytest.mark.parametrize("change", [{"threads": 2}, {"batch_size": 3}, {"seed": 1}], ids=str)
def test_a_proof_holds_for_its_settings_only(home, change):
    know(*home.planned(), None, home.cache)
    know(*home.planned(**change), None, home.cache)
    assert len(home.opened) == 2


def test_other_weights_are_proven_anew(home, make):
    know(*home.planned(), None, home.cache)
    make.graph(home.path / "tiny.onnx", seed=1)
    know(*home.planned(), None, home.cache)
    assert len(home.opened) == 2


def test_without_a_cache_and_a_run_nothing_is_known(home):
    for _ in range(2):
        know(*home.planned(), None, Cache(None))
    assert len(home.opened) == 2


@pytest.mark.parametrize("said", [b"", b"{}", b"[]", b'{"parameters": "many", "padding": "mask"}', b"\xff"])
def test_a_proof_of_another_version_is_made_anew(home, said):
    know(*home.planned(), None, home.cache)
    (entry,) = (home.path / "cache" / "proofs").rglob("*/*")
    home.cache.put("proofs", entry.name, said)
    assert know(*home.planned(), None, home.cache).proofs
    assert len(home.opened) == 2


def test_a_table_of_predictions_is_read_each_time(home):
    (home.path / "made.csv").write_text("utterance,condition,score.arousal\n0.wav,clean,0.5\n")
    for _ in range(2):
        know(*home.planned(checkpoints=str(home.path / "made.csv")), None, home.cache)
    assert len(home.opened) == 2
