"""The MSP Odyssey 2024 baseline: the public folders' layout, and the published computation."""

import json
import shutil

import numpy as np
import pytest
from ser_audit.benchmark.checkpoints import describe, encoders, open_checkpoint
from ser_audit.benchmark.errors import InputError

MEAN, STD = -8.278621631819787e-05, 0.08485510250851999  # of the public multi-attribute checkpoint
CLASSES = ["Angry", "Sad", "Happy", "Surprise", "Fear", "Disgust", "Contempt", "Neutral"]
RANGE = "value_range = [0.0, 1.0]\n"
SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "conv_dim": [16] * 7,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
}
CODE = "raise SystemExit('the code of the folder was run')\n"


@pytest.fixture(scope="module", autouse=True)
def small():
    """The named encoders keep their structure and lose their size."""
    shrunk = {
        name: (kind, {**config, **SMALL}, norm) for name, (kind, config, norm) in encoders.PUBLISHED.items()
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoders, "PUBLISHED", shrunk)
        yield


def small_encoder(name):
    """transformers' own model of that structure, with random weights, and its width."""
    import torch
    from transformers import WavLMConfig, WavLMModel

    group = "base" in name
    torch.manual_seed(7)
    model = WavLMModel(
        WavLMConfig(feat_extract_norm="group" if group else "layer", do_stable_layer_norm=not group, **SMALL)
    )
    with torch.no_grad():
        for parameter in model.parameters():  # norms start as 1 and 0, which would hide a mistake
            if parameter.ndim == 1:
                parameter.add_(0.2 * torch.randn(parameter.shape))
    return model, SMALL["hidden_size"]


