"""Batching never changes a number: against the library itself, one utterance at a time."""

import json

import numpy as np
import pytest
from ser_audit.benchmark.checkpoints import open_checkpoint

SHAPES = [(kind, norm) for kind in ("wav2vec2", "hubert", "wavlm") for norm in ("group", "layer")]
POLICY = {"group": "masked group norm", "layer": "mask"}


def relative(difference, reference):
    return np.linalg.norm(difference - reference) / np.linalg.norm(reference)


def by_the_library(folder, waves, together):
    """Probabilities by transformers' own feature extractor and model, without a line of ours."""
    import torch
    from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

    extractor = AutoFeatureExtractor.from_pretrained(folder)
    model = AutoModelForAudioClassification.from_pretrained(folder).eval()
    batches = [waves] if together else [[wave] for wave in waves]
    padding = {"padding": True} if together else {}
    with torch.inference_mode():
        parts = [
            model(**extractor(batch, sampling_rate=16000, return_tensors="pt", **padding)).logits
            for batch in batches
        ]
    return torch.cat(parts).softmax(-1).numpy()


@pytest.mark.parametrize(("kind", "norm"), SHAPES)
def test_a_batch_predicts_what_one_by_one_predicts(make_folder, waves, kind, norm):
    folder = make_folder(kind, norm)
    checkpoint = open_checkpoint(folder)
    alone = by_the_library(folder, waves, together=False)
    batched = checkpoint.predict(waves)
    single = np.concatenate([checkpoint.predict([wave]) for wave in waves])
    assert checkpoint.padding == POLICY[norm]
    assert relative(batched, single) <= 1e-6
    assert relative(batched, alone) <= 1e-6
    assert relative(by_the_library(folder, waves, together=True), alone) > 1e-3  # so the test has power
    assert checkpoint.proofs.batch_relative_l2 <= 1e-6
    assert checkpoint.proofs.batch_changed_labels == 0
    assert checkpoint.proofs.repeat_max_difference == 0


def test_the_order_of_a_batch_does_not_matter(group_folder, waves):
    checkpoint = open_checkpoint(group_folder)
    np.testing.assert_allclose(checkpoint.predict(waves[::-1])[::-1], checkpoint.predict(waves), rtol=1e-5)


def test_the_extractor_decides_whether_a_wave_is_normalised(make_folder, waves):
    folder = make_folder()
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    normalised = open_checkpoint(folder).predict(waves)
    (folder / "preprocessor_config.json").write_text(json.dumps({**settings, "do_normalize": False}))
    raw = open_checkpoint(folder).predict(waves)
    assert relative(raw, by_the_library(folder, waves, together=False)) <= 1e-6
    assert relative(raw, normalised) > 1e-5


def test_a_model_that_cannot_be_padded_falls_back(make_folder, waves):
    # sew also has a group norm in its first block, but pools pairs of frames before its attention.
    folder = make_folder("sew", "group", squeeze_factor=2, conv_dim=(16,) * 13)
    checkpoint = open_checkpoint(folder)
    assert checkpoint.padding in ("equal lengths", "one by one")
    assert relative(checkpoint.predict(waves), by_the_library(folder, waves, together=False)) <= 1e-6


def test_the_number_of_threads_is_the_callers(group_folder):
    import torch

    open_checkpoint(group_folder, threads=2)
    assert torch.get_num_threads() == 2
    open_checkpoint(group_folder, threads=1)
    assert torch.get_num_threads() == 1


def test_an_empty_batch_gives_no_rows(group_folder):
    assert open_checkpoint(group_folder).predict([]).shape == (0, 4)


def test_the_shortest_wave_is_padded_to_the_receptive_field(group_folder):
    checkpoint = open_checkpoint(group_folder)
    assert checkpoint.info.shortest_input == 400 / 16000  # Baevski et al. 2020: 25 ms
    wave = np.random.default_rng(0).standard_normal(160).astype(np.float32)
    padded = np.concatenate([wave, np.zeros(240, dtype=np.float32)])
    np.testing.assert_array_equal(checkpoint.predict([wave]), checkpoint.predict([padded]))


def spectrogram_folder(folder, kind):
    """A tiny classifier that takes features of the wave, with its feature extractor."""
    import torch
    from transformers import (
        ASTConfig,
        ASTFeatureExtractor,
        AutoModelForAudioClassification,
        SeamlessM4TFeatureExtractor,
        Wav2Vec2BertConfig,
        WhisperConfig,
        WhisperFeatureExtractor,
    )

    names = {"id2label": {0: "sad", 1: "happy"}, "label2id": {"sad": 0, "happy": 1}}
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config, extractor = {
        "ast": lambda: (
            ASTConfig(**size, **names, max_length=128, num_mel_bins=32),
            ASTFeatureExtractor(max_length=128, num_mel_bins=32),
        ),
        "wav2vec2-bert": lambda: (Wav2Vec2BertConfig(**size, **names), SeamlessM4TFeatureExtractor()),
        "whisper": lambda: (
            WhisperConfig(
                **names, d_model=16, encoder_layers=1, encoder_attention_heads=2, encoder_ffn_dim=16
            ),
            WhisperFeatureExtractor(),
        ),
    }[kind]()
    torch.manual_seed(1)
    AutoModelForAudioClassification.from_config(config).save_pretrained(folder)
    extractor.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("kind", ["ast", "wav2vec2-bert", "whisper"])
def test_models_of_spectrograms_run_one_by_one_through_their_extractor(tmp_path, waves, kind):
    folder = spectrogram_folder(tmp_path, kind)
    checkpoint = open_checkpoint(folder)
    assert checkpoint.padding == "one by one"
    assert relative(checkpoint.predict(waves), by_the_library(folder, waves, together=False)) <= 1e-6
    assert checkpoint.macs(16000) > 0
