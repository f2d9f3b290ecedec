"""ONNX graphs: what they must take and give, batches proven by a probe, and safety."""

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from ser_audit.benchmark.checkpoints import open_checkpoint
from ser_audit.benchmark.errors import InputError

INFO = 'classes = ["a", "b", "c"]\nactivation = "softmax"\nsampling_rate = 16000\n'
FILTERS = np.random.default_rng(0).standard_normal((4, 1, 10)).astype(np.float32)
HEAD = np.random.default_rng(1).standard_normal((4, 3)).astype(np.float32)


def graph(
    folder, *, batch="batch", samples="samples", inner=None, head=HEAD, outputs=("logits",), metadata=()
):
    """Convolution → ReLU → mean → matrix product, float32 (batch, samples) to (batch, 3).

    ``inner`` fixes a batch size inside the graph, as careless exports do.
    """
    shape = np.array([inner or 0, 4], dtype=np.int64)
    nodes = [
        helper.make_node("Unsqueeze", ["signal", "axis"], ["wave"]),
        helper.make_node("Conv", ["wave", "filters"], ["frames"], strides=[5]),
        helper.make_node("Relu", ["frames"], ["active"]),
        helper.make_node("ReduceMean", ["active"], ["pooled"], axes=[2], keepdims=0),
        helper.make_node("Reshape", ["pooled", "shape"], ["flat"]),
        helper.make_node("MatMul", ["flat", "head"], ["logits"]),
        helper.make_node("Identity", ["flat"], ["hidden"]),
    ]
    weights = {"axis": np.array([1]), "filters": FILTERS, "shape": shape, "head": head}
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "tiny",
            [helper.make_tensor_value_info("signal", TensorProto.FLOAT, [batch, samples])],
            [
                helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", 3 if n == "logits" else 4])
                for n in outputs
            ],
            [numpy_helper.from_array(value, name) for name, value in weights.items()],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    for key, value in metadata:
        model.metadata_props.add(key=key, value=value)
    onnx.save(model, folder / "tiny.onnx")
    (folder / "tiny.toml").write_text(INFO)
    return folder / "tiny.onnx"


def by_hand(wave):
    """The graph's computation in numpy, probabilities (3,)."""
    frames = np.lib.stride_tricks.sliding_window_view(wave, 10)[::5] @ FILTERS[:, 0].T
    raw = np.maximum(frames, 0).mean(axis=0) @ HEAD
    return np.exp(raw) / np.exp(raw).sum()


def refused(match, path):
    with pytest.raises(InputError, match=match):
        open_checkpoint(path)


def test_equal_lengths_share_a_batch_and_change_nothing(tmp_path, waves):
    checkpoint = open_checkpoint(graph(tmp_path))
    batched = checkpoint.predict(waves)
    single = np.concatenate([checkpoint.predict([wave]) for wave in waves])
    assert checkpoint.padding == "equal lengths"
    assert checkpoint.parameters == FILTERS.size + HEAD.size
    assert np.linalg.norm(batched - single) <= 1e-6 * np.linalg.norm(single)
    np.testing.assert_allclose(batched, [by_hand(wave) for wave in waves], rtol=1e-4)


@pytest.mark.parametrize("fixed", [{"batch": 1}, {"inner": 1}])
def test_a_fixed_batch_axis_runs_one_by_one(tmp_path, waves, fixed):
    checkpoint = open_checkpoint(graph(tmp_path, **fixed))
    assert checkpoint.padding == "one by one"
    np.testing.assert_allclose(checkpoint.predict(waves), [by_hand(w) for w in waves], rtol=1e-4)


def test_rows_that_depend_on_each_other_run_one_by_one(tmp_path, waves):
    path = graph(tmp_path)
    model = onnx.load(path)
    model.graph.node[-2].output[0] = "raw"
    model.graph.node.append(helper.make_node("ReduceMean", ["raw"], ["centre"], axes=[0], keepdims=1))
    model.graph.node.append(helper.make_node("Add", ["raw", "centre"], ["logits"]))
    onnx.save(model, path)
    assert open_checkpoint(path).padding == "one by one"


def test_the_output_is_chosen_by_its_width(tmp_path):
    checkpoint = open_checkpoint(graph(tmp_path, outputs=("hidden", "logits")))  # as audEERING's export
    assert checkpoint.predict([np.ones(400, dtype=np.float32)]).shape == (1, 3)
    (tmp_path / "tiny.toml").write_text(INFO.replace('"c"', '"c", "d", "e"'))
    refused(
        r"tiny.toml names 5 outputs, but tiny.onnx gives hidden \(4 columns\), logits \(3 columns\)",
        tmp_path / "tiny.onnx",
    )


