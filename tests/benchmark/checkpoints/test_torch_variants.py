"""A model in bfloat16, int8 and compiled: what is computed, and what happens where it cannot be."""

import copy

import numpy as np
import pytest
import torch
from ser_audit.benchmark.checkpoints import open_checkpoint
from ser_audit.benchmark.checkpoints.batching import Policies
from ser_audit.benchmark.checkpoints.onnx_variants import onnx_variants
from ser_audit.benchmark.checkpoints.torch_model import Forward, zero_mean_unit_variance
from ser_audit.benchmark.checkpoints.variants import torch_variants
from ser_audit.benchmark.errors import InputError
from torch import nn


@pytest.fixture(scope="module")
def checkpoint(group_folder):
    return open_checkpoint(group_folder, threads=1)


@pytest.fixture(scope="module")
def model(group_folder):
    from transformers import AutoModelForAudioClassification

    return AutoModelForAudioClassification.from_pretrained(group_folder).eval()


def softmax(logits):
    return torch.softmax(logits.float(), dim=-1).numpy()


def relative(a, b):
    return np.linalg.norm(a - b) / np.linalg.norm(b)


def test_bfloat16_is_the_whole_model_in_bfloat16(checkpoint, model, waves):
    variant = checkpoint.variant("bfloat16")
    whole = copy.deepcopy(model).to(torch.bfloat16)
    wave = torch.from_numpy(zero_mean_unit_variance(waves[2]))[None]
    with torch.no_grad():
        expected = whole(wave.to(torch.bfloat16)).logits
    assert variant([waves[2]])[0] == pytest.approx(softmax(expected)[0], abs=1e-6)
    assert variant.how == "weights and activations in bfloat16"
    away = relative(variant(waves), checkpoint.predict(waves))
    assert 1e-5 < away < 0.05


def test_a_variants_batches_see_no_padding_beyond_its_rounding(checkpoint, waves):
    assert checkpoint.padding == "masked group norm"
    for name in ("bfloat16", "int8"):
        variant = checkpoint.variant(name)
        single = np.concatenate([variant([w]) for w in waves])
        assert relative(variant(waves), single) < 0.03


def test_int8_is_torchs_dynamic_quantisation(checkpoint, model, waves):
    variant = checkpoint.variant("int8")
    with pytest.warns(DeprecationWarning, match="quantization"):
        changed = torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, torch.qint8)
    wave = torch.from_numpy(zero_mean_unit_variance(waves[2]))[None]
    with torch.no_grad():
        expected = changed(wave).logits
    assert variant([waves[2]])[0] == pytest.approx(softmax(expected)[0], abs=1e-5)
    linear = sum(isinstance(m, nn.Linear) for m in model.modules())
    assert variant.how == f"{linear} linear layers with dynamic int8"


def test_variants_leave_the_checkpoint_as_it_is(checkpoint, waves):
    before = checkpoint.predict(waves)
    for name in ("bfloat16", "int8"):
        checkpoint.variant(name)(waves)
    assert checkpoint.variants == ("bfloat16", "int8", "compiled")
    assert np.array_equal(checkpoint.predict(waves), before)


class Stubborn(nn.Module):
    """Multiplies with float32 weights that no cast reaches, so the whole model breaks in bfloat16."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)
        self.hidden = [torch.eye(4)]

    def forward(self, waves):
        return self.layer(waves[:, :4] @ self.hidden[0])


def on_waves(module):
    run = Forward(module)
    return Policies(lambda batch: run(lambda: module(run.put(batch))))


def test_bfloat16_falls_back_to_autocast_and_says_so():
    torch.manual_seed(0)
    module = Stubborn().eval()
    made = torch_variants(module, on_waves, "cpu")["bfloat16"]()
    assert made.how.startswith(
        "bfloat16 by autocast, weights in float32, as the whole model does not bear it ("
    )
    wave = np.random.default_rng(0).standard_normal((1, 100)).astype(np.float32)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        expected = module(torch.from_numpy(wave)).float().numpy()
    assert np.array_equal(made.stacked(wave), expected)
    assert not np.array_equal(made.stacked(wave), on_waves(module).stacked(wave))


def test_int8_wants_linear_layers_and_a_cpu():
    with pytest.raises(InputError, match="no linear layer"):
        torch_variants(nn.Conv1d(1, 1, 3), on_waves, "cpu")["int8"]()
    with pytest.raises(InputError, match="on the CPU only, and this is cuda"):
        torch_variants(Stubborn(), on_waves, "cuda")["int8"]()


class Small(nn.Module):
    """A hidden layer."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Linear(16, 8), nn.Linear(8, 2)

    def forward(self, waves):
        return self.last(torch.tanh(self.first(waves)))


