"""SpeechBrain's IEMOCAP recipe: the public folder's layout, and the published computation."""

import json
import shutil
import sys

import numpy as np
import pytest
from ser_audit.benchmark.checkpoints import describe, encoders, open_checkpoint
from ser_audit.benchmark.errors import InputError

# As published with speechbrain/emotion-recognition-wav2vec2-IEMOCAP, but for the sizes.
HYPERPARAMS = """\
HPARAMS_NEEDED: ["encoder_dim", "out_n_neurons", "label_encoder", "softmax"]
MODULES_NEEDED: ["wav2vec2", "avg_pool", "output_mlp"]
wav2vec2_hub: facebook/wav2vec2-base
pretrained_path: speechbrain/emotion-recognition-wav2vec2-IEMOCAP
encoder_dim: 32
out_n_neurons: 4
wav2vec2: !new:speechbrain.lobes.models.huggingface_transformers.wav2vec2.Wav2Vec2
    source: !ref <wav2vec2_hub>
    output_norm: True
    freeze: True
    save_path: wav2vec2_checkpoints
avg_pool: !new:speechbrain.nnet.pooling.StatisticsPooling
    return_std: False
output_mlp: !new:speechbrain.nnet.linear.Linear
    input_size: !ref <encoder_dim>
    n_neurons: !ref <out_n_neurons>
    bias: False
model: !new:torch.nn.ModuleList
    - [!ref <output_mlp>]
modules:
    wav2vec2: !ref <wav2vec2>
    output_mlp: !ref <output_mlp>
    avg_pool: !ref <avg_pool>
softmax: !new:speechbrain.nnet.activations.Softmax
label_encoder: !new:speechbrain.dataio.encoder.CategoricalEncoder
pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
    loadables:
        wav2vec2: !ref <wav2vec2>
        model: !ref <model>
        label_encoder: !ref <label_encoder>
    paths:
        wav2vec2: !ref <pretrained_path>/wav2vec2.ckpt
        model: !ref <pretrained_path>/model.ckpt
        label_encoder: !ref <pretrained_path>/label_encoder.txt
"""
# As the training recipe writes it: no softmax but a log-softmax, the pooling outside of the modules.
TRAINED = (
    HYPERPARAMS.replace("    avg_pool: !ref <avg_pool>\n", "")
    .replace("lobes.models.huggingface_transformers.wav2vec2", "integrations.huggingface.wav2vec2")
    .replace("softmax: !new:speechbrain", "log_softmax: !new:speechbrain")
    .replace("Softmax\n", "Softmax\n    apply_log: True\n")
)
LABELS = "'neu' => 0\n'ang' => 1\n'hap' => 2\n'sad' => 3\n================\n'starting_index' => 0\n"
SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "conv_dim": [16] * 7,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
}


@pytest.fixture(scope="module", autouse=True)
def small():
    """The named encoders keep their structure and lose their size."""
    shrunk = {
        name: (kind, {**config, **SMALL}, norm) for name, (kind, config, norm) in encoders.PUBLISHED.items()
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoders, "PUBLISHED", shrunk)
        yield


