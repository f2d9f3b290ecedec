"""ECE and Brier score equal scikit-learn's; the sampling floor is what a calibrated model has."""

import numpy as np
import pytest
from ser_audit.benchmark.metrics import ECE, Brier
from ser_audit.benchmark.metrics.calibration import sampling_floor
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss


def finished(metric, truth, prediction):
    return float(metric.finish(metric.rows(truth, prediction).sum(axis=0)))


def probabilities(seed, n=500, classes=4, sharpness=1.5):
    """Probabilities, and truths drawn from them: a calibrated model."""
    rng = np.random.default_rng(seed)
    scores = np.exp(sharpness * rng.normal(size=(n, classes)))
    scores /= scores.sum(axis=1, keepdims=True)
    truth = (rng.random(n)[:, None] > np.cumsum(scores, axis=1)).sum(axis=1)
    return np.minimum(truth, classes - 1), scores


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sharper", [1, 3])
def test_ece_equals_scikit_learns_calibration_curve(seed, sharper):
    truth, scores = probabilities(seed)
    scores = scores**sharper / (scores**sharper).sum(axis=1, keepdims=True)
    confidence, hit = scores.max(axis=1), scores.argmax(axis=1) == truth
    hits, means = calibration_curve(hit, confidence, n_bins=15, strategy="uniform")
    place = np.searchsorted(np.linspace(0, 1, 16)[1:-1], confidence)
    counts = np.bincount(place, minlength=15)
    expected = (np.abs(hits - means) * counts[counts > 0]).sum() / len(truth)
    assert finished(ECE(), truth, scores) == pytest.approx(expected, rel=0, abs=1e-12)


def test_a_confidence_at_the_edge_of_two_bins_is_in_the_lower_one():
    scores = np.array([[0.8, 0.2], [0.75, 0.25]])  # 12/15 is an edge
    assert finished(ECE(), np.array([0, 1]), scores) == pytest.approx((0.75 - 0.2) / 2, abs=1e-12)


@pytest.mark.parametrize("classes", [2, 4])
def test_brier_equals_scikit_learn(classes):
    truth, scores = probabilities(0, classes=classes)
    expected = brier_score_loss(truth, scores, labels=range(classes), scale_by_half=False)
    assert finished(Brier(), truth, scores) == pytest.approx(expected, rel=0, abs=1e-12)


def test_sure_and_right_is_0_sure_and_wrong_is_the_worst():
    sure = np.eye(4)[[0, 1, 2, 3]]
    right, wrong = np.arange(4), (np.arange(4) + 1) % 4
    assert [finished(m, right, sure) for m in (ECE(), Brier())] == [0, 0]
    assert [finished(m, wrong, sure) for m in (ECE(), Brier())] == [1, 2]
    assert np.isnan([finished(m, right[:0], sure[:0]) for m in (ECE(), Brier())]).all()


def test_a_calibrated_model_has_the_sampling_floor():
    found, floors = [], []
    for seed in range(300):
        truth, scores = probabilities(seed, n=200)
        found.append(finished(ECE(), truth, scores))
        floors.append(sampling_floor(truth, scores))
    assert np.mean(found) == pytest.approx(np.mean(floors), rel=0.1)
    assert np.mean(found) > 0.05  # far from 0 though nothing is wrong
