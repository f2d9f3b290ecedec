"""How much audio a batch holds, from the memory that there is."""

from math import inf, log2
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ser_audit.benchmark.engine import memory

GB = 1e9
NO_LIMIT = 2**63 - 4096  # what version 1 says where there is none


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine's files: ``machine(available, cgroup, **files)``."""

    def make(available: float | None, cgroup: str | None, files: dict[str, str]) -> None:
        proc, groups = tmp_path / "proc", tmp_path / "cgroup"
        (proc / "self").mkdir(parents=True)
        if available is not None:
            text = f"MemTotal: 99999999 kB\nMemFree: 1 kB\nMemAvailable: {int(available / 1024)} kB\n"
            (proc / "meminfo").write_text(text)
        if cgroup is not None:
            (proc / "self" / "cgroup").write_text(cgroup)
        for name, content in files.items():
            (groups / name).parent.mkdir(parents=True, exist_ok=True)
            (groups / name).write_text(content)
        monkeypatch.setattr(memory, "PROC", proc)
        monkeypatch.setattr(memory, "GROUPS", groups)

    return make


def group(
    limit: float | str, used: float, droppable: float, path: str = "", version: int = 2
) -> dict[str, str]:
    said = limit if isinstance(limit, str) else str(int(limit))
    prefix = f"{path}/" if path else ""
    if version == 2:
        stat = f"anon 5\nfile 7\ninactive_file {int(droppable)}\nactive_file 3\n"
        return {
            f"{prefix}memory.max": f"{said}\n",
            f"{prefix}memory.current": f"{int(used)}\n",
            f"{prefix}memory.stat": stat,
        }
    stat = f"cache 5\ninactive_file 1\ntotal_cache 7\ntotal_inactive_file {int(droppable)}\n"
    return {
        f"memory/{prefix}memory.limit_in_bytes": f"{said}\n",
        f"memory/{prefix}memory.usage_in_bytes": f"{int(used)}\n",
        f"memory/{prefix}memory.stat": stat,
    }


STEP = "system.slice/slurmstepd.scope/job_7/step_0"
V1_LINES = "9:name=systemd:/\n4:cpu,memory:/docker/abc\n1:cpuset:/\n0::/\n"


@pytest.mark.parametrize(
    ("available", "cgroup", "files", "free"),
    [
        (8 * GB, "0::/\n", {}, 8 * GB),  # no limit anywhere
        (8 * GB, None, {}, 8 * GB),  # no control groups
        (None, None, {}, inf),  # no Linux
        (8 * GB, "0::/\n", group("max", GB, 0), 8 * GB),
        (8 * GB, "0::/\n", group(4 * GB, 3 * GB, 0.5 * GB), 1.5 * GB),  # a container of its own
        (1 * GB, "0::/\n", group(4 * GB, 1 * GB, 0), 1 * GB),  # others have the memory
        (8 * GB, f"0::/{STEP}\n", group("max", GB, 0, STEP), 8 * GB),
        (8 * GB, f"0::/{STEP}\n", group(2 * GB, GB, 0, STEP), GB),
        (
            8 * GB,
            f"0::/{STEP}\n",
            group("max", 0, 0, STEP) | group(2 * GB, GB, 0, STEP[:-7]),
            GB,
        ),  # the job's
        (8 * GB, V1_LINES, group(NO_LIMIT, GB, 0, "docker/abc", 1), 8 * GB),
        (8 * GB, V1_LINES, group(3 * GB, GB, 0.5 * GB, "docker/abc", 1), 2.5 * GB),
        (
            8 * GB,
            V1_LINES,
            group(3 * GB, GB, 0, "", 1),
            2 * GB,
        ),  # as a container sees it
        (8 * GB, V1_LINES, group(6 * GB, GB, 0, "docker", 1) | group(3 * GB, GB, 0, "docker/abc", 1), 2 * GB),
        (8 * GB, "0::/../..\n", group(2 * GB, 0, 0), 2 * GB),
    ],
)
def test_free_memory_is_what_is_available_within_every_limit_around(machine, available, cgroup, files, free):
    machine(available, cgroup, files)
    assert memory.free_memory("cpu") == pytest.approx(free, rel=1e-6)


@pytest.mark.parametrize("passes", [1, 2, 8])
def test_batches_are_largest_where_memory_is_plenty_and_smallest_where_there_is_none(monkeypatch, passes):
    monkeypatch.setattr(memory, "free_memory", lambda device: inf)
    assert memory.batch_seconds("cpu", passes) == 60
    assert memory.batch_seconds("cuda:0", passes) == 960
    monkeypatch.setattr(memory, "free_memory", lambda device: 0)
    assert memory.batch_seconds("cpu", passes) == memory.batch_seconds("cuda", passes) == memory.LEAST


@given(st.floats(0, 1e13), st.integers(1, 64), st.sampled_from(["cpu", "cuda", "cuda:1"]))
def test_batches_are_of_few_sizes_and_fit_whatever_memory_is_free(free, passes, device):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "free_memory", lambda device: free)
        seconds = memory.batch_seconds(device, passes)
        most = memory.MOST["cpu" if device == "cpu" else "cuda"]
        assert log2(most / seconds).is_integer()
        assert memory.LEAST <= seconds <= most
        needed = seconds * passes * memory.BYTES_PER_SECOND
        assert needed <= memory.SHARE * free or seconds == memory.LEAST
        assert seconds == most or 2 * needed > memory.SHARE * free  # and no smaller than it must be


@given(st.floats(0, 1e12), st.floats(0, 1e12), st.integers(1, 16))
def test_more_memory_never_makes_smaller_batches(a, b, passes):
    with pytest.MonkeyPatch.context() as patch:
        sizes = []
        for free in sorted((a, b)):
            patch.setattr(memory, "free_memory", lambda device, free=free: free)
            sizes.append(memory.batch_seconds("cpu", passes))
    assert sizes[0] <= sizes[1]


def test_this_machine_has_memory():
    assert 1e6 < memory.free_memory("cpu") < 1e15 or not Path("/proc/meminfo").exists()
