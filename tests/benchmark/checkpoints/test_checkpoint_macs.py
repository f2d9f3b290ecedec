"""Parameters and multiply-accumulates against the closed form of the architecture."""

import numpy as np
import pytest
from ser_audit.benchmark.checkpoints import open_checkpoint

KERNELS, STRIDES = (10, 3, 3, 3, 3, 2, 2), (5, 2, 2, 2, 2, 2, 2)  # Baevski et al. 2020, table of the encoder


def closed_form(samples, *, hidden=32, channels=16, feed_forward=48, layers=2, projection=16, labels=4):
    """Multiply-accumulates of wav2vec 2.0 with the tests' sizes, attention by plain products."""
    total, inputs, frames = 0, 1, samples
    for kernel, stride in zip(KERNELS, STRIDES, strict=True):
        frames = (frames - kernel) // stride + 1
        total += frames * channels * inputs * kernel
        inputs = channels
    total += frames * channels * hidden  # projection of the features
    total += (frames + 1) * hidden * (hidden // 2) * 16  # positional convolution: even kernel, two groups
    attention = 4 * frames * hidden**2 + 2 * frames**2 * hidden
    total += layers * (attention + 2 * frames * hidden * feed_forward)
    return total + frames * hidden * projection + projection * labels


@pytest.mark.parametrize("samples", [16000, 40000])
@pytest.mark.parametrize("kind", ["wav2vec2", "hubert"])
def test_macs_are_those_of_the_architecture(make_folder, kind, samples):
    checkpoint = open_checkpoint(make_folder(kind))
    before = checkpoint.predict([np.ones(4000, dtype=np.float32)])
    assert checkpoint.macs(samples) == closed_form(samples)
    assert (checkpoint.predict([np.ones(4000, dtype=np.float32)]) == before).all()


def test_wavlm_adds_the_gates_of_its_relative_positions(make_folder):
    frames, heads, width = 49, 2, 16
    gates = 2 * frames * heads * width * 8  # one linear map to 8 numbers, per layer, head and frame
    assert open_checkpoint(make_folder("wavlm")).macs(16000) == closed_form(16000) + gates


def test_parameters_are_counted(group_folder):
    from safetensors.torch import load_file

    tensors = load_file(group_folder / "model.safetensors")
    assert open_checkpoint(group_folder).parameters == sum(t.numel() for t in tensors.values())
