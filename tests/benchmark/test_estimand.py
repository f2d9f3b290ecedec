"""Gradients are exact, and influences behave as the jackknife's first order."""

from fractions import Fraction

import numpy as np
import pytest
from ser_audit.benchmark.estimand import combined, contrast, linearise, mean, per_speaker, single
from ser_audit.benchmark.metrics import CCC, F1, MAE, PCC, PUP, UAR


def speakers_sums(metric, seed=0, speakers=12, each=25, classes=None):
    rng = np.random.default_rng(seed)
    n = speakers * each
    owners = np.repeat(np.arange(speakers), each)
    if classes:
        truth = rng.integers(0, classes, n)
        prediction = np.where(rng.random(n) < 0.5, truth, rng.integers(0, classes, n))
    else:
        truth = rng.uniform(size=n)
        prediction = 0.3 + 0.4 * truth + rng.normal(0, 0.15, n) + rng.normal(0, 0.05, speakers)[owners]
    return per_speaker(metric.rows(truth, prediction), owners, speakers)


CASES = [
    (CCC(0.5, 0.4), None),
    (PCC(0.5, 0.4), None),
    (MAE(), None),
    (PUP(), None),
    (UAR((0, 1, 2, 3)), 4),
    (F1((0, 1, 2)), 4),
]


def ident(case):
    return case[0].name


@pytest.mark.parametrize("case", CASES, ids=ident)
def test_the_gradient_is_the_central_difference(case):
    metric, classes = case
    sums = speakers_sums(metric, classes=classes).sum(axis=0)
    value, gradient = linearise(metric, sums)

    h = 1e-4
    steps = h * np.eye(len(sums))
    expected = (metric.finish(sums + steps) - metric.finish(sums - steps)) / (2 * h)
    assert value == pytest.approx(metric.finish(sums), abs=1e-15)
    np.testing.assert_allclose(gradient, expected, atol=1e-8)


class Stepped:
    """A metric without its own gradient."""

    def __init__(self, metric):
        self.finish = metric.finish


@pytest.mark.parametrize("case", [c for c in CASES if hasattr(c[0], "linear")], ids=ident)
def test_a_metrics_own_gradient_is_that_of_the_complex_step(case):
    """Also where a class or all variance is missing."""
    metric, classes = case
    sums = speakers_sums(metric, classes=classes)
    if classes:
        sums[:, [1, 1 + classes]] = 0.0
    several = np.concatenate([sums, sums.cumsum(axis=0)])
    for found, expected in zip(linearise(metric, several), linearise(Stepped(metric), several), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-13)
    if not classes:
        truth = np.linspace(0, 1, 20)
        constant = metric.rows(truth, np.full(20, 0.3)).sum(axis=0)
        for found, expected in zip(
            linearise(metric, constant), linearise(Stepped(metric), constant), strict=True
        ):
            np.testing.assert_allclose(found, expected, atol=1e-13)


@pytest.mark.parametrize("case", CASES, ids=ident)
def test_influences_sum_to_zero_under_the_weights(case):
    metric, classes = case
    estimand = single(metric, speakers_sums(metric, classes=classes))
    weights = np.random.default_rng(1).multinomial(12, np.full(12, 1 / 12), 7).astype(float)
    _, influences = estimand.draw(weights)
    np.testing.assert_allclose((weights * influences).sum(axis=1), 0, atol=1e-12)


def test_influences_are_the_jackknife_to_first_order():
    metric = CCC(0.5, 0.4)
    sums = speakers_sums(metric, speakers=400)
    estimand = single(metric, sums)
    influences = estimand.draw(np.ones((1, 400)))[1][0]
    left_out = np.array([float(metric.finish(sums.sum(axis=0) - own)) for own in sums])
    jackknife = estimand.value - left_out
    assert np.corrcoef(influences, jackknife)[0, 1] > 0.9999
    np.testing.assert_allclose(influences, jackknife, atol=2e-5)


def test_a_contrast_is_the_difference_of_its_parts():
    metric = UAR((0, 1, 2))
    first, second = (speakers_sums(metric, seed, classes=3) for seed in (1, 2))
    estimand = contrast((metric, first), (metric, second))
    a, b = (float(metric.finish(sums.sum(axis=0))) for sums in (first, second))

    assert estimand.value == pytest.approx(a - b, abs=1e-15)
    assert [part.value for part in estimand.parts] == [a, b]
    assert estimand.range == (-1, 1)
    assert single(CCC(), first).range == (-1, 1)
    assert contrast((CCC(), first), (CCC(), second)).range == (-2, 2)


def test_a_speaker_without_rows_has_zero_sums_and_is_not_present():
    sums = per_speaker(np.ones((3, 2)), np.array([0, 2, 2]), 4)
    np.testing.assert_array_equal(sums, [[1, 1], [0, 0], [2, 2], [0, 0]])
    np.testing.assert_array_equal(single(MAE(), sums).present, [True, False, True, False])


@pytest.mark.parametrize("count", [3, 6, 7, 31])
def test_a_mean_keeps_the_range_and_the_value_of_its_parts_exactly(count):
    metric = UAR((0, 1, 2))
    terms = [single(metric, speakers_sums(metric, seed, classes=3)) for seed in range(count)]
    estimand = mean(terms)
    assert estimand.range == (0, 1)
    assert estimand.shares
    assert estimand.value == pytest.approx(np.mean([t.value for t in terms]), abs=1e-15)
    less = combined((1, estimand), (-1, terms[0]))
    most = float(Fraction(count - 1, count))  # the first term cannot differ from itself
    assert less.range == (-most, most)
    signed = mean([single(CCC(), t.parts[0].sums) for t in terms])
    assert signed.range == (-1, 1)
    assert not signed.shares


def test_nested_means_weigh_families_alike():
    metric = MAE()
    one, two, three = (single(metric, speakers_sums(metric, seed)) for seed in (1, 2, 3))
    estimand = mean([mean([one, two]), three])
    assert estimand.value == pytest.approx((one.value + two.value) / 4 + three.value / 2, abs=1e-15)
    assert [part.weight for part in estimand.parts] == [Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)]


def test_what_stands_in_several_terms_is_one_part():
    metric = UAR((0, 1))
    clean, noisy = (single(metric, speakers_sums(metric, seed, classes=2)) for seed in (1, 2))
    estimand = combined((1, mean([noisy, noisy])), (-1, mean([clean, clean, clean])))
    assert [part.weight for part in estimand.parts] == [1, -1]
    assert estimand.range == (-1, 1)
    assert estimand.value == contrast(*((t.parts[0].metric, t.parts[0].sums) for t in (noisy, clean))).value


def test_influences_of_a_mean_are_its_derivative():
    metric = CCC(0.5, 0.4)
    estimand = mean([single(metric, speakers_sums(metric, seed)) for seed in (1, 2, 3)])
    weights, h = np.ones((1, 12)), 1e-6
    steps = np.eye(12) * h
    numeric = (estimand.draw(weights + steps)[0] - estimand.draw(weights - steps)[0]) / (2 * h)
    np.testing.assert_allclose(estimand.draw(weights)[1][0], numeric, atol=1e-8)


def test_conditions_whose_sums_are_equal_stay_apart():
    """That nothing changed among these speakers is no proof that nothing can."""
    metric = UAR((0, 1))
    clean, same = (single(metric, speakers_sums(metric, classes=2)) for _ in range(2))
    change = combined((1, mean([same])), (-1, clean))
    assert (change.value, change.range) == (0, (-1, 1))
