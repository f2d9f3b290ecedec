"""Multiply-accumulates of a torch module, counted while it runs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode


def count_macs(run: Callable[[], object]) -> int:
    """Half of the floating-point operations of all matrix products and convolutions in ``run``.

    The attention is computed as plain matrix products meanwhile: the counter does not see the fused
    CPU kernel. Norms, activations and element-wise sums are not counted, as usual in the field.

    Args:
        run: one forward pass.
    """
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        run()
    return counter.get_total_flops() // 2