def test_the_sidecar_names_an_output_where_the_width_does_not_tell(tmp_path, waves):
    path = graph(tmp_path, outputs=("logits", "hidden"))
    model = onnx.load(path)
    model.graph.node.append(helper.make_node("Neg", ["logits"], ["against"]))
    model.graph.output.append(helper.make_tensor_value_info("against", TensorProto.FLOAT, ["batch", 3]))
    onnx.save(model, path)
    refused(r"does not tell its output;(.|\n)*logits \(3 columns\), hidden \(4 columns\), against \(3", path)
    (tmp_path / "tiny.toml").write_text('output = "against"\n' + INFO.replace("softmax", "none"))
    given, (wave, *_) = open_checkpoint(path).predict(waves[:1]), waves
    (tmp_path / "tiny.toml").write_text('output = "logits"\n' + INFO)
    np.testing.assert_allclose(open_checkpoint(path).predict([wave])[0], by_hand(wave), rtol=1e-4)
    np.testing.assert_allclose(np.exp(-given[0]) / np.exp(-given[0]).sum(), by_hand(wave), rtol=1e-4)


def test_an_output_without_the_batch_axis_is_one_wave_s(tmp_path, waves):
    path = graph(tmp_path, batch=1)
    model = onnx.load(path)
    model.graph.node.append(helper.make_node("Squeeze", ["logits"], ["flat_logits"]))
    model.graph.output.pop()
    model.graph.output.append(helper.make_tensor_value_info("flat_logits", TensorProto.FLOAT, [3]))
    onnx.save(model, path)
    np.testing.assert_allclose(open_checkpoint(path).predict(waves), [by_hand(w) for w in waves], rtol=1e-4)


def test_metadata_in_the_graph_is_a_fact(tmp_path):
    facts = [("classes", json.dumps(["x", "y", "z"])), ("sampling_rate", "8000"), ("activation", "sigmoid")]
    path = graph(tmp_path, metadata=facts)
    (tmp_path / "tiny.toml").unlink()
    info = open_checkpoint(path).info
    assert (info.classes, info.sampling_rate, info.activation) == (("x", "y", "z"), 8000, "sigmoid")
    (tmp_path / "tiny.toml").write_text('classes = ["y", "x", "z"]')
    refused("tiny.toml names the outputs y, x, z, but tiny.onnx itself x, y, z", path)


def test_missing_facts_know_the_number_of_outputs(tmp_path):
    path = graph(tmp_path)
    (tmp_path / "tiny.toml").unlink()
    refused(
        r"does not tell its classes or dimensions, activation and sampling_rate(.|\n)*its 3 outputs", path
    )


def test_more_names_than_outputs_are_refused(tmp_path):
    path = graph(tmp_path)
    (tmp_path / "tiny.toml").write_text(INFO.replace('"c"', '"c", "d"'))
    refused(r"tiny.toml names 4 outputs \(a, b, c, d\), but tiny.onnx has 3", path)


def test_a_fixed_length_is_refused(tmp_path):
    refused("takes exactly 16000 samples: export it with a dynamic axis", graph(tmp_path, samples=16000))


def test_a_broken_file_is_refused(tmp_path):
    (tmp_path / "noise.onnx").write_bytes(b"\x08\x07\xff\xff\xff")
    refused("noise.onnx is no ONNX", tmp_path / "noise.onnx")


def test_a_weight_that_is_not_finite_is_named(tmp_path):
    head = HEAD.copy()
    head[1, 1] = np.inf
    refused("weights that are not finite: head", graph(tmp_path, head=head))


def test_a_weight_that_is_not_a_number_is_named_wherever_it_lies(tmp_path):
    path = external(tmp_path, "w.bin")
    content = (tmp_path / "w.bin").read_bytes()
    row = HEAD[1].tobytes()
    assert content.count(row) == 1
    (tmp_path / "w.bin").write_bytes(content.replace(row, np.full(3, np.nan, np.float32).tobytes()))
    refused("weights that are not finite: head$", path)

    path = graph(tmp_path)
    model = onnx.load(path)
    scale = numpy_helper.from_array(np.array([1, np.nan, 1], dtype=np.float32), "scale_inside")
    model.graph.node[-2].output[0] = "raw"
    model.graph.node.append(helper.make_node("Constant", [], ["scale"], value=scale))
    model.graph.node.append(helper.make_node("Mul", ["raw", "scale"], ["logits"]))
    onnx.save(model, path)
    refused("weights that are not finite: scale_inside$", path)