def small_encoder(kind="wav2vec2", norm="group", bias=False):
    """transformers' own model of that structure, with random weights."""
    import torch
    from transformers import AutoConfig, AutoModel

    torch.manual_seed(7)
    stable = norm == "layer"
    config = AutoConfig.for_model(
        kind, feat_extract_norm=norm, do_stable_layer_norm=stable, conv_bias=bias, **SMALL
    )
    model = AutoModel.from_config(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():  # norms start as 1 and 0, which would hide a mistake
            if parameter.ndim == 1:
                parameter.add_(0.2 * torch.randn(parameter.shape))
            elif parameter.ndim == 2:
                parameter.mul_(4)
    return model


def make(folder, model, hyperparams=HYPERPARAMS, labels=LABELS, bias=False):
    """The files of the public folder, with the names that speechbrain gives to the tensors."""
    import torch

    folder.mkdir()
    (folder / "hyperparams.yaml").write_text(hyperparams)
    (folder / "label_encoder.txt").write_text(labels)
    (folder / "custom_interface.py").write_text("raise SystemExit('the code of the folder was run')\n")
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    tensors = {f"model.{key}": value for key, value in model.state_dict().items()}
    stem = "model.encoder.pos_conv_embed.conv."
    for new, old in (("original0", "weight_g"), ("original1", "weight_v")):
        tensors[stem + old] = tensors.pop(f"{stem}parametrizations.weight.{new}")
    torch.save(tensors, folder / "wav2vec2.ckpt")
    generator = torch.Generator().manual_seed(5)
    head = {"0.w.weight": torch.randn(4, 32, generator=generator)}
    head |= {"0.w.bias": torch.randn(4, generator=generator)} if bias else {}
    torch.save(head, folder / "model.ckpt")
    return folder


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    return make(tmp_path_factory.mktemp("speechbrain") / "iemocap", small_encoder())


def published(folder, model, wave, normalise=True, output_norm=True):
    """speechbrain's computation for one utterance, without the noise of its pooling: float (4,)."""
    import torch
    from torch.nn.functional import layer_norm

    head = torch.load(folder / "model.ckpt", weights_only=True)
    with torch.no_grad():
        wav = torch.from_numpy(wave)[None]
        wav = layer_norm(wav, wav.shape[1:]) if normalise else wav
        out = model(wav).last_hidden_state
        out = layer_norm(out, out.shape[1:]) if output_norm else out
        logits = out.mean(dim=1) @ head["0.w.weight"].T + head.get("0.w.bias", 0)
        return logits.softmax(dim=1)[0].numpy()


def test_it_predicts_what_the_recipe_computes(public, waves):
    checkpoint = open_checkpoint(public)
    model = small_encoder()
    expected = np.stack([published(public, model, wave) for wave in waves])
    assert checkpoint.format == "speechbrain"
    assert not {"speechbrain", "hyperpyyaml"} & set(sys.modules)
    assert checkpoint.padding == "masked group norm"
    assert checkpoint.info.classes == ("neu", "ang", "hap", "sad")
    assert checkpoint.info.sampling_rate == 16000
    assert checkpoint.info.shortest_input == 0.025
    assert checkpoint.info.licence == "apache-2.0"
    np.testing.assert_allclose(checkpoint.predict(waves), expected, rtol=1e-4, atol=1e-6)
    assert np.ptp(np.log(expected), axis=0).min() > 1e-2  # outputs that tell the waves apart


@pytest.mark.parametrize(
    ("name", "structure", "cls", "normalise", "padding"),
    [
        ("facebook/wav2vec2-large-lv60", ("wav2vec2", "layer", True), "Wav2Vec2", True, "mask"),
        ("facebook/hubert-base-ls960", ("hubert", "group"), "HuBERT", True, "masked group norm"),
        ("facebook/hubert-large-ll60k", ("hubert", "layer", True), "HuBERT", True, "mask"),
        ("microsoft/wavlm-base-plus", ("wavlm", "group"), "WavLM", False, "masked group norm"),
        ("microsoft/wavlm-large", ("wavlm", "layer"), "WavLM", True, "mask"),
    ],
)
@pytest.mark.parametrize("output_norm", [True, False])
def test_variants_of_the_recipe_are_read_from_their_declared_fields(
    name, structure, cls, normalise, padding, output_norm, tmp_path, waves
):
    declared = (
        TRAINED.replace("facebook/wav2vec2-base", name)
        .replace("Wav2Vec2\n", f"{cls}\n")
        .replace("output_norm: True", f"output_norm: {output_norm}")
        .replace("    bias: False\n", "")
    )
    model = small_encoder(*structure)
    folder = make(tmp_path / "variant", model, declared, bias=True)
    checkpoint = open_checkpoint(folder)
    expected = np.stack([published(folder, model, wave, normalise, output_norm) for wave in waves])
    assert checkpoint.padding == padding
    np.testing.assert_allclose(checkpoint.predict(waves), expected, rtol=2e-4, atol=2e-6)


def test_a_batch_equals_one_utterance_at_a_time(public, waves):
    checkpoint = open_checkpoint(public)
    single = np.concatenate([checkpoint.predict([wave]) for wave in waves])
    difference = np.linalg.norm(checkpoint.predict(waves) - single)
    assert difference <= 1e-6 * np.linalg.norm(single)
    assert checkpoint.proofs.batch_relative_l2 <= 1e-6


def test_the_label_file_gives_the_order(public, tmp_path, waves):
    copy = changed(public, tmp_path)
    (copy / "label_encoder.txt").write_text("'neu' => 3\n'ang' => 1\n'hap' => 2\n'sad' => 0\n")
    checkpoint = open_checkpoint(copy)
    assert checkpoint.info.classes == ("sad", "ang", "hap", "neu")
    expected = open_checkpoint(public).predict(waves[:1])
    np.testing.assert_array_equal(checkpoint.predict(waves[:1]), expected)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (LABELS.replace("'sad' => 3\n", ""), "numbers its classes 0, 1, 2, but iemocap has 4 outputs"),
        (LABELS.replace("=> 3", "=> 4"), "numbers its classes 0, 1, 2, 4, but iemocap has 4 outputs"),
        (LABELS.replace("'sad'", "sad()"), r"has the line 'sad\(\) => 3': expected such as"),
    ],
)
def test_a_label_file_that_contradicts_the_head_is_refused(public, tmp_path, labels, message):
    copy = changed(public, tmp_path)
    (copy / "label_encoder.txt").write_text(labels)
    with pytest.raises(InputError, match=message):
        describe(copy)


