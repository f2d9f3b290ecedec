"""Facts come from the files and the sidecar; contradictions and gaps stop with what would be right."""

import json
import shutil
import tomllib

import numpy as np
import pytest
from ser_audit.benchmark.checkpoint import CheckpointInfo, Output, TrainingSet
from ser_audit.benchmark.checkpoints import describe, open_checkpoint
from ser_audit.benchmark.checkpoints.info import merge, read_sidecar
from ser_audit.benchmark.checkpoints.outputs import to_scores
from ser_audit.benchmark.errors import InputError

FULL = {"classes": ["a", "b"], "activation": "softmax", "sampling_rate": 16000}


def write(path, text):
    path.write_text(text)
    return path


def test_a_hugging_face_folder_tells_its_facts(group_folder, tmp_path):
    folder = tmp_path / "told"
    shutil.copytree(group_folder, folder)
    write(folder / "README.md", "---\nlanguage: en\nlicense: cc-by-nc-sa-4.0\n---\n# A card\nlicense: mit\n")
    format_name, name, info = describe(folder)
    assert (format_name, name) == ("huggingface", "told")
    assert info.classes == ("neutral", "happy", "angry", "sad")
    assert info.dimensions == ()
    assert (info.activation, info.sampling_rate, info.licence) == ("softmax", 16000, "cc-by-nc-sa-4.0")
    assert info.trained_on is None


def test_the_sidecar_in_the_folder_adds_facts(group_folder, tmp_path):
    folder = tmp_path / "told"
    shutil.copytree(group_folder, folder)
    write(
        folder / "ser-audit.toml",
        'name = "mine"\nlicence = "MIT"\n[[trained_on]]\ncorpus = "ravdess"\nspeakers = ["01", "02"]\n'
        '[[trained_on]]\ncorpus = "iemocap"\n',
    )
    _, name, info = describe(folder)
    assert (name, info.licence) == ("mine", "MIT")
    assert info.trained_on == (TrainingSet("ravdess", ("01", "02")), TrainingSet("iemocap", None))
    assert describe(folder, name="other")[1] == "other"
    other = write(tmp_path / "elsewhere.toml", "trained_on = []\n")
    assert describe(folder, other)[2].trained_on == ()


def test_labels_without_names_are_a_missing_fact(make_folder):
    folder = make_folder(id2label={i: f"LABEL_{i}" for i in range(3)}, label2id={})
    with pytest.raises(InputError, match=r"does not tell its classes or dimensions and activation") as caught:
        describe(folder)
    message = str(caught.value)
    assert "--checkpoint-info FILE" in message
    assert "ser-audit.toml" in message
    template = tomllib.loads(message.split("\n\n", 1)[1])
    assert template["classes"] == ["", "", ""]
    assert template["sampling_rate"] == 16000  # known already
    filled = message.split("\n\n", 1)[1].replace('["", "", ""]', '["x", "y", "z"]', 1)
    write(folder / "ser-audit.toml", filled.replace('activation = ""', 'activation = "softmax"'))
    assert describe(folder)[2].classes == ("x", "y", "z")


def test_an_unfilled_template_is_refused(make_folder):
    folder = make_folder(id2label={i: f"LABEL_{i}" for i in range(3)}, label2id={})
    with pytest.raises(InputError) as caught:
        describe(folder)
    write(folder / "ser-audit.toml", str(caught.value).split("\n\n", 1)[1])
    with pytest.raises(InputError, match=r"activation = '': .*'softmax'"):
        describe(folder)


