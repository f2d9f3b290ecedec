"""Models on features: every utterance through its extractor alone, all of them in one forward pass."""

import json
import shutil

import numpy as np
import pytest
from ser_audit.benchmark.checkpoints import describe, open_checkpoint
from ser_audit.benchmark.errors import InputError

KINDS = ["whisper", "audio-spectrogram-transformer", "wav2vec2-bert"]
HEARD = {"whisper": 2.0, "audio-spectrogram-transformer": (400 + 127 * 160) / 16000}  # 25 ms each 10 ms


def noise(seconds, seed=0):
    samples = round(16000 * seconds)
    return (0.1 * np.random.default_rng(seed).standard_normal(samples)).astype(np.float32)


@pytest.mark.parametrize("kind", KINDS)
def test_utterances_of_any_lengths_share_one_forward_pass(make_feature_folder, waves, monkeypatch, kind):
    import torch

    checkpoint = open_checkpoint(make_feature_folder(kind))
    passes = []
    module = next(
        cell.cell_contents
        for cell in checkpoint._raw.__closure__
        if isinstance(cell.cell_contents, torch.nn.Module)
    )
    module.register_forward_hook(lambda *_: passes.append(1))
    checkpoint.predict(waves)
    assert len(passes) == 1


@pytest.mark.parametrize("kind", HEARD)
def test_it_is_said_how_much_of_an_utterance_is_heard_and_the_rest_is_not(make_feature_folder, kind):
    checkpoint = open_checkpoint(make_feature_folder(kind))
    heard = round(16000 * HEARD[kind])
    wave = noise(3)
    other_end, other_sample = wave.copy(), wave.copy()
    other_end[heard + 200 :] = noise(3, seed=1)[heard + 200 :]  # Whisper's last frame looks 12.5 ms ahead
    other_sample[heard - 800 :] = noise(3, seed=1)[heard - 800 :]  # AST's last patch may end 9 frames before
    first, second, third = checkpoint.predict([wave, other_end, other_sample])
    assert f"the model hears only the first {HEARD[kind]:.4g} s of an utterance" in checkpoint.proofs.weights
    np.testing.assert_allclose(first, second, rtol=1e-6)
    assert np.abs(first - third).max() > 1e-6


def test_a_model_that_hears_all_says_nothing_of_it(make_feature_folder, group_folder):
    for folder in (make_feature_folder("wav2vec2-bert"), group_folder):
        assert "hears" not in open_checkpoint(folder).proofs.weights


@pytest.mark.parametrize(
    ("kind", "samples"), [("audio-spectrogram-transformer", 400), ("wav2vec2-bert", 560), ("whisper", 0)]
)
def test_waves_that_are_too_short_for_a_frame_end_with_zeros(make_feature_folder, kind, samples):
    checkpoint = open_checkpoint(make_feature_folder(kind))
    assert checkpoint.info.shortest_input == samples / 16000
    wave = noise(0.01)
    scores = checkpoint.predict([wave, noise(1)])
    assert np.isfinite(scores).all()
    padded = np.concatenate([wave, np.zeros(max(0, samples - len(wave)), dtype=np.float32)])
    np.testing.assert_allclose(checkpoint.predict([padded])[0], scores[0], rtol=1e-5)


def test_an_odd_number_of_frames_ends_with_a_masked_half(make_feature_folder, by_the_library):
    folder = make_feature_folder(
        "wav2vec2-bert"
    )  # the extractor joins two frames, and pads to an even number
    waves = [noise(seconds) for seconds in (0.505, 0.515, 0.525, 1.015)]
    expected = by_the_library(folder, waves)
    found = open_checkpoint(folder).predict(waves)
    assert np.linalg.norm(found - expected) <= 1e-6 * np.linalg.norm(expected)


def test_an_extractor_that_is_not_known_is_refused(make_feature_folder, tmp_path):
    folder = tmp_path / "other"
    shutil.copytree(make_feature_folder("whisper"), folder)
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    settings["feature_extractor_type"] = "OwnFeatureExtractor"
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    assert describe(folder)[0] == "huggingface"
    with pytest.raises(InputError, match="other wants the feature extractor OwnFeature.*file.py:name"):
        open_checkpoint(folder)
