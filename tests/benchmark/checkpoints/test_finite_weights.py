"""No weight that is not finite is overlooked, wherever it stands."""

import pytest
import torch
from ser_audit.benchmark.checkpoints.loading import finite


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("place", [0, 17, 4095])
def test_one_value_that_is_not_finite_is_found(dtype, value, place):
    weights = torch.linspace(-1, 1, 4096, dtype=dtype).reshape(64, 64)
    assert finite(weights)
    weights.view(-1)[place] = value
    assert not finite(weights)


def test_extremes_empty_tensors_and_counters_are_finite():
    largest = torch.finfo(torch.float32).max
    assert finite(torch.tensor([largest, -largest]))
    assert finite(torch.zeros(0))
    assert finite(torch.tensor(3))
