"""The relative error's influences are the derivative of its value, and its interval covers."""

import numpy as np
import pytest
from ser_audit.benchmark.estimand import mean, per_speaker, single
from ser_audit.benchmark.metrics import MAE, UAR
from ser_audit.benchmark.relative import RelativeError
from ser_audit.benchmark.resampling import Draws, intervals


def recalls(rng, speakers, each, right):
    metric = UAR((0, 1, 2))
    owners = np.repeat(np.arange(speakers), each)
    truth = rng.integers(0, 3, speakers * each)
    share = np.clip(right + rng.normal(0, 0.08, speakers), 0, 1)[owners]
    guess = np.where(rng.random(len(truth)) < share, truth, (truth + 1) % 3)
    return single(metric, per_speaker(metric.rows(truth, guess), owners, speakers))


@pytest.fixture
def ratio():
    rng = np.random.default_rng(3)
    first, second, third, fourth = (recalls(rng, 12, 30, right) for right in (0.5, 0.6, 0.7, 0.8))
    return RelativeError(((mean([first, second]), third), (fourth, mean([second, third]))))


def test_the_value_is_the_mean_of_ratios_of_errors(ratio):
    pairs = [[np.mean([p.value for p in m.parts]) for m in pair] for pair in ratio.families]
    assert ratio.value == pytest.approx(np.mean([(1 - a) / (1 - b) for a, b in pairs]), abs=1e-12)


def test_influences_are_the_derivative_along_a_speakers_weight(ratio):
    weights, h = np.ones((1, 12)), 1e-6
    influences = ratio.draw(weights)[1][0]
    steps = np.eye(12) * h
    numeric = (ratio.draw(weights + steps)[0] - ratio.draw(weights - steps)[0]) / (2 * h)
    np.testing.assert_allclose(influences, numeric, atol=1e-8)
    assert influences.sum() == pytest.approx(0, abs=1e-12)


def test_a_baseline_without_errors_gives_no_number():
    metric = UAR((0, 1))
    sums = per_speaker(metric.rows(np.array([0, 1] * 4), np.array([0, 1] * 4)), np.arange(8) // 2, 4)
    perfect = single(metric, sums)
    assert np.isnan(RelativeError(((perfect, perfect),)).value)
    (found,) = intervals([RelativeError(((perfect, perfect),))], Draws.pooled(4, 200, 0))
    assert found.value is None


def test_its_interval_covers_the_true_ratio_as_often_as_it_says():
    """Speakers' errors 1 − MAE-like means with a known ratio; 300 corpora, binomial 99.9 % bounds."""
    rng, metric, hits = np.random.default_rng(11), MAE(), 0
    for corpus in range(300):
        errors = [np.abs(rng.normal(mu, 0.06, 24)) for mu in (0.3, 0.4)]
        both = [
            single(metric, per_speaker(metric.rows(np.zeros(24), 1 - e), np.arange(24), 24)) for e in errors
        ]
        (found,) = intervals([RelativeError(((both[0], both[1]),))], Draws.pooled(24, 400, corpus))
        hits += found.low <= 0.75 <= found.high
    assert 0.90 <= hits / 300 <= 0.99