def make(folder, labels, name="microsoft/wavlm-large", hidden_layers=1):
    """A folder as 3loi/SER-Odyssey-Baseline-WavLM-*: files, keys of config.json, names of tensors."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir()
    model, width = small_encoder(name)
    config = {
        "architectures": ["SERModel"],
        "auto_map": {"AutoModelForAudioClassification": "pipeline_utils.SERModel"},
        "classifier_hidden_layers": hidden_layers,
        "hidden_size": width,
        "id2label": {str(i): label for i, label in enumerate(labels)},
        "mean": MEAN,
        "model_type": "ser",
        "num_attention_heads": model.config.num_attention_heads,
        "num_classes": len(labels),
        "num_hidden_layers": model.config.num_hidden_layers,
        "sampling_rate": 16000,
        "ssl_type": name,
        "std": STD,
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "preprocessor_config.json").write_text('{"mean": 10}')  # sic, in the public folder
    (folder / "pipeline_utils.py").write_text(CODE)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    generator = torch.Generator().manual_seed(5)

    def random(*shape):
        return torch.randn(shape, generator=generator) / 3

    tensors = {f"ssl_model.{key}": value for key, value in model.state_dict().items()}
    for new, old in (("original0", "weight_g"), ("original1", "weight_v")):
        stem = "ssl_model.encoder.pos_conv_embed.conv."
        tensors[stem + old] = tensors.pop(f"{stem}parametrizations.weight.{new}")
    tensors |= {
        "pool_model.sap_linear.weight": random(width, width),
        "pool_model.sap_linear.bias": random(width),
        "pool_model.attention": random(width, 1),
        "ser_model.out.0.weight": random(len(labels), width) / 3,
        "ser_model.out.0.bias": 1 + random(len(labels)),
    }
    for layer in range(hidden_layers):
        before = 2 * width if layer == 0 else width
        tensors |= {
            f"ser_model.fc.{layer}.0.weight": random(width, before),
            f"ser_model.fc.{layer}.0.bias": random(width),
            f"ser_model.fc.{layer}.1.weight": 1 + random(width),
            f"ser_model.fc.{layer}.1.bias": random(width),
        }
    save_file({k: v.contiguous() for k, v in tensors.items()}, folder / "model.safetensors", {"format": "pt"})
    return folder


@pytest.fixture(scope="module")
def attributes(tmp_path_factory):
    folder = make(tmp_path_factory.mktemp("odyssey") / "multi", ["arousal", "dominance", "valence"])
    (folder / "ser-audit.toml").write_text(RANGE)
    return folder


@pytest.fixture(scope="module")
def categorical(tmp_path_factory):
    return make(tmp_path_factory.mktemp("odyssey") / "categorical", CLASSES, "microsoft/wavlm-base-plus", 2)


def published(folder, wave):
    """The computation of the published code, one utterance, in float64: (outputs,)."""
    import torch
    from safetensors.torch import load_file
    from torch.nn.functional import layer_norm

    config = json.loads((folder / "config.json").read_text())
    tensors = {key: value.double() for key, value in load_file(folder / "model.safetensors").items()}
    model, _ = small_encoder(config["ssl_type"])
    prefix = "ssl_model."
    model.load_state_dict({k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)})
    with torch.no_grad():
        values = torch.tensor((wave - config["mean"]) / (config["std"] + 0.000001))[None].double()
        x = model.double().eval()(values, attention_mask=torch.ones(values.shape)).last_hidden_state[0]
        scores = torch.tanh(
            x @ tensors["pool_model.sap_linear.weight"].T + tensors["pool_model.sap_linear.bias"]
        )
        w = torch.softmax(scores @ tensors["pool_model.attention"], dim=0)
        mu = (x * w).sum(0)
        h = torch.cat((mu, ((x**2 * w).sum(0) - mu**2).clamp(min=1e-5).sqrt()))
        for i in range(config["classifier_hidden_layers"]):
            h = h @ tensors[f"ser_model.fc.{i}.0.weight"].T + tensors[f"ser_model.fc.{i}.0.bias"]
            h = layer_norm(
                h, h.shape, tensors[f"ser_model.fc.{i}.1.weight"], tensors[f"ser_model.fc.{i}.1.bias"]
            )
            h = torch.relu(h)
        return (h @ tensors["ser_model.out.0.weight"].T + tensors["ser_model.out.0.bias"]).numpy()


def test_attributes_are_what_the_published_code_computes(attributes, waves):
    checkpoint = open_checkpoint(attributes)
    expected = np.stack([published(attributes, wave) for wave in waves])
    assert checkpoint.format == "odyssey"
    assert checkpoint.padding == "mask"
    assert checkpoint.info.dimensions == ("arousal", "dominance", "valence")
    assert checkpoint.info.sampling_rate == 16000
    assert checkpoint.info.shortest_input == 0.025
    assert checkpoint.info.licence == "mit"
    np.testing.assert_allclose(checkpoint.predict(waves), expected, rtol=1e-5, atol=1e-5)
    assert np.ptp(expected, axis=0).min() > 1e-2  # outputs that tell the waves apart


def test_classes_are_the_softmax_of_what_the_published_code_computes(categorical, waves):
    checkpoint = open_checkpoint(categorical)
    logits = np.stack([published(categorical, wave) for wave in waves])
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert checkpoint.padding == "masked group norm"
    assert checkpoint.info.classes == tuple(CLASSES)
    np.testing.assert_allclose(checkpoint.predict(waves), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("which", ["attributes", "categorical"])
def test_a_batch_equals_one_utterance_at_a_time(which, waves, request):
    checkpoint = open_checkpoint(request.getfixturevalue(which))
    single = np.concatenate([checkpoint.predict([wave]) for wave in waves])
    difference = np.linalg.norm(checkpoint.predict(waves) - single)
    assert difference <= 1e-6 * np.linalg.norm(single)
    assert checkpoint.proofs.batch_relative_l2 <= 1e-6


def test_the_training_audios_mean_and_std_reach_the_model(attributes, tmp_path, waves):
    copy = changed(attributes, tmp_path, mean=0.05, std=30.0)  # other than those of any wave
    expected = np.stack([published(copy, wave) for wave in waves])
    np.testing.assert_allclose(open_checkpoint(copy).predict(waves), expected, rtol=1e-5, atol=1e-5)
    assert np.abs(open_checkpoint(attributes).predict(waves) - expected).max() > 1e-2


def test_a_single_attribute_is_one_output(tmp_path, waves):
    folder = make(tmp_path / "valence", ["valence"])
    (folder / "ser-audit.toml").write_text(RANGE)
    checkpoint = open_checkpoint(folder)
    assert checkpoint.info.dimensions == ("valence",)
    np.testing.assert_allclose(
        checkpoint.predict(waves[:2])[:, 0], [published(folder, w)[0] for w in waves[:2]], atol=1e-5
    )


def test_the_outputs_keep_the_order_of_the_configuration(tmp_path, attributes, waves):
    swapped = changed(attributes, tmp_path, id2label={"0": "valence", "1": "arousal", "2": "dominance"})
    checkpoint = open_checkpoint(swapped)
    assert checkpoint.info.dimensions == ("valence", "arousal", "dominance")
    np.testing.assert_array_equal(
        checkpoint.predict(waves[:1]), open_checkpoint(attributes).predict(waves[:1])
    )


def test_the_range_of_raw_dimensions_is_asked_for(attributes, tmp_path):
    copy = changed(attributes, tmp_path)
    (copy / "ser-audit.toml").unlink()
    with pytest.raises(InputError, match="does not tell its value_range; nothing is guessed"):
        describe(copy)


def test_names_that_are_not_told_are_asked_for(attributes, tmp_path):
    with pytest.raises(
        InputError, match="(?s)does not tell its classes or dimensions.*its 3 outputs in order"
    ):
        describe(changed(attributes, tmp_path, id2label=None))


def test_it_is_known_by_configuration_and_tensors_whatever_it_is_called(attributes, tmp_path, edit):
    renamed = changed(attributes, tmp_path, architectures=["Anything"], model_type="anything")
    assert describe(renamed)[0] == "odyssey"
    foreign = edit(attributes, lambda t: {k: v for k, v in t.items() if not k.startswith("ser_model.")})
    with pytest.raises(InputError, match="copy is a model of its own code"):
        describe(foreign)


def test_a_bin_file_is_read_too(attributes, tmp_path, waves):
    import torch
    from safetensors.torch import load_file

    copy = changed(attributes, tmp_path)
    torch.save(load_file(copy / "model.safetensors"), copy / "pytorch_model.bin")
    (copy / "model.safetensors").unlink()
    expected = open_checkpoint(attributes).predict(waves[:2])
    np.testing.assert_array_equal(open_checkpoint(copy).predict(waves[:2]), expected)


def test_a_weight_that_is_missing_left_over_misshapen_or_not_finite_is_named(attributes, edit, tmp_path):
    def opened_with(change):
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        open_checkpoint(edit(attributes, change))

    def without(key):
        return lambda tensors: {k: v for k, v in tensors.items() if k != key}

    with pytest.raises(InputError, match=r"1 missing weights \(pool_model.attention\)"):
        opened_with(without("pool_model.attention"))
    key = "ssl_model.encoder.layers.1.attention.q_proj.weight"
    with pytest.raises(InputError, match=rf"1 missing weights \({key}\)"):
        opened_with(without(key))
    with pytest.raises(InputError, match=r"no place for \(ser_model.fc.1.0.weight\)"):
        opened_with(lambda t: {**t, "ser_model.fc.1.0.weight": t["ser_model.fc.0.0.weight"].clone()})
    with pytest.raises(InputError, match=r"1 weights of another shape \(pool_model.sap_linear.bias\)"):
        opened_with(lambda t: {**t, "pool_model.sap_linear.bias": t["pool_model.sap_linear.bias"][:-1]})
    with pytest.raises(InputError, match=r"1 weights that are not finite \(ser_model.out.0.bias\)"):
        opened_with(lambda t: {**t, "ser_model.out.0.bias": t["ser_model.out.0.bias"] * np.nan})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mean": None}, "mean = None: the mean of the training audio is needed"),
        ({"std": "0.08"}, "std = '0.08': the std of the training audio is needed"),
        ({"std": 0.0}, "std = 0.0: a standard deviation is above 0"),
        ({"classifier_hidden_layers": None}, "classifier_hidden_layers = None: a whole number is needed"),
        ({"num_classes": 4}, "num_classes = 4, but its id2label numbers 0, 1, 2"),
        ({"ssl_type": "someone/wavlm"}, "names the encoder 'someone/wavlm', whose architecture is not known"),
        (
            {"ssl_type": "microsoft/wavlm-base"},
            "no place for .*conv_layers.1.layer_norm.bias",
        ),
    ],
)
def test_a_configuration_that_does_not_tell_enough_is_refused(attributes, tmp_path, change, message):
    copy = changed(attributes, tmp_path, **change)
    with pytest.raises(InputError, match=message):
        open_checkpoint(copy)


def test_an_encoder_of_any_name_is_read_from_its_own_files(attributes, tmp_path, waves):
    copy = changed(attributes, tmp_path, ssl_type="someone/wavlm")
    (copy / encoders.BESIDE).mkdir()
    model, _ = small_encoder("microsoft/wavlm-large")
    model.config.save_pretrained(copy / encoders.BESIDE)
    (copy / encoders.BESIDE / "preprocessor_config.json").write_text(
        json.dumps({"do_normalize": True, "sampling_rate": 16000})
    )
    expected = open_checkpoint(attributes)
    checkpoint = open_checkpoint(copy)
    np.testing.assert_array_equal(checkpoint.predict(waves[:2]), expected.predict(waves[:2]))
    assert checkpoint.revision != expected.revision


def changed(folder, tmp_path, **config):
    copy = tmp_path / "changed"
    shutil.copytree(folder, copy)
    before = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**before, **config}))
    return copy