def test_classes_without_a_label_file_are_asked_for(public, tmp_path):
    copy = changed(public, tmp_path)
    (copy / "label_encoder.txt").unlink()
    with pytest.raises(InputError, match="does not tell its classes or dimensions"):
        describe(copy)


def test_scores_without_a_declared_softmax_are_asked_for(public, tmp_path):
    copy = changed(public, tmp_path, ("softmax: !new:speechbrain.nnet.activations.Softmax\n", ""))
    with pytest.raises(InputError, match="does not tell its activation"):
        describe(copy)


def test_weights_that_are_missing_left_over_misshapen_or_not_finite_are_named(public, tmp_path):
    import torch

    def opened_with(file, change):
        shutil.rmtree(tmp_path / "iemocap", ignore_errors=True)
        copy = changed(public, tmp_path)
        tensors = torch.load(copy / file, weights_only=True)
        torch.save(change(tensors), copy / file)
        open_checkpoint(copy)

    key = "model.encoder.layers.1.attention.q_proj.weight"
    with pytest.raises(
        InputError, match=rf"wav2vec2.ckpt in iemocap does not fit .*1 missing weights \({key}\)"
    ):
        opened_with("wav2vec2.ckpt", lambda t: {k: v for k, v in t.items() if k != key})
    with pytest.raises(InputError, match=r"model.ckpt in iemocap .*no place for \(0.w.bias\)"):
        opened_with("model.ckpt", lambda t: {**t, "0.w.bias": torch.zeros(4)})
    with pytest.raises(InputError, match=r"1 weights of another shape \(0.w.weight\)"):
        opened_with("model.ckpt", lambda t: {"0.w.weight": t["0.w.weight"][:3]})
    with pytest.raises(InputError, match=rf"1 weights that are not finite \({key}\)"):
        opened_with("wav2vec2.ckpt", lambda t: {**t, key: t[key] * float("nan")})
    with pytest.raises(InputError, match="model.ckpt in iemocap does not hold tensors by name"):
        opened_with("model.ckpt", lambda t: [t])


@pytest.mark.parametrize("file", ["wav2vec2.ckpt", "model.ckpt"])
def test_a_malicious_pickle_is_refused_and_not_run(public, tmp_path, file):
    import pickle

    class Malicious:
        def __reduce__(self):
            return open, (str(tmp_path / "was_run"), "w")

    copy = changed(public, tmp_path)
    (copy / file).write_bytes(pickle.dumps({"0.w.weight": Malicious()}))
    with pytest.raises(InputError, match=f"{file} in iemocap holds more than tensors.*refused"):
        open_checkpoint(copy)
    assert not (tmp_path / "was_run").exists()


@pytest.mark.parametrize("file", ["wav2vec2.ckpt", "model.ckpt"])
def test_a_folder_without_its_weights_is_refused(public, tmp_path, file):
    copy = changed(public, tmp_path)
    (copy / file).unlink()
    with pytest.raises(InputError, match=f"iemocap has no {file}"):
        open_checkpoint(copy)


def test_an_encoder_of_any_name_is_read_from_its_own_files(tmp_path, waves):
    model = small_encoder("wav2vec2", "layer", bias=True)
    folder = make(tmp_path / "own", model, HYPERPARAMS.replace("facebook/wav2vec2-base", "someone/wav2vec2"))
    (folder / encoders.BESIDE).mkdir()
    model.config.save_pretrained(folder / encoders.BESIDE)
    revisions = set()
    for normalise in (True, False):
        settings = {"do_normalize": normalise, "sampling_rate": 16000}
        (folder / encoders.BESIDE / "preprocessor_config.json").write_text(json.dumps(settings))
        expected = np.stack([published(folder, model, wave, normalise) for wave in waves])
        checkpoint = open_checkpoint(folder)
        np.testing.assert_allclose(checkpoint.predict(waves), expected, rtol=2e-4, atol=2e-6)
        revisions.add(checkpoint.revision)
    assert len(revisions) == 2


def changed(folder, tmp_path, *replacements):
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    text = (copy / "hyperparams.yaml").read_text()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    (copy / "hyperparams.yaml").write_text(text)
    return copy
