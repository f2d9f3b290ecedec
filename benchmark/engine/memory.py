"""How much audio a batch may hold, from the memory that there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

# Measured on a CPU: 13 to 16 MB for wav2vec2-base with its norm masked, 20 to 23 MB for wav2vec2-large.
BYTES_PER_SECOND = 25e6  # of audio in a batch, padding included
MOST = {"cpu": 60.0, "cuda": 960.0}  # seconds; more gains nothing
LEAST = 7.5  # seconds; a longer utterance is a batch of its own all the same
PROC, GROUPS = Path("/proc"), Path("/sys/fs/cgroup")
# Of a control group, in version 2 and in 1: its limit, what is used, and what of that can be dropped.
V2 = "memory.max", "memory.current", "inactive_file"
V1 = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
SHARE = 0.5  # of the memory that is free: weights, perturbed audio and other work need the rest


def batch_seconds(device: str, passes: int) -> float:
    """Seconds of audio that one batch may hold, padding included.

    In steps of a factor of two, so that the same machine comes to the same number again.

    Args:
        device: such as cpu or cuda:1.
        passes: forward passes that run side by side.
    """
    kind = "cuda" if device.startswith("cuda") else "cpu"
    seconds = MOST[kind]
    while seconds > LEAST and seconds * passes * BYTES_PER_SECOND > SHARE * free_memory(device):
        seconds /= 2
    return seconds


def free_memory(device: str) -> float:
    """Bytes that can still be used: of the GPU, or of this machine within its control groups' limits."""
    if device.startswith("cuda"):
        import torch

        return float(torch.cuda.mem_get_info(device)[0])
    return min([_available(), *(_left(group, *files) for group, files in _groups())])


def _available() -> float:
    try:
        lines = (PROC / "meminfo").read_text().splitlines()
    except OSError:  # no Linux
        return float("inf")
    return next((1024.0 * int(w[1]) for w in map(str.split, lines) if w[0] == "MemAvailable:"), float("inf"))


def _groups() -> Iterator[tuple[Path, tuple[str, str, str]]]:
    """This process's control groups and those around them: a job's limit stands above its steps."""
    try:
        lines = (PROC / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, name = line.split(":", 2)
        own = Path(name.lstrip("/"))  # in a container perhaps the host's name for what is the root there
        for path in (own, *own.parents):
            if not controllers:
                yield GROUPS / path, V2
            elif "memory" in controllers.split(","):
                yield GROUPS / "memory" / path, V1


def _left(group: Path, limit: str, used: str, droppable: str) -> float:
    """Of a control group's limit, what is not used; infinite where there is none."""
    try:
        most, now = (float((group / name).read_text()) for name in (limit, used))
        entries = map(str.split, (group / "memory.stat").read_text().splitlines())
        return most - now + next((float(e[1]) for e in entries if e[0] == droppable), 0.0)
    except (OSError, ValueError):  # no such group here, or its limit is "max"
        return float("inf")
