"""Passes side by side: results in order, work bounded, nothing hangs, and no byte depends on it."""

import threading
import time
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ser_audit.benchmark import Spec, predict
from ser_audit.benchmark.engine.lanes import lanes, side_by_side


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    assert not [t for t in threading.enumerate() if t.name.startswith("ThreadPoolExecutor")]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 3), max_size=15), st.integers(1, 4))
def test_results_come_in_order_however_long_each_takes(waits, lanes_):
    def work(task):
        number, wait = task
        time.sleep(wait / 2000)
        return number

    assert list(side_by_side(work, enumerate(waits), lanes_, "cpu")) == list(range(len(waits)))


@pytest.mark.parametrize("lanes_", [1, 2, 4])
def test_no_more_tasks_are_taken_than_can_soon_be_worked_on(lanes_):
    taken = []

    def tasks():
        for number in count():
            taken.append(number)
            yield number

    results = side_by_side(lambda task: task, tasks(), lanes_, "cpu")
    for number in range(20):
        assert next(results) == number
        assert len(taken) <= number + lanes_ + 1
    results.close()


def test_no_more_passes_run_at_a_time_than_lanes_and_they_do_run_at_a_time():
    together, most, lock = 0, 0, threading.Lock()

    def work(_):
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
        time.sleep(0.01)
        with lock:
            together -= 1

    list(side_by_side(work, range(20), 3, "cpu"))
    assert most == 3


class Odd(Exception):
    pass


@pytest.mark.parametrize("error", [Odd, KeyboardInterrupt, SystemExit, MemoryError])
@pytest.mark.parametrize("lanes_", [1, 3])
def test_what_a_pass_raises_is_raised_in_its_turn_and_no_more_is_begun(lanes_, error):
    begun, got = [], []

    def work(task):
        begun.append(task)
        if task == 5:
            raise error
        return task

    with pytest.raises(error):
        got.extend(side_by_side(work, range(1000), lanes_, "cpu"))
    assert got == [0, 1, 2, 3, 4]
    assert len(begun) <= 6 + lanes_ + 1


@pytest.mark.parametrize("error", [Odd, KeyboardInterrupt])
@pytest.mark.parametrize("lanes_", [1, 3])
def test_what_the_tasks_raise_is_raised_and_nothing_hangs(lanes_, error):
    def tasks():
        yield from range(7)
        raise error

    with pytest.raises(error):
        list(side_by_side(lambda task: task, tasks(), lanes_, "cpu"))


@pytest.mark.parametrize("lanes_", [1, 3])
def test_who_stops_listening_stops_the_work(lanes_):
    begun = []
    results = side_by_side(begun.append, range(1000), lanes_, "cpu")
    next(results)
    results.close()
    assert len(begun) <= lanes_ + 1


def test_a_pass_to_each_core_and_two_to_a_gpu():
    assert [lanes("cpu", threads, 4) for threads in (1, 2, 3, 4, 8)] == [4, 2, 1, 1, 1]
    assert lanes("cuda:1", 1, 64) == 2


CONDITIONS = ("noise.white@snr_db=10", "noise.babble@snr_db=10,voices=2", "room@rt60=0.4", "telephone")


@pytest.fixture(scope="module")
def place(tmp_path_factory, make):
    home = tmp_path_factory.mktemp("lanes")
    make.graph(home / "model" / "tiny.onnx")
    make.corpus(home / "tones", utterances=12)
    return home


def run(place, name, monkeypatch, lanes_, **changes):
    monkeypatch.setattr("ser_audit.benchmark.engine.settings.cores", lambda: lanes_)
    corpus = {"name": "tones", "path": str(place / "tones" / "table.csv"), "scales": {"arousal": (0, 1)}}
    base = {
        "checkpoints": str(place / "model" / "tiny.onnx"),
        "corpora": [corpus],
        "conditions": CONDITIONS,
        "audits": ("integrity",),
        "workers": 1,
        "threads": 1,
        "device": "cpu",
        "batch_size": 2,
        "cache": False,
    }
    return predict(Spec(**(base | changes)), place / name).path


def test_neither_lanes_nor_workers_change_a_byte_of_the_tables(place, monkeypatch, tables_of):
    alone = tables_of(run(place, "alone", monkeypatch, 1))
    assert len(alone) == 5
    assert tables_of(run(place, "three", monkeypatch, 3)) == alone
    assert tables_of(run(place, "three and three", monkeypatch, 3, workers=3)) == alone


def test_lanes_change_no_byte_of_what_torch_predicts(place, monkeypatch, tables_of):
    few = {"checkpoints": "bundled", "conditions": ("noise.white@snr_db=10",)}
    assert tables_of(run(place, "one", monkeypatch, 1, **few)) == tables_of(
        run(place, "four", monkeypatch, 4, **few)
    )


COUNTING = """
import threading, time

class Counting:
    dimensions = ["arousal"]
    value_range = [0.0, 1.0]
    sampling_rate = 16000
    files = []
    inside = threading.Lock()

    def predict(self, waves, sampling_rate):
        assert self.inside.acquire(blocking=False), "two at a time"
        time.sleep(0.002)
        self.inside.release()
        return [[float(abs(w).mean())] for w in waves]
"""


def test_a_users_object_is_never_asked_by_two_threads_at_a_time(place, monkeypatch):
    (place / "counting.py").write_text(COUNTING)
    path = run(
        place, "object", monkeypatch, 3, checkpoints=f"{place / 'counting.py'}:Counting", conditions=["clean"]
    )
    import pandas as pd

    (table,) = (path / "predictions").iterdir()
    assert (pd.read_parquet(table)["status"] == "ok").all()
    assert np.isfinite(pd.read_parquet(table)["score.arousal"]).all()
