"""MLPerf's scenarios: what arrives when, and what a latency holds."""

import numpy as np
import pytest
from ser_audit.benchmark.throughput import scenarios


class Clock:
    """A clock that only resting and predicting move; every call takes ``service`` seconds."""

    def __init__(self, service):
        self.seconds, self.service, self.rests = 100.0, service, []

    def now(self):
        return self.seconds

    def rest(self, seconds):
        self.rests.append(seconds)
        self.seconds += seconds

    def predict(self, waves):
        assert len(waves) == 1
        self.seconds += self.service

    def serve(self, rate, queries, budget=1e9):
        return scenarios.server(self.predict, [np.zeros(1)], rate, queries, budget, self.now, self.rest)


@pytest.mark.parametrize("load", [0.3, 0.5, 0.8])
def test_the_mean_wait_is_that_of_a_queue_with_poisson_arrivals_and_equal_services(load):
    """Pollaczek and Khinchine: ρ / (2 μ (1 − ρ)) of an M/D/1 queue."""
    service = 0.01
    latencies = np.array(Clock(service).serve(load / service, 60_000))
    expected = load * service / (2 * (1 - load))
    assert latencies.min() == pytest.approx(service)
    assert latencies.mean() - service == pytest.approx(expected, rel=0.05)
    assert np.mean(latencies > service + 1e-9) == pytest.approx(load, abs=0.01)  # who finds it busy


def test_each_utterance_waits_for_those_before_it():
    """Lindley's recursion on the same arrivals."""
    latencies = Clock(0.02).serve(40, 500)
    gaps = np.random.default_rng(0).exponential(1 / 40, 500)[1:]
    wait, expected = 0.0, [0.02]
    for gap in gaps:
        wait = max(0.0, wait + 0.02 - gap)
        expected.append(wait + 0.02)
    assert latencies == pytest.approx(expected, abs=1e-9)


def test_a_server_that_cannot_keep_up_falls_ever_further_behind_and_is_stopped():
    latencies = Clock(1.0).serve(10, 100, budget=20)
    assert len(latencies) == 20 or len(latencies) == 21
    assert np.all(np.diff(latencies) > 0)
    assert len(Clock(1.0).serve(10, 100, budget=1)) == scenarios.FEWEST


def test_the_warm_up_takes_every_utterance_once_where_time_allows(fake, waves):
    checkpoint = fake()
    done = scenarios.warmed(checkpoint.predict, waves)
    assert sorted(done) == list(range(12))
    assert checkpoint.calls == [[len(waves[i])] for i in done]


def test_a_slow_one_is_measured_on_a_sample_of_all_lengths(fake, waves):
    checkpoint = fake(each=0.002)
    done = scenarios.warmed(checkpoint.predict, waves, budget=0)
    assert len(done) == scenarios.LEAST
    assert done != sorted(done)
    assert done == scenarios.warmed(checkpoint.predict, waves, budget=0)


def test_the_single_stream_passes_over_all_utterances_again_and_again(fake, waves):
    checkpoint = fake()
    seconds = scenarios.single_stream(checkpoint.predict, waves)
    assert len(seconds) == len(checkpoint.calls) == scenarios.SINGLES
    lengths = [n for (n,) in checkpoint.calls]
    for turn in range(scenarios.SINGLES // 12):
        assert sorted(lengths[12 * turn : 12 * turn + 12]) == sorted(map(len, waves))


def test_offline_passes_over_all_batches_in_each_round(fake, waves):
    checkpoint = fake()
    seconds = scenarios.offline(checkpoint.predict, [waves[:8], waves[8:]])
    assert len(seconds) == scenarios.ROUNDS
    assert [len(c) for c in checkpoint.calls] == [8, 4] * scenarios.ROUNDS


def test_the_budget_cuts_but_never_below_three(fake, waves, monkeypatch):
    monkeypatch.setattr(scenarios, "BUDGET", 0.0)
    assert len(scenarios.single_stream(fake().predict, waves)) == scenarios.LEAST
    assert len(scenarios.offline(fake().predict, [waves])) == scenarios.LEAST
