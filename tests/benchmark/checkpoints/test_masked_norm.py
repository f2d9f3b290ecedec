"""The masked group norm of a padded utterance is the stock group norm of that utterance alone."""

import copy

import pytest
import torch
from ser_audit.benchmark.checkpoints.masked_norm import MaskedGroupNorm, find_first_block
from torch import nn


class Block(nn.Module):
    def __init__(self, groups: int = 6) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 6, kernel_size=10, stride=5, bias=True)
        self.layer_norm = nn.GroupNorm(groups, 6)
        nn.init.normal_(self.layer_norm.weight)
        nn.init.normal_(self.layer_norm.bias)

    def forward(self, wave):
        return self.layer_norm(self.conv(wave))


class Encoder(nn.Module):
    def __init__(self, groups: int = 6) -> None:
        super().__init__()
        self.conv_layers = nn.ModuleList([Block(groups)])


def test_padded_frames_do_not_count():
    torch.manual_seed(0)
    model = Encoder().double()
    block = model.conv_layers[0]
    sizes = [6000, 37, 64, 15, 2600]  # more and fewer frames than one block of the sums
    waves = [torch.randn(1, 1, size, dtype=torch.float64) + 3 for size in sizes]
    alone = [block(wave) for wave in waves]
    first = find_first_block(model)
    padded = torch.zeros(len(sizes), 1, max(sizes), dtype=torch.float64)
    for row, wave in zip(padded, waves, strict=True):
        row[:, : wave.shape[-1]] = wave[0]
    with first.valid(torch.tensor(sizes)):
        together = block(padded)
    for row, single in zip(together, alone, strict=True):
        torch.testing.assert_close(row[:, : single.shape[-1]], single[0], rtol=1e-12, atol=1e-12)
    assert not torch.allclose(block(padded)[1, :, :6], alone[1][0])  # stock again, and it sees the padding


def test_the_norm_keeps_the_names_and_values_of_its_parameters():
    model = Encoder()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    assert isinstance(find_first_block(model).norm, MaskedGroupNorm)
    after = model.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[key], before[key]) for key in before)


def test_a_norm_over_several_channels_is_left_alone():
    assert find_first_block(Encoder(groups=2)) is None


@pytest.mark.parametrize(("offset", "tolerance"), [(0.0, 2e-7), (100.0, 2e-5)])
def test_half_a_minute_is_as_precise_as_the_stock_norm(offset, tolerance):
    # 96 000 frames; where the mean is a hundred times the spread, float32 leaves 5 digits of the spread.
    torch.manual_seed(1)
    norm = nn.GroupNorm(4, 4)
    hidden = offset + torch.randn(2, 4, 96_000)
    exact = copy.deepcopy(norm).double()(hidden[:1].double())
    masked = MaskedGroupNorm(norm)
    with torch.no_grad(), masked.frames.set([96_000, 50_000]):
        difference = masked(hidden.clone())[:1].double() - exact
    assert difference.norm() <= tolerance * exact.norm()


def test_bfloat16_takes_its_moments_in_float32():
    torch.manual_seed(2)
    norm = nn.GroupNorm(4, 4).bfloat16()
    hidden = torch.randn(1, 4, 5000).bfloat16()
    stock = norm(hidden).float()
    masked = MaskedGroupNorm(norm)
    with torch.no_grad(), masked.frames.set([5000]):
        found = masked(hidden.clone())
    assert found.dtype == torch.bfloat16
    assert (found.float() - stock).norm() <= 2**-8 * stock.norm()


def test_a_copy_of_a_maskable_model_is_maskable():
    model = Encoder()
    find_first_block(model)
    twin = copy.deepcopy(model)
    first = find_first_block(twin)
    assert first.norm is twin.conv_layers[0].layer_norm
    assert first.norm is not model.conv_layers[0].layer_norm