def test_a_regression_head_gives_dimensions_whose_range_is_asked_for(make_folder):
    labels = dict(enumerate(["Arousal", "Dominance", "Valence"]))
    folder = make_folder(id2label=labels, label2id={}, problem_type="regression")
    with pytest.raises(InputError, match="does not tell its value_range"):
        describe(folder)
    write(folder / "ser-audit.toml", "value_range = [1, 7]")
    checkpoint = open_checkpoint(folder)
    assert checkpoint.info.dimensions == ("arousal", "dominance", "valence")
    assert checkpoint.info.value_range == (1.0, 7.0)
    assert checkpoint.proofs.batch_changed_labels is None


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"id2label": None}, "classes or dimensions and activation"),
        (
            {"id2label": {"0": "LABEL_0"}, "problem_type": "regression"},
            "classes or dimensions and activation",
        ),
        ({"id2label": {"0": "valence"}, "problem_type": None}, "value_range"),
        ({"id2label": {"0": "stress"}, "problem_type": "regression"}, "value_range"),
    ],
)
def test_what_a_configuration_does_not_tell_is_asked_for(group_folder, tmp_path, changes, missing):
    folder = tmp_path / "silent"
    shutil.copytree(group_folder, folder)
    config = json.loads((folder / "config.json").read_text())
    write(
        folder / "config.json", json.dumps({k: v for k, v in {**config, **changes}.items() if v is not None})
    )
    with pytest.raises(InputError, match=f"silent does not tell its {missing};"):
        describe(folder)


def test_a_single_output_without_a_name_is_asked_for_as_one(make_folder):
    folder = make_folder(id2label={0: "LABEL_0"}, label2id={}, problem_type="regression")
    with pytest.raises(InputError) as caught:
        describe(folder)
    assert tomllib.loads(str(caught.value).split("\n\n", 1)[1])["classes"] == [""]
    write(folder / "ser-audit.toml", 'dimensions = ["arousal"]\nvalue_range = [0.0, 1.0]')
    checkpoint = open_checkpoint(folder)
    assert checkpoint.predict([np.ones(4000, dtype=np.float32)]).shape == (1, 1)
    assert checkpoint.info.dimensions == ("arousal",)


@pytest.mark.parametrize(
    ("problem", "activation"),
    [
        ("multi_label_classification", "sigmoid"),
        ("single_label_classification", "softmax"),
        (None, "softmax"),
    ],
)
def test_the_problem_type_tells_the_activation(group_folder, tmp_path, problem, activation):
    folder = tmp_path / "told"
    shutil.copytree(group_folder, folder)
    config = json.loads((folder / "config.json").read_text())
    write(folder / "config.json", json.dumps({**config, "problem_type": problem}))
    assert describe(folder)[2].activation == activation


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            'classes = ["happy", "neutral", "angry", "sad"]',
            "names the outputs happy, neutral.*neutral, happy",
        ),
        ('classes = ["neutral", "happy"]', "names the outputs neutral, happy"),
        ("sampling_rate = 8000", "sampling_rate = 8000, but .* 16000"),
        ("sample_rate = 16000", "unknown key 'sample_rate': did you mean 'sampling_rate'"),
        ('sampling_rate = "16k"', "sampling_rate = '16k'"),
        ('shortest_input = "1"', "shortest_input = '1'"),
        ("value_range = [1, 1]", "lowest possible raw value"),
        ('activation = "relu"', "activation = 'relu': .*'softmax'"),
        ('trained_on = "ravdess"', "trained_on = 'ravdess'"),
        ('[[trained_on]]\ncorpus = "x"\nspeaker = ["1"]', "unknown key .*speaker'.*did you mean 'speakers'"),
        ('classes = ["a", "a"]', "'a' is named twice"),
        ("classes = [", "no valid TOML"),
    ],
)
def test_a_wrong_sidecar_is_refused_with_what_would_be_right(group_folder, tmp_path, line, message):
    info = write(tmp_path / "facts.toml", line)
    with pytest.raises(InputError, match=message):
        describe(group_folder, info)


def test_a_sidecar_that_does_not_exist_is_refused(group_folder):
    with pytest.raises(InputError, match="no such file: nowhere.toml"):
        describe(group_folder, "nowhere.toml")


