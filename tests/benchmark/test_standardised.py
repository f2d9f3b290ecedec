"""Gaps at equal truth: balanced cells, exact influences, and identical raters without a gap."""

import numpy as np
import pytest
from ser_audit.benchmark.estimand import Rows, contrast
from ser_audit.benchmark.metrics import CCC, UAR
from ser_audit.benchmark.resampling import Draws, intervals
from ser_audit.benchmark.standardised import Cells, Standardised

METRIC = CCC(0.5, 0.5)
BINS = 20


def gap(truth, prediction, first, speakers, metric=METRIC, cells=None, count=BINS):
    cells = np.clip((truth * count).astype(int), 0, count - 1) if cells is None else cells
    n = speakers.max() + 1
    sides = (
        Cells(metric, Rows(truth, prediction, side, speakers, n), cells, count) for side in (first, ~first)
    )
    return Standardised(*sides)


def raters(rng, speakers=20, each=100, sds=(0.18, 0.12)):
    """Truth of two groups, spread differently, and one and the same rater."""
    who = np.repeat(np.arange(speakers), each)
    first = who < speakers // 2
    truth = np.clip(rng.normal(0.5, np.where(first, *sds)), 0, 1)
    return truth, truth + rng.normal(0, 0.1, len(who)), first, who


def test_identical_raters_have_no_gap_at_equal_truth():
    truth, prediction, first, who = raters(np.random.default_rng(0), each=50_000)
    plain = [METRIC.finish(METRIC.rows(truth[g], prediction[g]).sum(axis=0)) for g in (first, ~first)]
    assert plain[0] - plain[1] > 0.1
    assert abs(gap(truth, prediction, first, who).value) < 0.01


def test_both_sides_get_the_same_shares_of_cells():
    """The weighted counts of a cell are n m / (n + m) in both groups, by brute force over rows."""
    truth, prediction, first, who = raters(np.random.default_rng(1))
    one = gap(truth, prediction, first, who)
    cells = np.clip((truth * BINS).astype(int), 0, BINS - 1)
    n, m = (np.bincount(cells[side], minlength=BINS) for side in (first, ~first))
    weights = np.where(first, m[cells], n[cells]) / (n + m)[cells]
    shares = [np.bincount(cells[g], weights[g], BINS) / weights[g].sum() for g in (first, ~first)]
    np.testing.assert_allclose(shares[0], shares[1], atol=1e-12)
    for side, value in zip((first, ~first), one.sides, strict=True):
        w, y, x = weights[side], truth[side], prediction[side]
        y_mean, x_mean = np.average(y, weights=w), np.average(x, weights=w)
        covariance = np.average((y - y_mean) * (x - x_mean), weights=w)
        variances = np.average((y - y_mean) ** 2, weights=w) + np.average((x - x_mean) ** 2, weights=w)
        assert value == pytest.approx(2 * covariance / (variances + (y_mean - x_mean) ** 2), abs=1e-12)
    assert one.value == pytest.approx(one.sides[0] - one.sides[1], abs=1e-15)


def test_rows_without_a_counterpart_are_dropped_and_counted():
    truth = np.array([0.01, 0.52, 0.53, 0.54, 0.51, 0.55, 0.56, 0.99])
    first = np.array([True] * 4 + [False] * 4)
    who = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    prediction = truth + np.array([0.1, 0.0, 0.01, 0.03, 0.0, 0.02, 0.01, -0.1])
    one = gap(truth, prediction, first, who, count=10)
    assert one.dropped == (1, 1)
    kept = slice(1, 7)
    without = gap(truth[kept], prediction[kept], first[kept], who[kept], count=10)
    assert one.value == pytest.approx(without.value, abs=1e-12)


def test_influences_are_the_derivative_by_the_weight_of_a_speaker():
    truth, prediction, first, who = raters(np.random.default_rng(2))
    one = gap(truth, prediction, first, who)
    weights = np.random.default_rng(3).multinomial(20, np.full(20, 0.05), 4).astype(float)
    values, influences = one.draw(weights)
    for speaker in range(20):
        moved = weights.copy()
        moved[:, speaker] += 1e-6
        slope = (one.draw(moved)[0] - values) / 1e-6
        np.testing.assert_allclose(influences[:, speaker], slope, atol=1e-6)
    np.testing.assert_allclose((weights * influences).sum(axis=1), 0, atol=1e-12)


def test_of_recalls_it_is_the_plain_contrast():
    """A recall does not depend on how many rows its class has."""
    rng = np.random.default_rng(4)
    who = np.repeat(np.arange(12), 60)
    first = who < 6
    truth = np.where(rng.random(720) < np.where(first, 0.7, 0.3), 0, 1)
    prediction = np.where(rng.random(720) < 0.7, truth, 1 - truth)
    metric = UAR((0, 1))
    balanced = gap(truth, prediction, first, who, metric, truth, 2)
    sides = [(metric, Rows(truth, prediction, side, who, 12)) for side in (first, ~first)]
    plain = contrast(*sides)
    assert balanced.value == pytest.approx(plain.value, abs=1e-12)
    draws = Draws.of(np.repeat([0, 1], 6), 500, 0)
    a, b = intervals([balanced], draws)[0], intervals([plain], draws)[0]
    assert (a.low, a.high) == (pytest.approx(b.low, abs=1e-9), pytest.approx(b.high, abs=1e-9))


def test_the_part_within_speakers_is_the_spread_over_new_rows_of_the_same_speakers():
    """Against a brute-force simulation: the speakers' biases stay, their rows are drawn anew."""
    rng = np.random.default_rng(5)
    bias = rng.normal(0, 0.08, 20)
    who = np.repeat(np.arange(20), 100)
    values, inside = [], []
    for _ in range(400):
        truth, prediction, first, _ = raters(rng, sds=(0.15, 0.15))
        one = gap(truth, prediction + bias[who], first, who)
        values.append(one.value)
        inside.append(one.within())
    assert np.sqrt(np.mean(inside)) == pytest.approx(np.std(values), rel=0.12)
    whole = intervals([one], Draws.of(np.repeat([0, 1], 10), 400, 0))[0].error
    assert np.sqrt(inside[-1]) < 0.8 * whole
