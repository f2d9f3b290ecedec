"""The audEERING head: recognised by its tensors, and equal to the published computation."""

import json
import shutil

import numpy as np
import pytest
from ser_audit.benchmark.checkpoints import describe, open_checkpoint
from ser_audit.benchmark.errors import InputError


@pytest.fixture(scope="module")
def folder(make_folder, tmp_path_factory):
    """The layout of the released model: a stock encoder in another head, saved as safetensors."""
    import torch
    from safetensors.torch import load_file, save_file

    source = make_folder("wav2vec2", "layer")
    folder = tmp_path_factory.mktemp("audeering")
    shutil.copy(source / "preprocessor_config.json", folder)
    config = json.loads((source / "config.json").read_text())
    labels = {"0": "arousal", "1": "dominance", "2": "valence"}
    config |= {
        "architectures": ["Wav2Vec2ForSpeechClassification"],
        "id2label": labels,
        "label2id": {name: int(i) for i, name in labels.items()},
        "problem_type": "regression",
        "finetuning_task": "wav2vec2_reg",
        "pooling_mode": "mean",
        "num_labels": 3,
    }
    (folder / "config.json").write_text(json.dumps(config))
    tensors = {k: v for k, v in load_file(source / "model.safetensors").items() if k.startswith("wav2vec2.")}
    generator = torch.Generator().manual_seed(5)
    for name, shape in (("dense", (32, 32)), ("out_proj", (3, 32))):
        tensors[f"classifier.{name}.weight"] = torch.randn(shape, generator=generator) / 6
        tensors[f"classifier.{name}.bias"] = torch.randn(shape[0], generator=generator) / 6
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    return folder


def published(folder, wave):
    """The model card's computation (Wagner et al. 2023), from the tensors, with the library's encoder."""
    import torch
    from safetensors.torch import load_file
    from transformers import AutoFeatureExtractor, Wav2Vec2Config, Wav2Vec2Model

    tensors = load_file(folder / "model.safetensors")
    encoder = Wav2Vec2Model(Wav2Vec2Config.from_pretrained(folder)).eval()
    prefix = "wav2vec2."
    encoder.load_state_dict({k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)})
    extractor = AutoFeatureExtractor.from_pretrained(folder)
    with torch.inference_mode():
        values = extractor(wave, sampling_rate=16000, return_tensors="pt").input_values
        pooled = encoder(values).last_hidden_state.mean(dim=1)
        hidden = torch.tanh(pooled @ tensors["classifier.dense.weight"].T + tensors["classifier.dense.bias"])
        return (hidden @ tensors["classifier.out_proj.weight"].T + tensors["classifier.out_proj.bias"])[
            0
        ].numpy()


def test_it_predicts_what_the_model_card_computes(folder, waves):
    checkpoint = open_checkpoint(folder)
    expected = np.stack([published(folder, wave) for wave in waves])
    assert checkpoint.format == "audeering"
    assert checkpoint.padding == "mask"
    assert checkpoint.info.dimensions == ("arousal", "dominance", "valence")
    assert checkpoint.info.value_range == (0.0, 1.0)
    np.testing.assert_allclose(checkpoint.predict(waves), expected, rtol=1e-5, atol=1e-6)
    assert np.ptp(expected, axis=0).min() > 1e-3  # outputs that tell the waves apart


def test_it_is_known_by_its_tensors_whatever_the_architecture_says(folder, tmp_path):
    copy = tmp_path / "renamed"
    shutil.copytree(folder, copy)
    config = json.loads((copy / "config.json").read_text())
    config["architectures"] = ["Wav2Vec2ForSequenceClassification"]
    (copy / "config.json").write_text(json.dumps(config))
    assert describe(copy)[0] == "audeering"


def test_another_pooling_is_refused(folder, tmp_path):
    copy = tmp_path / "summed"
    shutil.copytree(folder, copy)
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "pooling_mode": "sum"}))
    with pytest.raises(InputError, match="summed pools by 'sum'"):
        open_checkpoint(copy)


def test_a_head_without_its_last_layer_is_refused(folder, edit):
    def drop(tensors):
        return {key: value for key, value in tensors.items() if key != "classifier.out_proj.bias"}

    with pytest.raises(InputError, match=r"1 missing weights \(classifier.out_proj.bias\)"):
        open_checkpoint(edit(folder, drop))


def test_the_bundled_checkpoint_opens_exact_batches(waves):
    from pathlib import Path

    import ser_audit.benchmark.checkpoints as package

    if not (Path(package.__file__).parent / "bundled" / "model.safetensors").is_file():
        pytest.fail("the bundled checkpoint is not there: make it with the recipe")
    checkpoint = open_checkpoint("bundled")
    assert checkpoint.format == "audeering"
    assert checkpoint.padding in ("mask", "masked group norm")
    single = np.concatenate([checkpoint.predict([wave]) for wave in waves])
    difference = np.linalg.norm(checkpoint.predict(waves) - single)
    assert difference <= 1e-6 * np.linalg.norm(single)
