"""Batches that a device has no memory for, and models that fail."""

import gc
import json
import weakref
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ser_audit.benchmark import Spec, predict
from ser_audit.benchmark.checkpoints.audio import AudioCheckpoint
from ser_audit.benchmark.engine.forward import out_of_memory, rows_of
from ser_audit.benchmark.engine.perturb import Perturbed
from ser_audit.benchmark.errors import HarnessError

RATE = 16000


def inputs(lengths, broken=()) -> list[Perturbed]:
    rng = np.random.default_rng(0)
    return [
        Perturbed(None, "not_perturbed", "silence", None)
        if i in broken
        else Perturbed(rng.standard_normal(n).astype(np.float32), "ok", None, f"h{i}")
        for i, n in enumerate(lengths)
    ]


class Model:
    """Means of magnitudes; ``fails`` is asked before each pass."""

    name = "model"
    info = SimpleNamespace(sampling_rate=RATE, outputs=("arousal",))

    def __init__(self, fails=lambda waves: None) -> None:
        self.fails, self.batches = fails, []

    def predict(self, waves):
        error = self.fails(waves)
        if error is not None:
            raise error
        self.batches.append(len(waves))
        return np.array([[np.abs(w).mean()] for w in waves], dtype=np.float32)


def full_above(size: int):
    def fails(waves):
        import torch

        return (
            torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
            if len(waves) > size
            else None
        )

    return fails


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_a_batch_is_halved_until_it_fits_and_no_row_is_another(size):
    given_ = inputs(range(800, 816), broken={3})
    whole, halved = rows_of(Model(), given_)
    assert not halved
    model = Model(full_above(size))
    rows, halved = rows_of(model, given_)
    assert halved
    assert max(model.batches) <= size
    assert rows == whole


@given(st.lists(st.integers(1, 50), min_size=1, max_size=12), st.integers(1, 12), st.sets(st.integers(0, 11)))
def test_rows_stay_with_their_utterances_however_batches_are_halved(lengths, size, broken):
    given_ = inputs(lengths, broken)
    model = Model(lambda waves: MemoryError() if len(waves) > size else None)
    rows, halved = rows_of(model, given_)
    waves = [p.wave for p in given_ if p.wave is not None]
    assert halved == (len(waves) > size)
    assert [r[2] for r in rows] == [p.input_hash for p in given_]
    for perturbed, row in zip(given_, rows, strict=True):
        if perturbed.wave is None:
            assert row == ("not_perturbed", "silence", None, None)
        else:
            assert row[3] == [float(np.abs(perturbed.wave).mean(dtype=np.float32))]


def test_an_utterance_that_does_not_fit_alone_is_said_in_a_line():
    model = Model(lambda waves: MemoryError() if max(map(len, waves)) > RATE else None)
    with pytest.raises(
        HarnessError, match=r"no memory for 2\.5 s of audio through model; what is done is kept"
    ):
        rows_of(model, inputs([100, 200, 40000]))


def test_what_a_failed_pass_held_is_let_go_before_the_halves_are_tried():
    class Tensor:
        pass

    held = []

    def fails(waves):
        gc.collect()
        assert not [1 for t in held if t() is not None]
        if len(waves) == 1:
            return None
        tensor = Tensor()
        held.append(weakref.ref(tensor))
        try:
            raise MemoryError(tensor)
        except MemoryError as error:
            wrapped = RuntimeError("out of memory")
            wrapped.__cause__ = error
            return wrapped

    gc.disable()  # it is let go by its reference count, not by chance
    try:
        rows, halved = rows_of(Model(fails), inputs(range(100, 108)))
    finally:
        gc.enable()
    assert halved
    assert len(held) == 7
    assert all(r[0] == "ok" for r in rows)


def real_errors():
    """Errors that libraries really raise here when there is no memory."""
    import onnxruntime
    import torch
    from onnx import TensorProto, helper

    def graph():
        size = helper.make_tensor("s", TensorProto.INT64, [1], [10**15])
        one = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
        out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None])
        nodes = [helper.make_node("Expand", ["x", "s"], ["y"])]
        model = helper.make_model(
            helper.make_graph(nodes, "g", [one], [out], [size]),
            opset_imports=[helper.make_opsetid("", 17)],
            ir_version=8,
        )
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        return onnxruntime.InferenceSession(model.SerializeToString(), options)

    session = graph()
    return {
        "torch": lambda: torch.empty(10**15),
        "numpy": lambda: np.empty(10**16),
        "onnxruntime": lambda: session.run(None, {"x": np.zeros(1, np.float32)}),
    }


