"""audonnx folders: labels from model.yaml, read as data, and the graph's own predictions."""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from ser_audit.benchmark.checkpoints import describe, open_checkpoint
from ser_audit.benchmark.errors import InputError

DIMENSIONS = ("arousal", "dominance", "valence")
FACTS = "sampling_rate = 16000\nvalue_range = [0.0, 1.0]\n"
# As audonnx 1.0.1 writes it.
PUBLIC = """$audonnx.core.model.Model==1.0.1:
  path: model.onnx
  labels:
    logits:
    - arousal
    - dominance
    - valence
  transform: null
"""


def weights(columns, seed):
    return np.random.default_rng(seed).standard_normal((6, columns)).astype(np.float32)


def folder(path, yaml=PUBLIC, facts=FACTS, outputs=(("hidden_states", 6), ("logits", 3)), graph="model.onnx"):
    """Convolution → ReLU → mean, and a matrix product per output, of one wave: float32 (1, samples)."""
    path.mkdir(exist_ok=True, parents=True)
    nodes = [
        helper.make_node("Unsqueeze", ["signal", "axis"], ["wave"]),
        helper.make_node("Conv", ["wave", "filters"], ["frames"], strides=[5]),
        helper.make_node("Relu", ["frames"], ["active"]),
        helper.make_node("ReduceMean", ["active"], ["pooled"], axes=[2], keepdims=0),
        *(helper.make_node("MatMul", ["pooled", f"w_{name}"], [name]) for name, _ in outputs),
    ]
    tensors = {
        "axis": np.array([1]),
        "filters": np.random.default_rng(0).standard_normal((6, 1, 10)).astype(np.float32),
        **{f"w_{name}": weights(columns, seed) for seed, (name, columns) in enumerate(outputs)},
    }
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "public",
            [helper.make_tensor_value_info("signal", TensorProto.FLOAT, [1, "time"])],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, columns]) for n, columns in outputs],
            [numpy_helper.from_array(value, name) for name, value in tensors.items()],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    (path / graph).parent.mkdir(exist_ok=True)
    onnx.save(model, path / graph)
    (path / "model.yaml").write_text(yaml)
    (path / "ser-audit.toml").write_text(facts)
    return path


def by_onnxruntime(path, output, waves):
    session = onnxruntime.InferenceSession(str(path / "model.onnx"))
    return np.concatenate([session.run([output], {"signal": wave[None]})[0] for wave in waves])


def refused(match, path):
    with pytest.raises(InputError, match=match) as caught:
        open_checkpoint(path)
    assert "\n" not in str(caught.value)


def test_the_public_layout_predicts_what_its_graph_does(tmp_path, waves):
    path = folder(tmp_path / "w2v2")
    checkpoint = open_checkpoint(path)
    assert (checkpoint.format, checkpoint.name, checkpoint.source) == ("audonnx", "w2v2", "w2v2")
    assert checkpoint.info.dimensions == DIMENSIONS
    assert checkpoint.info.output == "logits"
    assert checkpoint.padding == "one by one"
    assert checkpoint.parameters == 6 * 10 + 6 * 6 + 6 * 3
    np.testing.assert_array_equal(checkpoint.predict(waves), by_onnxruntime(path, "logits", waves))


def test_what_the_folder_does_not_tell_is_asked_for(tmp_path):
    path = folder(tmp_path / "w2v2", facts="")
    with pytest.raises(
        InputError, match=r"w2v2 does not tell its value_range and sampling_rate;(.|\n)*valence"
    ):
        describe(path)


def test_both_files_count_in_the_revision(tmp_path):
    path = folder(tmp_path / "w2v2")
    first = open_checkpoint(path).revision
    (path / "model.yaml").write_text(PUBLIC + "  # a note\n")
    second = open_checkpoint(path).revision
    folder(path, outputs=(("logits", 3), ("hidden_states", 6)))
    assert len({first, second, open_checkpoint(path).revision}) == 3


def test_labels_in_a_list_belong_to_the_only_output(tmp_path, waves):
    yaml = "$audonnx.core.model.Model==0.6.0:\n  path: model.onnx\n  labels: [angry, Happy, sad]\n"
    facts = 'sampling_rate = 16000\nactivation = "none"\n'
    path = folder(tmp_path / "one", yaml, facts, outputs=(("emotion", 3),))
    checkpoint = open_checkpoint(path)
    assert checkpoint.info.classes == ("angry", "Happy", "sad")
    np.testing.assert_array_equal(checkpoint.predict(waves), by_onnxruntime(path, "emotion", waves))
    refused("labels are no names, or belong to no one output", folder(tmp_path / "two", yaml, facts))


