"""A torch module in other arithmetics: bfloat16, int8 and compiled, as deployments have them.

A checkpoint predicts in float32; what a variant gains and changes is audited beside it. Each is made of a
copy when it is asked for, and raises where the model, or this machine, does not bear it.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
import torch
from ser_audit.benchmark.errors import InputError

from .batching import Policies
from .masked_norm import MaskedGroupNorm

Build = Callable[[torch.nn.Module], Policies]
Call = TypeVar("Call", bound=Callable[..., Any])
TRIED = 48_000  # samples of the wave on which bfloat16 must run: 3 s at 16 kHz


def torch_variants(
    module: torch.nn.Module, build: Build, device: str
) -> Mapping[str, Callable[[], Policies]]:
    """Variants by name, none of them made yet.

    Args:
        module: on its device, float32; it stays as it is.
        build: from a module to the ways that waves go through it.
        device: such as cpu or cuda.
    """
    return {
        "bfloat16": partial(_bfloat16, module, build),
        "int8": partial(_int8, module, build, device),
        "compiled": partial(_compiled, module, build),
    }


def _bfloat16(module: torch.nn.Module, build: Build) -> Policies:
    """Weights and inputs in bfloat16; where an operation lacks it, autocast, which chooses by operation."""
    wave = 0.1 * np.random.default_rng(0).standard_normal((1, TRIED)).astype(np.float32)
    whole = copy.deepcopy(module).to(torch.bfloat16)
    whole.register_forward_pre_hook(_cast, with_kwargs=True)
    policies = build(whole)
    try:
        policies.stacked(wave)
    except (RuntimeError, NotImplementedError) as error:
        lacks = (str(error).splitlines() or [""])[0][:100]
    else:
        return replace(policies, how="weights and activations in bfloat16")
    del whole, policies
    kind = next(module.parameters()).device.type
    policies = build(copy.deepcopy(module))
    return Policies(
        _autocast(policies.stacked, kind),
        {name: _autocast(way, kind) for name, way in policies.padded.items()},
        f"bfloat16 by autocast, weights in float32, as the whole model does not bear it ({lacks})",
    )


def _cast(module: torch.nn.Module, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    """Floating-point inputs become bfloat16, like the weights."""

    def cast(value: Any) -> Any:
        floats = isinstance(value, torch.Tensor) and value.is_floating_point()
        return value.to(torch.bfloat16) if floats else value

    return tuple(map(cast, args)), {key: cast(value) for key, value in kwargs.items()}


def _autocast(call: Call, kind: str) -> Callable[[Any], np.ndarray]:
    def within(waves: Any) -> np.ndarray:
        with torch.autocast(kind, torch.bfloat16):
            return call(waves)

    return within


def _int8(module: torch.nn.Module, build: Build, device: str) -> Policies:
    """Linear layers with int8 weights; what goes into them is quantised as it comes.

    Raises:
        InputError: there is no linear layer, or the device is no CPU.
    """
    if device != "cpu":
        raise InputError(f"dynamic int8 runs on the CPU only, and this is {device}")
    linear = sum(isinstance(part, torch.nn.Linear) for part in module.modules())
    if not linear:
        raise InputError("the model has no linear layer, and dynamic int8 is for these")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.ao is to move into a package of its own
        changed = torch.ao.quantization.quantize_dynamic(module, {torch.nn.Linear}, torch.qint8)
    return replace(build(changed), how=f"{linear} linear layers with dynamic int8")


def _compiled(module: torch.nn.Module, build: Build) -> Policies:
    """``torch.compile`` with shapes that may vary; on a CPU it needs a C++ compiler."""
    changed = copy.deepcopy(module)
    for part in changed.modules():
        if isinstance(part, MaskedGroupNorm):  # its frames are numbers: each batch would be compiled anew
            part.forward = torch.compiler.disable(part.forward)  # type: ignore[method-assign]
    changed.compile(dynamic=True)
    return replace(build(changed), how="torch.compile with dynamic shapes")