@pytest.mark.parametrize("library", ["torch", "numpy", "onnxruntime"])
def test_libraries_that_have_no_memory_on_the_cpu_are_understood(library):
    with pytest.raises(Exception) as raised:  # noqa: PT011
        real_errors()[library]()
    assert out_of_memory(raised.value)
    assert out_of_memory(
        RuntimeError(f"{type(raised.value).__name__}: {raised.value}")
    )  # as adapters wrap it


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("Available memory of 1024 is smaller than requested bytes of 4096"),
        RuntimeError("MemoryError: "),
        MemoryError(),
    ],
    ids=str,
)
def test_want_of_memory_is_understood_in_the_words_of_libraries(error):
    assert out_of_memory(error)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CUDA error: device-side assert triggered"),
        ValueError("expected 2 channels"),
        RuntimeError("shape '[4, 1]' is invalid for input of size 8"),
        KeyError("memory"),
    ],
    ids=str,
)
def test_other_faults_are_no_want_of_memory(error):
    assert not out_of_memory(error)


def test_another_fault_is_the_row_s_own():
    model = Model(lambda waves: ValueError("odd") if any(len(w) % 2 for w in waves) else None)
    rows, halved = rows_of(model, inputs([100, 101, 102, 103]))
    assert not halved
    assert [r[0] for r in rows] == ["ok", "model_failed"] * 2
    assert rows[1][1] == "ValueError: odd"


@pytest.fixture
def home(tmp_path, make):
    make.graph(tmp_path / "model" / "tiny.onnx")
    make.corpus(tmp_path / "tones", utterances=12)
    return tmp_path


def spec(home, **changes):
    corpus = {"name": "tones", "path": str(home / "tones" / "table.csv"), "scales": {"arousal": (0, 1)}}
    base = {
        "checkpoints": str(home / "model" / "tiny.onnx"),
        "corpora": [corpus],
        "conditions": ("clipping@percent=5",),
        "audits": ("integrity", "correctness"),
        "workers": 1,
        "threads": 1,
        "device": "cpu",
        "batch_size": 4,
    }
    return Spec(**(base | changes))


@pytest.fixture
def small(monkeypatch):
    """A device that has memory for a number of utterances, which a test may change."""
    limit = SimpleNamespace(batch=1000, samples=10**9)
    raw = AudioCheckpoint.predict

    def predict_(self, waves):
        if len(waves) > limit.batch or max(map(len, waves)) > limit.samples:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB")
        return raw(self, waves)

    monkeypatch.setattr(AudioCheckpoint, "predict", predict_)
    return limit


def scores(run):
    frame = run.predictions("tiny", "tones").frame.set_index(["condition", "utterance"]).sort_index()
    return frame[[c for c in frame if c.startswith("score.")]]


def test_a_run_with_halved_batches_says_so_equals_the_whole_one_and_is_not_kept(home, small, own_cache):
    small.batch = 2
    run = predict(spec(home), home / "halved")
    assert run.manifest.halved == dict.fromkeys(run.manifest.tables, 3)  # 12 utterances in batches of 4
    assert not (own_cache / "predictions").exists()
    small.batch = 1000
    whole = predict(spec(home), home / "whole")
    assert whole.manifest.halved == {}
    a, b = scores(run).to_numpy(), scores(whole).to_numpy()
    assert np.linalg.norm(a - b) <= 1e-6 * np.linalg.norm(b)


def test_halved_batches_stay_counted_when_a_run_is_killed_and_goes_on(home, small, monkeypatch):
    from ser_audit.benchmark.engine import session

    small.batch = 2
    write, written = session.write_table, []

    def killed(path, *rest):
        if len(written) == 1:
            raise KeyboardInterrupt
        written.append(path)
        write(path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(session, "write_table", killed)
        with pytest.raises(KeyboardInterrupt):
            predict(spec(home), home / "run")
    run = predict(spec(home), home / "run")
    assert run.manifest.halved == dict.fromkeys(run.manifest.tables, 3)
    small.batch = 1000
    more = predict(spec(home, conditions=("clipping@percent=5", "dc@percent=10")), home / "run")
    assert more.manifest.halved == run.manifest.halved


def test_an_utterance_too_large_for_the_device_ends_the_run_in_a_line_and_nothing_is_lost(
    home, small, capsys, tables_of
):
    from ser_audit.benchmark.cli import main

    whole = tables_of(predict(spec(home, cache=False), home / "whole").path)
    small.samples = 12000
    arguments = ["run", str(home / "model" / "tiny.onnx"), "-o", str(home / "run"), "--device", "cpu"]
    arguments += ["--corpus", f"tones={home / 'tones' / 'table.csv'}", "--scale", "arousal=0-1"]
    arguments += ["--condition", "clipping@percent=5", "--audit", "integrity", "--audit", "correctness"]
    arguments += ["--batch-size", "4", "--threads", "1", "--workers", "1"]
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    said = capsys.readouterr().err.strip().splitlines()
    assert stopped.value.code == 4
    assert "there is no memory for" in said[-1]
    assert sum("memory" in line for line in said) == 1
    (journal,) = (home / "run" / ".ser-audit-work").glob("*clean*.jsonl")
    assert len(journal.read_bytes().splitlines()) > 1
    small.samples = 10**9
    run = predict(spec(home), home / "run")
    assert tables_of(run.path) == whole
    rows = pd.concat([pd.read_parquet(p) for p in (home / "run" / "predictions").iterdir()])
    assert (rows["status"] == "ok").all()
    assert json.loads((home / "run" / "manifest.json").read_text())["halved"] == {}
