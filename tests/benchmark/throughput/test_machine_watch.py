"""What is measured beside time: memory, and what else the machine did."""

import os

import numpy as np
import pytest
from ser_audit.benchmark.throughput import memory, watch

MIB = 2**20


def test_the_peak_is_what_was_held_at_once():
    def run():
        for _ in range(3):
            held = np.ones(48 * MIB // 8)
            held += 1
            del held

    found = memory.peak(run, "cpu")
    assert found.beyond / MIB == pytest.approx(48, abs=6)
    assert found.total > found.beyond
    assert "RssAnon" in found.method


def test_what_was_held_before_is_not_counted():
    held = np.ones(32 * MIB // 8)
    assert memory.peak(lambda: held.sum(), "cpu").beyond < 6 * MIB


def test_the_kernels_words_are_read():
    assert memory.resident("VmRSS:\t  900 kB\nRssAnon:\t    1234 kB\nRssFile:\t 7 kB\n") == 1234 * 1024
    assert memory.resident("VmRSS:\t  900 kB\n") == 0


def test_a_kernel_that_does_not_tell_gives_a_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "STATUS", tmp_path / "status")
    (tmp_path / "status").write_text("Name: python\n")
    found = memory.peak(lambda: None, "cpu")
    assert (found.beyond, found.total) == (None, None)
    assert "does not tell" in found.method


def test_cpu_seconds_are_all_but_idle_and_waiting():
    hertz = os.sysconf("SC_CLK_TCK")
    stat = "cpu  100 20 30 99999 88888 4 5 6 7 8\ncpu0 1 2 3 4 5 6 7 8 9 10\n"
    assert watch.busy_seconds(stat) == pytest.approx(165 / hertz)


def test_what_other_processes_take_is_told_apart(monkeypatch):
    """Of 5 busy seconds in 2, this process had 1.5: others kept 1.75 cores busy."""
    counted = iter([(10.0, 3.0, 100.0), (12.0, 4.5, 105.0)])
    monkeypatch.setattr(watch, "_counted", lambda: next(counted))
    with watch.watched() as found:
        pass
    assert found["own_cores"] == pytest.approx(0.75)
    assert found["other_cores"] == pytest.approx(1.75)
    assert len(found["load_average"]) == 2


def test_a_moment_is_too_short_to_tell():
    with watch.watched() as found:
        pass
    assert found["other_cores"] is None