def test_of_several_labelled_outputs_the_sidecar_names_one(tmp_path, waves):
    yaml = PUBLIC.replace("  transform", "    gender: [female, male]\n  transform")
    outputs = (("logits", 3), ("gender", 2), ("hidden_states", 6))
    path = folder(tmp_path / "many", yaml, outputs=outputs)
    with pytest.raises(
        InputError, match=r"does not tell its .*output(.|\n)*logits \(3 columns\), gender \(2"
    ):
        describe(path)
    (path / "ser-audit.toml").write_text('output = "logits"\n' + FACTS)
    checkpoint = open_checkpoint(path)
    assert checkpoint.info.dimensions == DIMENSIONS
    np.testing.assert_array_equal(checkpoint.predict(waves), by_onnxruntime(path, "logits", waves))
    (path / "ser-audit.toml").write_text('output = "gender"\nsampling_rate = 16000\nactivation = "softmax"\n')
    assert describe(path)[2].classes == ("female", "male")
    (path / "ser-audit.toml").write_text('output = "genre"\n' + FACTS)
    refused("has no output 'genre': did you mean 'gender'", path)


def test_labels_that_audonnx_made_up_are_no_names(tmp_path):
    labels = json.dumps([f"hidden_states-{i}" for i in range(6)])
    yaml = PUBLIC.replace("  transform", f"    hidden_states: {labels}\n  transform")
    assert describe(folder(tmp_path / "w2v2", yaml))[2].dimensions == DIMENSIONS


def test_labels_that_do_not_fit_the_output_are_refused(tmp_path):
    refused(
        "names 2 labels of 'logits', but model.onnx gives 3",
        folder(tmp_path / "a", PUBLIC.replace("    - valence\n", "")),
    )
    refused("labels are no names", folder(tmp_path / "b", PUBLIC.replace("- valence", "- no")))


@pytest.mark.parametrize("function", ["'lambda x, sr: x'", '"def same(x, sr):\\n    return x\\n"'])
def test_a_transform_that_changes_nothing_is_read(tmp_path, function):
    transform = (
        f"transform:\n    signal:\n      $audonnx.core.function.Function==1.0.1:\n        func: {function}\n"
    )
    path = folder(tmp_path / "same", PUBLIC.replace("transform: null\n", transform))
    assert describe(path)[2].dimensions == DIMENSIONS


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("opensmile.core.smile.Smile==2.3.0", "feature_set: GeMAPSv01b"),
        ("audonnx.core.function.Function", "func: 'lambda x, sr: x - x.mean()'"),
        ("audonnx.core.function.Function", "func: 'lambda x, sr: sr'"),
        ("audonnx.core.function.Function", "func: 'import os'"),
        ("audinterface.core.feature.Feature", "{}"),
    ],
)
def test_another_transform_is_refused_with_what_to_do(tmp_path, name, arguments):
    transform = f"transform:\n    ${name}:\n      {arguments}\n"
    path = folder(tmp_path / "other", PUBLIC.replace("transform: null\n", transform))
    refused(f"transforms the waves by {name.partition('==')[0]}, which is not run here: wrap the model", path)


def test_nothing_in_the_yaml_runs(tmp_path):
    ran = tmp_path / "ran"
    attack = f"transform: !!python/object/apply:os.mkdir [{str(ran)!r}]\n"
    refused(
        "would make objects of its own", folder(tmp_path / "a", PUBLIC.replace("transform: null\n", attack))
    )
    evil = tmp_path / "b" / "evil.py"
    path = folder(evil.parent, PUBLIC.replace("transform: null\n", "transform:\n    $evil.Evil: {}\n"))
    evil.write_text(f"open({str(ran)!r}, 'w').close()\n")
    refused("transforms the waves by evil.Evil", path)
    assert not ran.exists()
    assert not {"audonnx", "audobject"} & set(sys.modules)


def test_a_path_that_leaves_the_folder_is_refused(tmp_path):
    inner = folder(tmp_path / "inner")
    for named in ("../model.onnx", str(tmp_path / "model.onnx"), "sub/../../model.onnx", "link.onnx"):
        folder(tmp_path)
        (inner / "model.yaml").write_text(PUBLIC.replace("model.onnx", named))
        if named == "link.onnx":
            (inner / named).symlink_to(tmp_path / "model.onnx")
        refused("outside of its own folder: refused", inner)
    (inner / "model.yaml").write_text(PUBLIC.replace("model.onnx", "gone.onnx"))
    refused("names the graph 'gone.onnx', which is missing", inner)
    (inner / "sub").mkdir()
    Path(inner / "model.onnx").rename(inner / "sub" / "net.onnx")
    (inner / "model.yaml").write_text(PUBLIC.replace("model.onnx", "sub/net.onnx"))
    assert describe(inner)[2].dimensions == DIMENSIONS


@pytest.mark.parametrize(
    "yaml", ["  path: [", "  path: 3\n", "  labels: []\n", "\n", "  path: model.onnx\nmore: 1\n"]
)
def test_a_broken_yaml_is_refused(tmp_path, yaml):
    refused(
        "model.yaml is no model of audonnx",
        folder(tmp_path / "a", f"$audonnx.core.model.Model==1.0.1:\n{yaml}"),
    )
