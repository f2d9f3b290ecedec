"""emotion2vec's published layout, read without funasr: predictions, exact batches, labels."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from ser_audit.benchmark.checkpoints import describe, open_checkpoint
from ser_audit.benchmark.checkpoints.emotion2vec_config import read_config, read_labels
from ser_audit.benchmark.checkpoints.emotion2vec_loading import load
from ser_audit.benchmark.errors import InputError

STRIDES = (5, 2, 2, 2, 2, 2, 2)
AUDIO = "modality_encoders.AUDIO."


def slope(head):
    """ALiBi's, of six heads: 1/4, 1/16, 1/64, 1/256 of four, and of eight the first and the third."""
    return (1 / 4, 1 / 16, 1 / 64, 1 / 256, 1 / 2, 1 / 8)[head]


def by_hand(state, wave, normalise=True):
    """Logits of one wave, written from the papers: loops over heads, no mask, no batch, in float64."""
    state = {key: value.double() for key, value in state.items()}

    def named(name, *parts):
        return [state[f"{name}.{part}"] for part in parts]

    def norm(states, name):
        return F.layer_norm(states, states.shape[-1:], *named(name, "weight", "bias"))

    def linear(states, name):
        return F.linear(states, *named(name, "weight", "bias"))

    def block(states, name, frames):
        queries, keys, values = linear(states, f"{name}.attn.qkv").split(24, dim=-1)
        heads = []
        for head in range(6):
            part = slice(4 * head, 4 * head + 4)
            logits = queries[:, part] @ keys[:, part].T / 2  # √4 features of a head
            place = torch.arange(frames)
            distance = (place[:, None] - place[None]).abs()
            scale = max(0.0, state[f"{AUDIO}alibi_scale"].flatten()[head].item())
            logits[10:, 10:] -= slope(head) * scale * distance
            heads.append(logits.softmax(-1) @ values[:, part])
        states = norm(states + linear(torch.cat(heads, dim=-1), f"{name}.attn.proj"), f"{name}.norm1")
        inner = linear(F.gelu(linear(states, f"{name}.mlp.fc1")), f"{name}.mlp.fc2")
        return norm(states + inner, f"{name}.norm2")

    states = torch.from_numpy(wave).double()[None]
    if normalise:
        states = (states - states.mean()) / (states.var(correction=0) + 1e-5).sqrt()
    for place, stride in enumerate(STRIDES):
        name = f"{AUDIO}local_encoder.conv_layers.{place}"
        states = F.conv1d(states, state[f"{name}.0.weight"], stride=stride)
        states = F.gelu(norm(states.T, f"{name}.2.1")).T
    frames = linear(norm(states.T, f"{AUDIO}project_features.1"), f"{AUDIO}project_features.2")
    positions = frames
    for place in range(1, 6):
        weight, bias = named(f"{AUDIO}relative_positional_encoder.{place}.0", "weight", "bias")
        kernel = weight.shape[-1]
        padded = F.pad(positions.T, (kernel // 2, (kernel - 1) // 2))
        positions = F.gelu(F.layer_norm(F.conv1d(padded, weight, bias, groups=4).T, (24,)))
    states = torch.cat([state[f"{AUDIO}extra_tokens"][0], frames + positions])
    states = norm(states, f"{AUDIO}context_encoder.norm")
    names = [f"{AUDIO}context_encoder.blocks.0", f"{AUDIO}context_encoder.blocks.1", "blocks.0", "blocks.1"]
    for name in names:
        states = block(states, name, len(frames))
    return linear(states[10:].mean(0), "proj").numpy()


def softmax(logits):
    return np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)


def test_facts_come_from_the_declared_fields(published, layout):
    kind, name, info = describe(published)
    assert (kind, name, info.classes) == ("emotion2vec", "emotion2vec_tiny", layout.classes)
    assert (info.sampling_rate, info.activation) == (16000, "softmax")
    assert info.shortest_input == 400 / 16000


@pytest.mark.parametrize("kernel", [19, 4])  # an even one makes a frame too many in every convolution
def test_predictions_are_those_of_the_paper_computed_by_hand(make, waves, kernel, layout):
    state = layout.tensors(kernel)
    config = layout.config.replace("conv_pos_width: 95", f"conv_pos_width: {5 * kernel}")
    expected = np.stack([softmax(by_hand(state, wave)) for wave in waves])
    checkpoint = open_checkpoint(make(state, config=config))
    np.testing.assert_allclose(checkpoint.predict(waves), expected, atol=5e-6)
    assert expected.std(axis=0).max() > 1e-2  # waves differ, so the test has power


def test_a_batch_predicts_what_one_by_one_predicts(published, waves):
    checkpoint = open_checkpoint(published)
    single = np.concatenate([checkpoint.predict([wave]) for wave in waves])
    batched = checkpoint.predict(waves)
    assert checkpoint.padding == "mask"
    assert checkpoint.proofs.batch_relative_l2 <= 1e-6
    assert np.linalg.norm(batched - single) <= 1e-6 * np.linalg.norm(single)
    np.testing.assert_array_equal(checkpoint.predict(waves), batched)


def test_the_mask_is_exact_but_for_the_rounding_of_single_precision(published, waves):
    model = read_config(published).model_conf
    module = load(published, model, read_labels(published))[0].double().eval()
    longest = max(map(len, waves))
    padded = torch.stack([F.pad(torch.from_numpy(w).double(), (0, longest - len(w))) for w in waves])
    with torch.no_grad():
        single = torch.cat([module(torch.from_numpy(wave).double()[None]) for wave in waves])
        batched = module(padded, torch.tensor([len(wave) for wave in waves]))
        unmasked = module(padded)
    torch.testing.assert_close(batched, single, rtol=0, atol=1e-13)
    assert (unmasked - single).abs().max() > 1e-2  # so the test has power


def test_a_wave_shorter_than_a_frame_gets_zeros(make, published, layout):
    wave = np.float32([0.1, -0.2, 0.3])
    longer = np.pad(wave, (0, 397))
    undeclared = make(config=layout.config.replace("frontend_conf:\n    fs: 16000\n", ""))
    (undeclared / "ser-audit.toml").write_text("sampling_rate = 16000")
    for folder in (published, undeclared):
        checkpoint = open_checkpoint(folder)
        np.testing.assert_array_equal(checkpoint.predict([wave]), checkpoint.predict([longer]))


def test_waves_are_taken_as_they_are_where_the_configuration_says_so(make, waves, layout):
    config = layout.config.replace("normalize: true", "normalize: false")
    quiet = waves[-1]
    expected = softmax(by_hand(layout.tensors(), quiet, normalise=False))
    predicted = open_checkpoint(make(config=config)).predict([quiet])[0]
    np.testing.assert_allclose(predicted, expected, atol=5e-6)
    assert np.abs(expected - softmax(by_hand(layout.tensors(), quiet))).max() > 1e-3


def test_weights_fine_tuned_by_fairseq_and_those_of_pre_training_are_the_same(make, published, waves, layout):
    state = {
        ("" if key.startswith("proj.") else "d2v_model.") + key: value
        for key, value in layout.tensors().items()
    }
    state["_ema"] = {"blocks.0.norm1.weight": torch.ones(24)}
    state["d2v_model.modality_encoders.AUDIO.decoder.proj.weight"] = torch.ones(24, 384)
    checkpoint = open_checkpoint(make(state))
    np.testing.assert_array_equal(checkpoint.predict(waves), open_checkpoint(published).predict(waves))
    assert (
        checkpoint.proofs.weights
        == f"all {len(layout.tensors())} tensors loaded; 2 of pre-training only left out"
    )
    assert checkpoint.parameters == sum(value.numel() for value in layout.tensors().values())


def test_half_precision_weights_are_computed_in_single_precision(make, waves, layout):
    state = {key: value.half() for key, value in layout.tensors().items()}
    predicted = open_checkpoint(make(state)).predict(waves[:1])[0]
    np.testing.assert_allclose(predicted, softmax(by_hand(state, waves[0])), atol=5e-6)


def test_outputs_without_a_class_have_no_part_in_the_softmax(make, waves, layout):
    labels = ["angry", "unuse_0", "unuse_1", "happy", "neutral", "unuse_2", "sad", "unuse_3", "<unk>"]
    checkpoint = open_checkpoint(make(labels=labels))
    assert checkpoint.info.classes == ("angry", "happy", "neutral", "sad", "<unk>")
    expected = softmax(by_hand(layout.tensors(), waves[0])[[0, 3, 4, 6, 8]])
    np.testing.assert_allclose(checkpoint.predict(waves[:1])[0], expected, atol=5e-6)


@pytest.mark.parametrize(
    ("first", "halved"),
    [("angry/生气", True), ("ärger", False), ("angry", False), ("angry/cross", False), ("a/b/生气", False)],
)
def test_labels_are_halved_only_where_all_have_that_form(make, layout, first, halved):
    labels = [first, *layout.labels[1:]]
    assert describe(make(labels=labels))[2].classes == (layout.classes if halved else tuple(labels))


def test_an_undeclared_sampling_rate_is_asked_for(make, layout):
    folder = make(config=layout.config.replace("frontend_conf:\n    fs: 16000\n", ""))
    with pytest.raises(InputError, match="does not tell its sampling_rate") as caught:
        describe(folder)
    assert 'classes = ["angry", ' in str(caught.value)