def test_infinity_inside_may_be_a_mask(tmp_path, waves):
    path = graph(tmp_path)
    model = onnx.load(path)
    mask = numpy_helper.from_array(np.array([np.inf, np.inf, np.inf], dtype=np.float32), "mask")
    model.graph.node[-2].output[0] = "raw"
    model.graph.node.append(helper.make_node("Constant", [], ["most"], value=mask))
    model.graph.node.append(helper.make_node("Min", ["raw", "most"], ["logits"]))
    onnx.save(model, path)
    np.testing.assert_allclose(open_checkpoint(path).predict(waves), [by_hand(w) for w in waves], rtol=1e-4)


def test_operators_that_need_a_library_of_their_own_are_refused(tmp_path):
    path = graph(tmp_path)
    model = onnx.load(path)
    model.graph.node[2].CopyFrom(helper.make_node("Evil", ["frames"], ["active"], domain="my.ops"))
    model.opset_import.append(helper.make_opsetid("my.ops", 1))
    onnx.save(model, path)
    refused("uses the operator Evil of the domain 'my.ops', which needs a library of its own: refused", path)
    inner = helper.make_graph([model.graph.node[2]], "inner", [], [])
    model.graph.node[2].CopyFrom(
        helper.make_node("If", ["c"], ["active"], then_branch=inner, else_branch=inner)
    )
    onnx.save(model, path)
    refused("uses the operator Evil of the domain 'my.ops'", path)


def test_operators_that_the_graph_defines_itself_run(tmp_path, waves):
    path = graph(tmp_path)
    model = onnx.load(path)
    model.graph.node[2].CopyFrom(helper.make_node("Active", ["frames"], ["active"], domain="my.ops"))
    model.opset_import.append(helper.make_opsetid("my.ops", 1))
    standard = [helper.make_opsetid("", 17)]
    body = [helper.make_node("Relu", ["x"], ["y"])]
    model.functions.append(helper.make_function("my.ops", "Active", ["x"], ["y"], body, standard))
    onnx.save(model, path)
    np.testing.assert_allclose(open_checkpoint(path).predict(waves), [by_hand(w) for w in waves], rtol=1e-4)


def test_where_it_runs_is_told(tmp_path, monkeypatch):
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    checkpoint = open_checkpoint(graph(tmp_path), device="cuda")
    assert checkpoint.device == "cpu"
    assert checkpoint.proofs.weights.endswith(
        "; it runs on the CPU, because onnxruntime has no CUDA provider here"
    )
    assert "CPU" not in open_checkpoint(graph(tmp_path)).proofs.weights


def external(folder, location):
    """Move the weights of the graph to another file, at ``location`` seen from its folder."""
    path = graph(folder)
    model = onnx.load(path)
    (folder / "w.bin").write_bytes(b"")
    onnx.save_model(
        model,
        path,
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location="w.bin",
        size_threshold=64,
    )
    model = onnx.load(path, load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = location
    onnx.save(model, path)
    return path


def test_weights_beside_the_graph_load_and_count_in_the_revision(tmp_path):
    checkpoint = open_checkpoint(external(tmp_path, "w.bin"))
    assert checkpoint.parameters == FILTERS.size + HEAD.size
    content = bytearray((tmp_path / "w.bin").read_bytes())
    content[-1] ^= 1
    (tmp_path / "w.bin").write_bytes(content)
    assert open_checkpoint(tmp_path / "tiny.onnx").revision != checkpoint.revision


def test_weights_outside_of_the_folder_are_refused(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "w.bin").write_bytes(b"secret")
    refused(
        r"reads weights from '../w.bin', outside of its own folder", external(tmp_path / "inner", "../w.bin")
    )
    (tmp_path / "inner" / "link.bin").symlink_to(tmp_path / "w.bin")
    refused("reads weights from 'link.bin', outside", external(tmp_path / "inner", "link.bin"))
    refused("needs the file 'gone.bin' beside it", external(tmp_path / "inner", "gone.bin"))


def test_macs_follow_the_shapes_of_a_run(tmp_path):
    frames = (16000 - 10) // 5 + 1
    assert open_checkpoint(graph(tmp_path)).macs(16000) == frames * 4 * 10 + 4 * 3


def test_macs_are_unknown_where_an_operator_hides_them(tmp_path):
    path = graph(tmp_path)
    model = onnx.load(path)
    model.graph.node[-2].CopyFrom(
        helper.make_node("Einsum", ["flat", "head"], ["logits"], equation="bi,io->bo")
    )
    onnx.save(model, path)
    assert open_checkpoint(path).macs(16000) is None


def test_telemetry_is_off_before_the_import(tmp_path):
    import os

    open_checkpoint(graph(tmp_path))
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
