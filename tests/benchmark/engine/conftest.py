"""A checkpoint that costs nothing: loudness as arousal."""

from pathlib import Path

import pytest

MODEL = '''
import numpy as np

class Loudness:
    """Arousal is the level, valence the zero-crossing rate; neither depends on other utterances."""

    dimensions = ["arousal", "valence"]
    value_range = [0.0, 1.0]
    sampling_rate = 16000
    trained_on = []

    def predict(self, waves, sampling_rate):
        level = [np.sqrt(np.mean(w.astype(float) ** 2)) for w in waves]
        crossings = [np.mean(np.diff(np.sign(w)) != 0) for w in waves]
        return np.array([level, crossings], dtype=np.float32).T
'''


@pytest.fixture(scope="session")
def loudness_source() -> str:
    """The code of it."""
    return MODEL


@pytest.fixture
def loudness(tmp_path: Path) -> str:
    path = tmp_path / "loudness.py"
    path.write_text(MODEL)
    return f"{path}:Loudness"


SIDECAR = """dimensions = ["arousal"]
classes = ["calm", "cross", "merry"]
activation = "softmax"
value_range = [0.0, 1.0]
sampling_rate = 16000
trained_on = []
"""


def make_graph(path: Path, seed: int = 0) -> Path:
    """An ONNX graph, and its sidecar: filters, their mean magnitude over time, a matrix; weights by seed."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(seed)
    weights = {
        "axis": np.array([1]),
        "filters": rng.standard_normal((8, 1, 25)).astype(np.float32),
        "head": rng.standard_normal((8, 4)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Unsqueeze", ["signal", "axis"], ["wave"]),
        helper.make_node("Conv", ["wave", "filters"], ["frames"], strides=[10]),
        helper.make_node("Abs", ["frames"], ["size"]),
        helper.make_node("ReduceMean", ["size"], ["pooled"], axes=[2], keepdims=0),
        helper.make_node("MatMul", ["pooled", "head"], ["raw"]),
    ]
    given = helper.make_tensor_value_info("signal", TensorProto.FLOAT, ["batch", "samples"])
    taken = helper.make_tensor_value_info("raw", TensorProto.FLOAT, ["batch", 4])
    tensors = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    model = helper.make_model(
        helper.make_graph(nodes, "tiny", [given], [taken], tensors),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
    path.with_suffix(".toml").write_text(SIDECAR)
    return path


def make_corpus(folder: Path, utterances: int = 12, speakers: int = 4, seed: int = 0) -> Path:
    """A table of noisy tones of .3 to .9 s, whose level is their arousal."""
    import numpy as np
    import pandas as pd
    import soundfile

    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for i in range(utterances):
        time = np.arange(round(16000 * rng.uniform(0.3, 0.9))) / 16000
        level = rng.uniform(0.05, 0.5)
        wave = level * np.sin(2 * np.pi * rng.uniform(90, 300) * time) + 0.01 * rng.standard_normal(len(time))
        soundfile.write(folder / f"{i}.wav", wave, 16000)
        emotion = ("calm", "cross", "merry")[i % 3]
        rows.append((f"{i}.wav", f"s{i % speakers}", level, emotion))
    table = folder / "table.csv"
    pd.DataFrame(rows, columns=["file", "speaker", "arousal", "emotion"]).to_csv(table, index=False)
    return table


@pytest.fixture(scope="session")
def make():
    """``make.graph(path, seed)`` and ``make.corpus(folder, utterances, speakers, seed)``."""
    from types import SimpleNamespace

    return SimpleNamespace(graph=make_graph, corpus=make_corpus)


@pytest.fixture
def watched(monkeypatch):
    """What a run does in this process: utterances predicted, checkpoints opened, utterances decoded."""
    from types import SimpleNamespace

    from ser_audit.benchmark import checkpoints
    from ser_audit.benchmark.checkpoints.audio import AudioCheckpoint
    from ser_audit.benchmark.engine import store

    seen = SimpleNamespace(predicted=[], opened=[], decoded=[])
    predict, opened, prepare = AudioCheckpoint.predict, checkpoints.open_checkpoint, store.prepare

    def predicting(self, waves):
        seen.predicted.extend([self.name] * len(waves))
        return predict(self, waves)

    def opening(reference, **settings):
        seen.opened.append(settings["name"])
        return opened(reference, **settings)

    def preparing(utterance, rate):
        seen.decoded.append(utterance.id)
        return prepare(utterance, rate)

    monkeypatch.setattr(AudioCheckpoint, "predict", predicting)
    monkeypatch.setattr(checkpoints, "open_checkpoint", opening)
    monkeypatch.setattr(store, "prepare", preparing)
    return seen


def tables(run: Path) -> dict[str, bytes]:
    """File name -> bytes of a run's tables."""
    return {p.name: p.read_bytes() for p in sorted((run / "predictions").glob("*.parquet"))}


@pytest.fixture(scope="session")
def tables_of():
    """``tables_of(run)``: file name -> bytes of a run's tables."""
    return tables
