"""Jensen–Shannon distances equal scipy's; nothing is dropped; gradients are exact."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from ser_audit.benchmark.estimand import linearise
from ser_audit.benchmark.metrics import JSD, Mean
from ser_audit.benchmark.metrics.distribution import sampling_floor

CLASSES = ("angry", "happy", "neutral", "sad")


def finished(metric, truth, prediction):
    return float(metric.finish(metric.rows(truth, prediction).sum(axis=0)))


def scipys(truth, prediction):
    """By numpy's histogram over ten bins, and scipy."""
    counts = [np.histogram(values, bins=10, range=(0, 1))[0] for values in (truth, prediction)]
    return jensenshannon(*counts, base=2)


@pytest.mark.parametrize("seed", range(5))
def test_distance_of_dimensions_equals_scipy(seed):
    rng = np.random.default_rng(seed)
    truth, prediction = rng.uniform(size=300), rng.beta(2 + seed, 3, size=300)
    truth[:50] = np.round(truth[:50], 1)  # on the edges of bins
    assert finished(JSD(), truth, prediction) == pytest.approx(scipys(truth, prediction), rel=0, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_distance_of_classes_equals_scipy(seed):
    rng = np.random.default_rng(seed)
    truth, prediction = rng.choice(CLASSES, 200), rng.choice(CLASSES[:3], 200, p=(0.6, 0.1, 0.3))
    counts = [[np.sum(values == label) for label in CLASSES] for values in (truth, prediction)]
    expected = jensenshannon(*counts, base=2)
    assert finished(JSD(CLASSES), truth, prediction) == pytest.approx(expected, rel=0, abs=1e-12)


def test_values_over_nine_tenths_and_other_labels_count():
    low, high = np.full(20, 0.95), np.full(20, 0.85)
    assert finished(JSD(), low, high) == 1.0
    assert finished(JSD(), low, np.full(20, 1.0)) == 0.0
    assert finished(JSD(), np.full(20, 1.3), low) == 0.0  # what lies beyond is in the outer bin
    truth, other = np.array(["angry", "sad"]), np.array(["bored", "tired"])
    assert finished(JSD(CLASSES), truth, other) == 1.0
    counts = [1, 1, 0], [1, 0, 1]
    half = np.array(["angry", "bored"])
    assert finished(JSD(CLASSES), truth, half) == pytest.approx(jensenshannon(*counts, base=2), abs=1e-12)


def test_equal_distributions_are_0_apart_and_no_rows_are_undefined():
    values = np.random.default_rng(0).uniform(size=100)
    assert finished(JSD(), values, np.random.default_rng(1).permutation(values)) == 0.0
    assert np.isnan(finished(JSD(), values[:0], values[:0]))


def test_gradient_equals_finite_differences_where_all_bins_are_filled():
    rng = np.random.default_rng(0)
    metric = JSD(CLASSES)
    sums = metric.rows(rng.choice(CLASSES, 400), rng.choice(CLASSES, 400, p=(0.5, 0.2, 0.2, 0.1))).sum(axis=0)
    _, gradient = linearise(metric, sums)
    for j in np.flatnonzero(sums):
        step = np.zeros(len(sums))
        step[j] = 1e-3
        slope = float(metric.finish(sums + step) - metric.finish(sums - step)) / 2e-3
        assert gradient[j] == pytest.approx(slope, abs=1e-8)
    assert np.isfinite(gradient).all()
    assert float(gradient @ sums) == pytest.approx(0, abs=1e-12)  # doubling all sums changes nothing


@pytest.mark.parametrize(("n", "shares"), [(100, (0.25,) * 4), (400, (0.1, 0.2, 0.3, 0.4))])
def test_the_sampling_floor_is_what_two_samples_of_one_distribution_have(n, shares):
    rng = np.random.default_rng(0)
    metric = JSD(CLASSES)
    squares, floors = [], []
    for _ in range(2000):
        sums = np.concatenate([rng.multinomial(n, shares), [0], rng.multinomial(n, shares), [0]])
        squares.append(metric.finish(sums.astype(float)) ** 2)
        floors.append(sampling_floor(sums))
    assert np.sqrt(np.mean(squares)) == pytest.approx(np.mean(floors), rel=0.05)


def test_mean_is_of_the_predictions_alone():
    prediction = np.array([0.1, 0.4, 0.4])
    truth = np.array([np.nan, 0.0, 1.0])
    assert finished(Mean(), truth, prediction) == pytest.approx(0.3, abs=1e-15)
    assert np.isnan(finished(Mean(), truth[:0], prediction[:0]))
    assert (Mean().range, Mean((0.0, 1.0)).range) == ((-np.inf, np.inf), (0.0, 1.0))
