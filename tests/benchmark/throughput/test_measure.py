"""The whole measurement of a checkpoint, and that pytest-benchmark reads it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from ser_audit.benchmark.corpora.decode import Source
from ser_audit.benchmark.corpus import Utterance
from ser_audit.benchmark.throughput import scenarios, write

SCENARIOS = ["load", "single stream", "offline", "server"]


def alone(measured):
    return {b["group"]: b for b in measured["benchmarks"] if "compared" not in b["extra_info"]}


def test_every_scenario_is_an_entry(fake, waves, timed):
    measured = timed(fake("mine"), waves)
    entries = alone(measured)
    assert list(entries) == SCENARIOS
    assert [e["name"] for e in entries.values()] == [f"{s} mine" for s in SCENARIOS]
    for entry in entries.values():
        extra = entry["extra_info"]
        assert (extra["device"], extra["threads"], extra["parameters"]) == ("cpu", 1, 12)
        assert extra["macs_per_second"] == 7 * 16000
        assert len(entry["stats"]["data"]) == entry["stats"]["rounds"]
    for name in ("single stream", "server"):
        found = [entries[name]["extra_info"][p] for p in ("p50", "p90", "p99")]
        assert found == pytest.approx(np.percentile(entries[name]["stats"]["data"], [50, 90, 99]))
    offline = entries["offline"]["extra_info"]
    assert offline["audio_seconds"] == pytest.approx(sum(map(len, waves)) / 16000)
    assert (offline["utterances"], offline["largest_batch"]) == (12, 4)
    assert offline["real_time_factor"] == pytest.approx(
        entries["offline"]["stats"]["median"] / offline["audio_seconds"]
    )
    assert measured["skipped"] == {}


def test_batches_are_those_of_the_prediction_step(fake, waves, timed):
    checkpoint = fake()
    timed(checkpoint, waves, batch_seconds=2.0)
    batches = [c for c in checkpoint.calls if len(c) > 1]
    assert all(len(c) <= 4 and len(c) * max(c) <= 2 * 16000 for c in batches)
    assert all(c == sorted(c) for c in batches)


def test_the_server_is_loaded_by_half_unless_a_rate_is_given(fake, waves, timed):
    entries = alone(timed(fake(each=0.001), waves))
    mean = entries["single stream"]["stats"]["mean"]
    assert entries["server"]["extra_info"]["rate"] == pytest.approx(scenarios.SHARE / mean)
    assert entries["server"]["extra_info"]["load"] == pytest.approx(scenarios.SHARE)
    given = alone(timed(fake(each=0.001), waves, server_rate=400.0))["server"]["extra_info"]
    assert given["rate"] == 400
    assert given["load"] > 0.4


def test_a_server_that_sees_less_than_ten_utterances_is_left_out_with_the_reason(
    fake, waves, timed, monkeypatch
):
    from ser_audit.benchmark.throughput import measure as module

    monkeypatch.setattr(sys.modules[module.__module__], "SERVED", 0.01)
    measured = timed(fake(each=0.005), waves)
    assert "server" not in alone(measured)
    assert measured["skipped"] == {"server": "less than 10 utterances would arrive within 0 s"}


def test_decoding_is_timed_apart_on_files_only(fake, waves, timed, tmp_path):
    files = []
    for i, wave in enumerate(waves[:5]):
        soundfile.write(tmp_path / f"{i}.flac", wave, 8000)
        files.append(Utterance(str(i), "s", {}, {}, Source(str(tmp_path / f"{i}.flac"))))
    made = Utterance("made", "s", {}, {}, lambda: (waves[0], 8000))
    entry = alone(timed(fake(), waves, utterances=[made, *files]))["decode"]
    assert entry["stats"]["rounds"] == 5
    assert entry["extra_info"]["audio_seconds"] == pytest.approx(sum(map(len, waves[:5])) / 8000, rel=1e-3)
    assert "decode" not in alone(timed(fake(), waves, utterances=[made]))


def test_pytest_benchmark_compares_the_files_of_two_runs(fake, waves, timed, tmp_path):
    paths = []
    for run in ("before", "after"):
        checkpoint = fake("mine", variants={"int8": lambda c: Exact(c.predict)})
        baseline = fake("old")
        paths.append(tmp_path / f"{run}.json")
        write(paths[-1], timed(checkpoint, waves, variants=["int8", "compiled"], baseline=baseline))
    command = [Path(sys.executable).with_name("pytest-benchmark"), "compare", *paths]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for scenario in SCENARIOS:
        assert printed.count(f"{scenario} mine (") == 2, printed
    assert printed.count("single stream mine beside old (") == 2
    assert printed.count("offline mine as int8 beside mine (") == 2
    found = json.loads(paths[0].read_text())
    assert found["skipped"] == {"compiled": "checkpoints of the format fake have no such variant, only int8"}


class Exact:
    """A variant that is none."""

    how = "nothing changed"

    def __init__(self, predict):
        self.predict = predict

    def __call__(self, waves):
        return self.predict(waves)
