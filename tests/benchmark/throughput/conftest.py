"""Checkpoints whose times and scores are known."""

import time
from types import SimpleNamespace

import numpy as np
import pytest
from ser_audit.benchmark.checkpoint import CheckpointInfo, Output

RATE = 16000
CLASSES = tuple(Output(name, "class") for name in ("angry", "happy", "sad"))


class Fake:
    """Scores are moments of the wave; a call takes ``seconds``, and ``each`` for every utterance."""

    format, source, revision, padding, proofs = "fake", "fake", "sha256:0", "one by one", None
    parameters = 12
    info = CheckpointInfo(CLASSES, RATE)

    def __init__(self, name="fake", each=0.0, variants=None):
        self.name, self.each, self.calls = name, each, []
        self._variants = variants or {}

    def predict(self, waves):
        self.calls.append([len(w) for w in waves])
        if self.each:
            time.sleep(self.each * len(waves))
        return np.array([[w.mean(), w.std(), abs(w).max()] for w in waves], dtype=np.float32)

    @property
    def variants(self):
        return tuple(self._variants)

    def variant(self, name):
        made = self._variants[name](self)
        return made if callable(made) else SimpleNamespace()

    def macs(self, samples):
        return 7 * samples


@pytest.fixture
def fake():
    return Fake


@pytest.fixture
def waves():
    """Twelve waves of .1 to 1.2 seconds."""
    rng = np.random.default_rng(5)
    return [(0.1 * rng.standard_normal(RATE * n // 10)).astype(np.float32) for n in range(1, 13)]


@pytest.fixture
def timed(monkeypatch):
    """Measure with little time for each scenario: ``timed(checkpoint, waves, …)``."""
    from ser_audit.benchmark.throughput import measure, ratio, scenarios

    monkeypatch.setattr(scenarios, "WARM", 0.05)
    monkeypatch.setattr(scenarios, "BUDGET", 0.1)
    monkeypatch.setattr(scenarios, "QUERIES", 20)
    monkeypatch.setattr(ratio, "BUDGET", 0.5)

    def run(checkpoint, waves, **options):
        given = {
            "load_seconds": 0.5,
            "batch_size": 4,
            "batch_seconds": 60.0,
            "settings": {"device": "cpu", "threads": 1},
        }
        return measure(checkpoint, waves, **{**given, **options})

    return run
