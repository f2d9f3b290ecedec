"""A small folder in the layout of the published emotion2vec: its fields, its labels, random weights."""

import math
from types import SimpleNamespace

import pytest
import torch

# The fields of a published config.yaml; sizes reduced, and what concerns training left as an example.
CONFIG = """\
model: Emotion2vec
model_conf:
    loss_beta: 0.0
    depth: 2
    num_heads: 6
    norm_eps: 1e-05
    norm_affine: true
    attention_dropout: 0.1
    embed_dim: 24
    mlp_ratio: 4.0
    layer_norm_first: false
    ema_decay: 0.999
    normalize: true
    modalities:
        audio:
            type: AUDIO
            prenet_depth: 2
            num_extra_tokens: 10
            mask_prob: 0.5
            use_alibi_encoder: true
            alibi_scale: 1.0
            learned_alibi: false
            alibi_max_pos: null
            learned_alibi_scale: true
            learned_alibi_scale_per_head: true
            learned_alibi_scale_per_layer: false
            num_alibi_heads: 6
            model_depth: 2
            decoder:
                decoder_dim: 384
            extractor_mode: layer_norm
            feature_encoder_spec: '[(16, 10, 5)] + [(16, 3, 2)] * 4 + [(16,2,2)] + [(16,2,2)]'
            conv_pos_width: 95
            conv_pos_groups: 4
            conv_pos_depth: 5
            conv_pos_pre_ln: false
tokenizer: CharTokenizer
tokenizer_conf:
    unk_symbol: <unk>
frontend_conf:
    fs: 16000
"""
BILINGUAL = ["生气/angry", "厌恶/disgusted", "恐惧/fearful", "开心/happy", "中立/neutral", "其他/other"]
LABELS = [*BILINGUAL, "难过/sad", "吃惊/surprised", "<unk>"]
ENGLISH = ("angry", "disgusted", "fearful", "happy", "neutral", "other", "sad", "surprised", "<unk>")
KERNELS = (10, 3, 3, 3, 3, 2, 2)
AUDIO = "modality_encoders.AUDIO."


def tensors(kernel=19):
    """Random weights under the published names; ``kernel`` is that of the positional encoder."""
    generator = torch.Generator().manual_seed(5)

    def draw(*shape, around=0.0, spread=0.2):
        return around + spread * torch.randn(shape, generator=generator)

    def norm(name, size):
        return {f"{name}.weight": draw(size, around=1), f"{name}.bias": draw(size)}

    def linear(name, inputs, outputs):
        weight = draw(outputs, inputs, spread=1 / math.sqrt(inputs))
        return {f"{name}.weight": weight, f"{name}.bias": draw(outputs)}

    def block(name):
        return {
            **norm(f"{name}.norm1", 24),
            **linear(f"{name}.attn.qkv", 24, 72),
            **linear(f"{name}.attn.proj", 24, 24),
            **norm(f"{name}.norm2", 24),
            **linear(f"{name}.mlp.fc1", 24, 96),
            **linear(f"{name}.mlp.fc2", 96, 24),
        }

    state = {f"{AUDIO}extra_tokens": draw(1, 10, 24, spread=1)}
    state[f"{AUDIO}alibi_scale"] = draw(1, 1, 6, 1, 1, around=0.5, spread=0.6)  # one of them below 0
    for place, size in enumerate(KERNELS):
        name = f"{AUDIO}local_encoder.conv_layers.{place}"
        inputs = 16 if place else 1
        state[f"{name}.0.weight"] = draw(16, inputs, size, spread=1 / math.sqrt(inputs * size))
        state |= norm(f"{name}.2.1", 16)
    state |= {**norm(f"{AUDIO}project_features.1", 16), **linear(f"{AUDIO}project_features.2", 16, 24)}
    for place in range(1, 6):
        name = f"{AUDIO}relative_positional_encoder.{place}.0"
        state |= {f"{name}.weight": draw(24, 6, kernel), f"{name}.bias": draw(24)}
    state |= {**block(f"{AUDIO}context_encoder.blocks.0"), **block(f"{AUDIO}context_encoder.blocks.1")}
    state |= {**norm(f"{AUDIO}context_encoder.norm", 24), **block("blocks.0"), **block("blocks.1")}
    return {**state, **linear("proj", 24, 9)}


def write(folder, state, config=CONFIG, labels=LABELS):
    folder.mkdir(exist_ok=True)
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    (folder / "configuration.json").write_text('{"framework": "pytorch"}')
    (folder / "tokens.txt").write_text("\n".join(labels), encoding="utf-8")
    torch.save({"model": state, "args": None, "optimizer_history": [{"num_updates": 7}]}, folder / "model.pt")
    return folder


@pytest.fixture(scope="session")
def layout() -> SimpleNamespace:
    """What the folder is made of: ``config``, ``labels``, ``classes``, and ``tensors()``."""
    return SimpleNamespace(config=CONFIG, labels=LABELS, classes=ENGLISH, tensors=tensors)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A small folder in the published layout; read only."""
    return write(tmp_path_factory.mktemp("e2v") / "emotion2vec_tiny", tensors())


@pytest.fixture
def make(tmp_path):
    """Make another folder: ``make(state=…, config=…, labels=…)``."""
    return lambda state=None, **changes: write(
        tmp_path / "e2v", tensors() if state is None else state, **changes
    )
