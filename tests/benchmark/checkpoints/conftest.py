"""Small checkpoints with random weights, in the very layout of the public ones."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

os.environ["HF_HUB_OFFLINE"] = "1"

EMOTIONS = ["neutral", "happy", "angry", "sad"]
TINY = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "conv_dim": (16,) * 7,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
    "classifier_proj_size": 16,
}


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """Tiny models are slower on two threads, much slower on a busy machine."""
    from ser_audit.benchmark.checkpoints import open_checkpoint

    open_checkpoint.__kwdefaults__["threads"] = 1


def shake(model):
    """Random affine parameters too: norms start as 1 and 0, which would hide a mistake."""
    import torch

    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.2 * torch.randn(parameter.shape, generator=generator))
            elif parameter.ndim == 2:
                parameter.mul_(4)
    return model


def describe_extractor(folder: Path, **changes) -> None:
    """The feature extractor's settings, as the public *base* models have them."""
    settings = {
        "do_normalize": True,
        "feature_extractor_type": "Wav2Vec2FeatureExtractor",
        "feature_size": 1,
        "padding_side": "right",
        "padding_value": 0.0,
        "return_attention_mask": False,
        "sampling_rate": 16000,
        **changes,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))


@pytest.fixture(scope="session")
def make_folder(tmp_path_factory) -> Callable[..., Path]:
    """Make a Hugging Face folder: ``make_folder("hubert", "layer", id2label=…)``."""
    import torch
    from transformers import AutoConfig, AutoModelForAudioClassification

    torch.set_num_threads(1)

    def make(kind: str = "wav2vec2", norm: str = "group", **changes) -> Path:
        folder = tmp_path_factory.mktemp(f"{kind}-{norm}")
        torch.manual_seed(7)
        settings = {"id2label": dict(enumerate(EMOTIONS)), "label2id": {n: i for i, n in enumerate(EMOTIONS)}}
        config = AutoConfig.for_model(
            kind,
            feat_extract_norm=norm,
            do_stable_layer_norm=norm == "layer",
            **{**TINY, **settings, **changes},
        )
        shake(AutoModelForAudioClassification.from_config(config)).save_pretrained(folder)
        describe_extractor(folder)
        return folder

    return make


SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}


def on_features(kind: str, changes: dict):
    """Configuration and feature extractor of a family that takes features, cut to short utterances."""
    from transformers import (
        ASTFeatureExtractor,
        AutoConfig,
        SeamlessM4TFeatureExtractor,
        WhisperFeatureExtractor,
    )

    if kind == "whisper":
        heads = {"encoder_layers": 2, "encoder_attention_heads": 2, "encoder_ffn_dim": 16}
        size = {"d_model": 16, **heads, "max_source_positions": 100, "classifier_proj_size": 8}
        extractor = WhisperFeatureExtractor(chunk_length=2)
    elif kind == "audio-spectrogram-transformer":
        size = {**SMALL, "max_length": 128, "num_mel_bins": 32}
        extractor = ASTFeatureExtractor(max_length=128, num_mel_bins=32)
    else:
        size = {**SMALL, "classifier_proj_size": 8}
        extractor = SeamlessM4TFeatureExtractor(padding_value=1)  # as facebook/w2v-bert-2.0 has it
    return AutoConfig.for_model(kind, **{**size, **changes}), extractor


@pytest.fixture(scope="session")
def make_feature_folder(tmp_path_factory) -> Callable[..., Path]:
    """Make a folder of a model on features: ``make_feature_folder("whisper", id2label=…)``."""
    import torch
    from transformers import AutoModelForAudioClassification

    def make(kind: str, **changes) -> Path:
        folder = tmp_path_factory.mktemp(kind)
        names = {"id2label": dict(enumerate(EMOTIONS)), "label2id": {n: i for i, n in enumerate(EMOTIONS)}}
        config, extractor = on_features(kind, {**names, **changes})
        torch.manual_seed(1)
        model = shake(AutoModelForAudioClassification.from_config(config))
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.ndim > 2:  # else what is heard hardly moves the outputs
                    parameter.mul_(20)
        model.save_pretrained(folder)
        extractor.save_pretrained(folder)
        return folder

    return make


@pytest.fixture(scope="session")
def by_the_library() -> Callable[..., np.ndarray]:
    """Probabilities by transformers' own feature extractor and model, without a line of ours."""
    import torch
    from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

    def predict(folder: Path, waves: list[np.ndarray], together: bool = False) -> np.ndarray:
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

    return predict


@pytest.fixture(scope="session")
def group_folder(make_folder) -> Path:
    """A wav2vec 2.0 classifier with group norm; read only."""
    return make_folder()


@pytest.fixture(scope="session")
def waves() -> list[np.ndarray]:
    """Nine waves of .2 to 2 seconds at 16 kHz, with levels from .001 to .3; two of equal length."""
    generator = np.random.default_rng(11)
    seconds = (0.7, 0.2, 2.0, 1.3, 0.7, 0.45, 1.9, 0.31, 1.0)
    levels = np.geomspace(0.3, 0.001, len(seconds))
    return [
        (level * generator.standard_normal(int(16000 * length))).astype(np.float32)
        for length, level in zip(seconds, levels, strict=True)
    ]


@pytest.fixture
def edit(tmp_path):
    """Copy a folder and change its weights: ``edit(folder, lambda tensors: …)``."""
    import shutil

    from safetensors.torch import load_file, save_file

    def change(folder: Path, how: Callable[[dict], dict | None]) -> Path:
        copy = tmp_path / "copy"
        shutil.copytree(folder, copy)
        tensors = load_file(copy / "model.safetensors")
        tensors = how(tensors) or tensors
        save_file(
            {k: v.contiguous() for k, v in tensors.items()}, copy / "model.safetensors", {"format": "pt"}
        )
        return copy

    return change
