"""Spearman by its Hoeffding projection: scipy's value, the jackknife's influences, the bootstrap's spread."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from ser_audit.benchmark.estimand import single
from ser_audit.benchmark.metrics import Spearman
from ser_audit.benchmark.resampling import Draws, intervals

METRIC = Spearman()


def pairs(seed, n, correlation=0.7, digits=None):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=n)
    prediction = correlation * truth + np.sqrt(1 - correlation**2) * rng.normal(size=n)
    return (truth, prediction) if digits is None else (truth.round(digits), prediction.round(digits))


def value(truth, prediction):
    return float(METRIC.finish(METRIC.rows(truth, prediction).sum(axis=0)))


@pytest.mark.parametrize("digits", [None, 1, 0])
@pytest.mark.parametrize("n", [2, 7, 40, 500])
def test_value_equals_scipy_with_and_without_ties(n, digits):
    for seed in range(5):
        truth, prediction = pairs(seed, n, digits=digits)
        if len(set(truth)) > 1 and len(set(prediction)) > 1:
            expected = spearmanr(truth, prediction).statistic
            assert value(truth, prediction) == pytest.approx(expected, rel=0, abs=1e-12)


def test_an_inverted_order_is_minus_one():
    order = np.arange(10.0)
    assert value(order, -order) == pytest.approx(-1, abs=1e-12)


@pytest.mark.parametrize("digits", [None, 0])
def test_statistics_are_the_derivative_of_the_correlation_of_mid_ranks(digits):
    truth, prediction = pairs(3, 30, digits=digits)
    statistics = METRIC.rows(truth, prediction)[:, 1]

    def weighted(weights):
        """Correlation of weighted mid-distributions, in O(n²) from the definition."""
        p = weights / weights.sum()
        f, g = (
            ((v[None] < v[:, None]) + 0.5 * (v[None] == v[:, None])) @ p - 0.5 for v in (truth, prediction)
        )
        return (p * f * g).sum() / np.sqrt((p * f * f).sum() * (p * g * g).sum())

    rho = weighted(np.ones(30))
    for i in range(30):
        step = np.zeros(30)
        step[i] = 1e-5
        slope = 30 * (weighted(1 + step) - weighted(1 - step)) / 2e-5
        assert statistics[i] == pytest.approx(rho + slope, abs=1e-6)


@pytest.mark.parametrize(("n", "correlation"), [(60, 0.7), (200, 0.3)])
def test_spread_of_draws_is_that_of_a_bootstrap_that_ranks_anew(n, correlation):
    truth, prediction = pairs(1, n, correlation)
    rng = np.random.default_rng(0)
    anew = [spearmanr(truth[i], prediction[i]).statistic for i in rng.integers(0, n, (1500, n))]
    values, _ = single(METRIC, METRIC.rows(truth, prediction)).draw(Draws.pooled(n, 1500, 0).weights)
    assert np.std(values) == pytest.approx(np.std(anew), rel=0.1)


def test_intervals_of_24_speakers_cover_the_true_rank_correlation():
    correlation = 0.7
    true = 6 / np.pi * np.arcsin(correlation / 2)  # of a bivariate normal (Pearson 1907)
    draws = Draws.pooled(24, 500, 0)
    covered = 0
    for seed in range(300):
        (interval,) = intervals([single(METRIC, METRIC.rows(*pairs(seed, 24, correlation)))], draws)
        covered += interval.low <= true <= interval.high
    assert 0.91 <= covered / 300 <= 0.99


def test_constants_and_single_rows_are_undefined():
    values = np.arange(5.0)
    assert np.isnan(value(values, np.full(5, 0.3)))
    assert np.isnan(value(np.full(5, 0.3), values))
    assert np.isnan(value(values[:1], values[:1]))
    assert np.isnan(value(values[:0], values[:0]))
