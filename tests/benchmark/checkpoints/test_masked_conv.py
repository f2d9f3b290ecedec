"""A convolution that pads sees zeros behind each utterance of a batch, as behind an utterance alone."""

import torch
from ser_audit.benchmark.checkpoints.masked_conv import MaskedConvolutions
from torch import nn


def stack():
    """Two padding convolutions; what the first makes of the padding would reach the second."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv1d(3, 3, 5, padding=2), nn.GELU(), nn.Conv1d(3, 2, 9, padding="same")
    ).double()


def padded(utterances):
    batch = torch.ones(len(utterances), 3, max(u.shape[-1] for u in utterances), dtype=torch.float64)
    for row, utterance in zip(batch, utterances, strict=True):
        row[:, : utterance.shape[-1]] = utterance
    return batch


def test_frames_behind_the_end_of_an_utterance_are_not_heard():
    model = stack()
    utterances = [torch.randn(3, frames, dtype=torch.float64) for frames in (20, 7, 13)]
    alone = [model(utterance[None])[0] for utterance in utterances]
    convolutions = MaskedConvolutions(model)
    batch = padded(utterances)
    before = batch.clone()
    with convolutions.valid(torch.tensor([20, 7, 13])):
        together = model(batch)
    for row, single in zip(together, alone, strict=True):
        torch.testing.assert_close(row[:, : single.shape[-1]], single, rtol=1e-12, atol=1e-12)
    assert torch.equal(batch, before)
    assert not torch.allclose(model(batch)[1, :, 6], alone[1][:, 6])  # idle again, and the padding is heard


def test_a_convolution_that_does_not_pad_is_left_alone():
    model = nn.Conv1d(3, 3, 5)
    MaskedConvolutions(model)
    assert not model._forward_pre_hooks