@pytest.mark.parametrize(("said", "kept"), [(0.0, 0.025), (0.5, 0.5)])
def test_the_longer_shortest_input_counts(group_folder, tmp_path, said, kept):
    info = write(tmp_path / "facts.toml", f"shortest_input = {said}")
    assert describe(group_folder, info)[2].shortest_input == kept


def test_the_key_that_stands_first_holds_the_first_columns():
    rest = {"activation": "softmax", "value_range": [0, 1], "sampling_rate": 16000}
    info = merge({}, {"classes": ["a", "b"], "dimensions": ["v"], **rest}, "m", "m.toml")
    assert info.outputs == (Output("a", "class"), Output("b", "class"), Output("v", "dimension"))
    info = merge({}, {"dimensions": ["v"], "classes": ["a", "b"], **rest}, "m", "m.toml")
    assert [output.name for output in info.outputs] == ["v", "a", "b"]


@pytest.mark.parametrize("key", ["classes", "activation", "sampling_rate"])
def test_every_needed_fact_is_asked_for(key):
    known = {k: v for k, v in FULL.items() if k != key}
    with pytest.raises(InputError, match=f"m does not tell its .*{key}"):
        merge(known, {}, "m", "m.toml")


def test_an_activation_without_classes_is_refused():
    sidecar = {"dimensions": ["v"], "value_range": [0, 1], "sampling_rate": 16000, "activation": "sigmoid"}
    with pytest.raises(InputError, match="'sigmoid' belongs to classes"):
        merge({}, sidecar, "m", "m.toml")


def test_the_sidecar_lies_beside_a_file(tmp_path):
    write(tmp_path / "model.toml", "sampling_rate = 8000")
    write(tmp_path / "model.onnx", "")
    write(tmp_path / "model.py", "")
    for reference in (tmp_path / "model.onnx", f"{tmp_path / 'model.py'}:make"):
        assert read_sidecar(str(reference), None) == ({"sampling_rate": 8000}, "model.toml")


def test_scores_are_mapped_but_not_clipped():
    outputs = (Output("v", "dimension"), Output("a", "class"), Output("b", "class"))
    raw = np.array([[1.0, 0.0, np.log(3)], [7.0, 900.0, -900.0], [8.5, 1.0, 1.0]], dtype=np.float32)
    soft = to_scores(raw, CheckpointInfo(outputs, 16000, "softmax", (1.0, 7.0)))
    np.testing.assert_allclose(soft, [[0, 0.25, 0.75], [1, 1, 0], [1.25, 0.5, 0.5]], atol=1e-7)
    assert soft.dtype == np.float32
    sigmoid = to_scores(raw, CheckpointInfo(outputs, 16000, "sigmoid", (1.0, 7.0)))
    np.testing.assert_allclose(sigmoid[:2, 1:], [[0.5, 0.75], [1, 0]], atol=1e-7)
    np.testing.assert_array_equal(to_scores(raw, CheckpointInfo(outputs, 16000, "none"))[:, 1:], raw[:, 1:])


def test_a_folder_without_a_feature_extractor_is_refused(group_folder, tmp_path):
    folder = tmp_path / "bare"
    shutil.copytree(group_folder, folder)
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").unlink()
    with pytest.raises(InputError, match=r"bare has no preprocessor_config.json.*save the model's feature"):
        describe(folder)
    write(folder / "processor_config.json", json.dumps({"feature_extractor": settings}))
    assert describe(folder)[2].sampling_rate == 16000


def test_the_revision_follows_the_content_not_the_place(group_folder, edit, tmp_path):
    here = open_checkpoint(group_folder).revision
    shutil.copytree(group_folder, tmp_path / "moved")
    assert open_checkpoint(tmp_path / "moved").revision == here
    assert here.startswith("sha256:")
    assert (
        open_checkpoint(
            edit(group_folder, lambda t: {**t, "classifier.bias": t["classifier.bias"] + 1})
        ).revision
        != here
    )
