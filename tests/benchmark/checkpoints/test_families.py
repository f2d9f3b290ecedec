"""Every family of audio classifiers in transformers: loaded whole, batched exactly, as old as they come."""

import json

import numpy as np
import pytest
from ser_audit.benchmark.checkpoints import open_checkpoint
from ser_audit.benchmark.errors import InputError

BASE = {"group": "masked group norm", "layer": "mask"}
# family -> what it adds to the tests' sizes, and its padding policy by the norm of its convolutions
WAVES = {
    "wav2vec2": ({}, BASE),
    "hubert": ({}, BASE),
    "wavlm": ({}, BASE),
    "unispeech": ({}, BASE),
    "unispeech-sat": ({}, BASE),
    "data2vec-audio": ({"num_conv_pos_embeddings": 3, "conv_pos_kernel_size": 9}, {"layer": "mask"}),
    "wav2vec2-conformer": ({"position_embeddings_type": "relative"}, BASE),
    "sew": ({"squeeze_factor": 2, "conv_dim": (16,) * 13}, dict.fromkeys(BASE, "equal lengths")),
    "sew-d": ({"squeeze_factor": 2, "conv_dim": (16,) * 13}, dict.fromkeys(BASE, "equal lengths")),
}
FEATURES = {
    "whisper": "fixed length",
    "audio-spectrogram-transformer": "fixed length",
    "wav2vec2-bert": "mask",
}
SHAPES = [(kind, norm) for kind, (_, policies) in WAVES.items() for norm in policies]
DROPPED = {"hidden_dropout": 0.5, "attention_dropout": 0.5, "final_dropout": 0.5, "layerdrop": 0.5}


def relative(difference, reference):
    return np.linalg.norm(difference - reference) / np.linalg.norm(reference)


@pytest.mark.parametrize("weighted", [False, True], ids=["last layer", "weighted layers"])
@pytest.mark.parametrize(("kind", "norm"), SHAPES)
def test_a_family_on_waves_predicts_what_the_library_predicts_alone(
    make_folder, waves, by_the_library, kind, norm, weighted
):
    changes, policies = WAVES[kind]
    folder = make_folder(kind, norm, use_weighted_layer_sum=weighted, **{**DROPPED, **changes})
    alone = by_the_library(folder, waves)
    checkpoint = open_checkpoint(folder)
    batched = checkpoint.predict(waves)
    single = np.concatenate([checkpoint.predict([wave]) for wave in waves])
    assert checkpoint.padding == policies[norm]
    assert relative(batched, alone) <= 1e-6
    assert relative(batched, single) <= 1e-6
    assert checkpoint.proofs.batch_relative_l2 <= 1e-6
    assert checkpoint.proofs.repeat_max_difference == 0  # dropout and layer drop are of training only
    assert relative(by_the_library(folder, waves, together=True), alone) > 1e-4  # so the test has power


@pytest.mark.parametrize("weighted", [False, True], ids=["last layer", "weighted layers"])
@pytest.mark.parametrize("kind", FEATURES)
def test_a_family_on_features_predicts_what_the_library_predicts_alone(
    make_feature_folder, waves, by_the_library, kind, weighted
):
    changes = {"use_weighted_layer_sum": weighted} if kind != "audio-spectrogram-transformer" else {}
    folder = make_feature_folder(kind, **changes)
    checkpoint = open_checkpoint(folder)
    batched = checkpoint.predict(waves)
    single = np.concatenate([checkpoint.predict([wave]) for wave in waves])
    assert checkpoint.padding == FEATURES[kind]
    assert relative(batched, by_the_library(folder, waves)) <= 1e-6
    assert relative(batched, single) <= 1e-6
    assert relative(np.roll(single, 1, axis=0), single) > 1e-3  # outputs that tell the waves apart
    assert checkpoint.macs(16000) > 0


def as_by_4(folder):
    """What transformers 4 wrote into a configuration, and how torch named a weight norm then."""
    from safetensors.torch import load_file, save_file

    config = json.loads((folder / "config.json").read_text())
    config["torch_dtype"] = config.pop("dtype")
    config |= {
        "_name_or_path": "facebook/wav2vec2-large-robust",
        "_attn_implementation_autoset": True,
        "gradient_checkpointing": False,
        "num_adapter_layers": 3,
        "transformers_version": "4.17.0.dev0",
    }
    (folder / "config.json").write_text(json.dumps(config))
    names = {"parametrizations.weight.original0": "weight_g", "parametrizations.weight.original1": "weight_v"}
    tensors = load_file(folder / "model.safetensors")
    for new, old in names.items():
        tensors = {key.replace(new, old): value for key, value in tensors.items()}
    assert any(key.endswith("weight_g") for key in tensors)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    return folder


@pytest.mark.parametrize("kind", ["wav2vec2", "hubert", "wavlm", "unispeech-sat"])
def test_a_folder_of_transformers_4_predicts_the_same(make_folder, waves, kind):
    folder = make_folder(kind, "layer")
    expected = open_checkpoint(folder).predict(waves)
    np.testing.assert_array_equal(open_checkpoint(as_by_4(folder)).predict(waves), expected)


@pytest.mark.parametrize("kind", ["wav2vec2", "hubert", "wavlm", "unispeech-sat", "wav2vec2-conformer"])
def test_layers_of_transformers_4_are_summed_with_the_last_one_normalised(make_folder, waves, kind):
    # Measured with transformers 4.44: it gave the sum the output of the encoder's last norm, 5 its input.
    import torch
    from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

    folder = make_folder(kind, "layer", use_weighted_layer_sum=True)
    model = AutoModelForAudioClassification.from_pretrained(folder).eval()
    extractor = AutoFeatureExtractor.from_pretrained(folder)
    weights = model.layer_weights.softmax(-1)
    expected = []
    with torch.inference_mode():
        for wave in waves:
            inputs = extractor(wave, sampling_rate=16000, return_tensors="pt").input_values
            found = model.base_model(inputs, output_hidden_states=True)
            layers = [*found.hidden_states[:-1], found.last_hidden_state]
            summed = sum(weight * layer for weight, layer in zip(weights, layers, strict=True))
            expected.append(model.classifier(model.projector(summed).mean(dim=1)).softmax(-1)[0].numpy())
    by_5 = open_checkpoint(folder).predict(waves)
    by_4 = open_checkpoint(as_by_4(folder) if kind != "wav2vec2-conformer" else older(folder)).predict(waves)
    assert relative(by_4, np.stack(expected)) <= 1e-6
    assert relative(by_5, by_4) > 1e-4


def older(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "transformers_version": "4.44.2"}))
    return folder


@pytest.mark.parametrize("kind", ["wav2vec2", "wav2vec2-conformer"])
def test_adapters_are_refused_as_the_library_refuses_them(make_folder, kind):
    folder = make_folder(kind, "layer", **WAVES[kind][0])
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "add_adapter": True}))
    with pytest.raises(InputError, match="does not support the use of Wav2Vec2.* adapters"):
        open_checkpoint(folder)


def test_rotary_positions_do_not_hear_the_padding(make_folder, waves, by_the_library):
    folder = make_folder("wav2vec2-conformer", "layer", position_embeddings_type="rotary")
    checkpoint = open_checkpoint(folder)
    assert checkpoint.padding == "mask"
    assert relative(checkpoint.predict(waves), by_the_library(folder, waves)) <= 1e-6
