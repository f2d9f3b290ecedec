"""emotion2vec's layout is refused where it is not the published one, and none of its code runs."""

import math
import os
import shutil

import pytest
import torch
import yaml
from ser_audit.benchmark.checkpoints import open_checkpoint
from ser_audit.benchmark.checkpoints.emotion2vec_config import layers
from ser_audit.benchmark.errors import InputError

AUDIO = "modality_encoders.AUDIO."


def refused(match, *arguments, **options):
    with pytest.raises(InputError, match=match) as caught:
        open_checkpoint(*arguments, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_model_of_features_only_is_refused(make, layout):
    folder = make({key: value for key, value in layout.tensors().items() if not key.startswith("proj.")})
    refused("no classification head, so it predicts no emotion: model.pt has no proj.weight$", folder)
    (folder / "tokens.txt").unlink()
    refused("no classification head, so it predicts no emotion: there is no tokens.txt", folder)


def test_labels_that_contradict_the_head_are_refused(make, layout):
    refused(
        "tokens.txt names 8 labels, but the head in model.pt has 9 outputs", make(labels=layout.labels[1:])
    )


def test_an_empty_label_is_refused(make):
    refused("tokens.txt has an empty line", make(labels=["angry", "", "sad"]))


def test_every_weight_is_there_and_has_its_place(make, layout):
    state = layout.tensors()
    state["blocks.1.norm3.weight"] = state.pop("blocks.1.norm2.weight")
    state["proj.bias"] = torch.zeros(4)
    message = refused("does not fit emotion2vec", make(state))
    assert "1 missing weights (blocks.1.norm2.weight)" in message
    assert "1 weights that it has no place for (blocks.1.norm3.weight)" in message
    assert "1 weights of another shape (proj.bias)" in message
    assert "wrapped as a Python object (file.py:name with predict(waves, sampling_rate))" in message


def test_a_decoder_outside_the_audio_encoder_is_no_leftover_that_is_known(make, layout):
    refused("no place for \\(decoder.weight\\)", make({**layout.tensors(), "decoder.weight": torch.ones(2)}))


def test_a_weight_that_is_not_finite_is_named(make, layout):
    state = layout.tensors()
    state[f"{AUDIO}project_features.2.bias"][3] = math.nan
    refused(r"not finite: modality_encoders\.AUDIO\.project_features\.2\.bias$", make(state))


def test_a_weight_that_is_no_tensor_of_floats_is_named(make, layout):
    refused(
        "no weights: blocks.0.norm1.bias;",
        make({**layout.tensors(), "blocks.0.norm1.bias": torch.arange(24)}),
    )


def test_a_name_that_stands_twice_is_refused(make, layout):
    state = layout.tensors()
    refused("holds proj.bias twice", make({**state, "d2v_model.proj.bias": state["proj.bias"]}))


class Malicious:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_malicious_pickle_is_refused_and_not_run(published, tmp_path, zipped, layout):
    folder, mark = tmp_path / "evil", tmp_path / "mark"
    shutil.copytree(published, folder)
    content = {"model": layout.tensors(), "cfg": Malicious(mark)}
    torch.save(content, folder / "model.pt", _use_new_zipfile_serialization=zipped)
    refused("could run code: refused; save its weights alone", folder)
    assert not mark.exists()


def test_a_broken_or_missing_file_is_refused_in_one_line(published, tmp_path):
    folder = tmp_path / "broken"
    shutil.copytree(published, folder)
    content = (folder / "model.pt").read_bytes()
    (folder / "model.pt").write_bytes(content[: len(content) // 2])
    refused("model.pt in broken cannot be loaded|could run code", folder)
    torch.save([torch.ones(3)], folder / "model.pt")
    refused("no weights by name", folder)
    (folder / "model.pt").unlink()
    refused("broken has no model.pt, and cannot be loaded without it", folder)
    (folder / "config.yaml").write_text("model: Emotion2vec\nmodel_conf: [1, {")
    refused("no valid YAML", folder)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("model_conf.layer_norm_first", True, "model_conf.layer_norm_first = True: Input should be False"),
        ("model_conf.modalities.audio.extractor_mode", "default", "extractor_mode = 'default'"),
        ("model_conf.modalities.audio.learned_alibi", True, "learned_alibi = True"),
        ("model_conf.modalities.audio.num_alibi_heads", 3, "num_alibi_heads is not num_heads, 6"),
        ("model_conf.modalities.audio.num_extra_tokens", None, "num_extra_tokens = None"),
        ("model_conf.modalities.audio.feature_encoder_spec", "print('run')", "give convolutions as"),
        ("model_conf.modalities.audio", {}, "the key 'model_conf.modalities.audio.feature_encoder_spec'"),
    ],
)
def test_an_architecture_that_is_not_known_is_refused_with_what_to_do(make, path, value, said, layout):
    config = yaml.safe_load(layout.config)
    *parents, last = path.split(".")
    place = config
    for parent in parents:
        place = place[parent]
    place[last] = value
    message = refused("e2v/config.yaml: ", make(config=yaml.safe_dump(config)))
    assert said in message
    assert "wrapped as a Python object (file.py:name with predict(waves, sampling_rate))" in message


def test_convolutions_are_read_and_never_evaluated():
    assert layers("[(512, 10, 5)] + [(512, 3, 2)] * 2") == [(512, 10, 5), (512, 3, 2), (512, 3, 2)]
    bombs = [
        "[(1, 1, 1)] * 1000 * 1000",
        "[(1,1,1)] * 10 ** 9",
        "(" * 900,
        "[",
        "",
        "[] + []",
        "a",
        "[x()]",
        "[{[]: 1}]",
    ]
    for bomb in bombs:
        with pytest.raises(ValueError, match="give convolutions as"):
            layers(bomb)
