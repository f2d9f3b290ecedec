"""The machine that predicts: its cores, its devices, and how they are named in the artefacts."""

from __future__ import annotations

import platform
from functools import lru_cache

from ..errors import InputError

SIMD = ("sse", "avx", "fma", "amx", "neon", "asimd", "sve")  # x86 and Arm, as the kernel names them


def resolve_device(device: str) -> str:
    """``auto`` becomes ``cuda`` where there is one, else ``cpu``; anything else must exist.

    Raises:
        InputError: there is no such device.
    """
    if device == "cpu":
        return device
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device == "auto":
        return "cuda" if count else "cpu"
    known = ["cuda", *[f"cuda:{i}" for i in range(count)]] if count else []
    if device not in known:
        raise InputError(f"no device {device!r} here: give auto, {', '.join(['cpu', *known])}")
    return device


@lru_cache
def machine_info() -> dict:
    """As pytest-benchmark records it, without the host's name."""
    from pytest_benchmark.plugin import pytest_benchmark_generate_machine_info

    return {k: v for k, v in pytest_benchmark_generate_machine_info().items() if k != "node"}


def machine(device: str) -> dict[str, str]:
    """CPU with its SIMD features, platform, and GPU where one is used, in words.

    The features are there because room simulation, convolution, exp and tanh differ in the last bits
    from one CPU type to another.
    """
    cpu = machine_info()["cpu"]
    about = {
        "cpu": str(cpu.get("brand_raw", platform.machine())),
        "CPU features": " ".join(f for f in sorted(cpu.get("flags", ())) if f.startswith(SIMD)) or "unknown",
        "platform": platform.platform(),
    }
    if device.startswith("cuda"):
        import torch

        about["gpu"] = torch.cuda.get_device_name(device)
    return about