def test_compiled_predicts_what_eager_does_and_takes_any_shape(monkeypatch):
    """Without code generation, which takes a compiler and a minute: the traced graph runs as it is."""
    shapes = []

    def backend(graph, inputs):
        shapes.append(next(i for i in inputs if isinstance(i, torch.Tensor)).shape)
        return graph.forward

    compile_ = nn.Module.compile
    monkeypatch.setattr(nn.Module, "compile", lambda self, **how: compile_(self, backend=backend, **how))
    module = Small().eval()
    made = torch_variants(module, on_waves, "cpu")["compiled"]()
    for rows in (3, 5, 9):
        batch = np.random.default_rng(rows).standard_normal((rows, 16)).astype(np.float32)
        assert np.array_equal(made.stacked(batch), on_waves(module).stacked(batch))
    assert len(shapes) == 1
    assert made.how == "torch.compile with dynamic shapes"


def test_without_a_compiler_compiled_raises_what_is_missing(monkeypatch):
    monkeypatch.setenv("TORCHINDUCTOR_FORCE_DISABLE_CACHES", "1")
    monkeypatch.setattr("torch._inductor.config.cpp.cxx", ("no-such-compiler",))
    torch._dynamo.reset()
    made = torch_variants(Small(), on_waves, "cpu")["compiled"]()
    with pytest.raises(Exception, match=r"C\+\+ compiler"):
        made.stacked(np.zeros((3, 16), dtype=np.float32))


def graph(path, constant):
    """Scores = mean over time of the wave in frames of 8, times a matrix that is constant or not."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = np.random.default_rng(3).standard_normal((8, 3)).astype(np.float32)
    nodes = [helper.make_node("Reshape", ["wave", "shape"], ["frames"])]
    if constant:
        nodes.append(helper.make_node("MatMul", ["frames", "weights"], ["products"]))
        nodes.append(helper.make_node("ReduceMean", ["products"], ["scores"], axes=[1], keepdims=0))
    else:
        nodes.append(helper.make_node("ReduceMean", ["frames"], ["scores"], axes=[1], keepdims=0))
    made = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("wave", TensorProto.FLOAT, ["batch", "samples"])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 3 if constant else 8])],
        [
            numpy_helper.from_array(np.array([0, -1, 8], dtype=np.int64), "shape"),
            *([numpy_helper.from_array(weights, "weights")] if constant else []),
        ],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)
    return weights


def start(path):
    from ser_audit.benchmark.checkpoints.onnx import start

    return start(path, "cpu", 1)


def test_an_onnx_graph_has_int8_too(tmp_path):
    path = tmp_path / "g.onnx"
    weights = graph(path, constant=True)
    made = onnx_variants(path, "cpu", start, "wave", "scores")["int8"]()
    wave = np.random.default_rng(1).standard_normal((2, 80)).astype(np.float32)
    exact = (wave.reshape(2, 10, 8) @ weights).mean(axis=1)
    found = made.stacked(wave)
    assert relative(found, exact) < 0.03
    assert not np.array_equal(found, exact)
    assert made.how == "1 matrix products with dynamic int8"


def test_an_onnx_graph_without_constant_products_has_no_int8(tmp_path):
    path = tmp_path / "g.onnx"
    graph(path, constant=False)
    with pytest.raises(InputError, match="no matrix product with constant weights"):
        onnx_variants(path, "cpu", start, "wave", "scores")["int8"]()
    with pytest.raises(InputError, match="on the CPU only"):
        onnx_variants(path, "cuda", start, "wave", "scores")["int8"]()
