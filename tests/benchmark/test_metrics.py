"""Metrics equal audmetric to 1e-12, add up over shards, and do not depend on the order of rows."""

import audmetric
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ser_audit.benchmark.metrics import CCC, F1, JSD, MAE, PCC, PUP, UAR, Precision, offset

CLASSES = ("angry", "happy", "neutral", "sad")
EXACT = {"rel": 0, "abs": 1e-12}


def finished(metric, truth, prediction):
    return float(metric.finish(metric.rows(truth, prediction).sum(axis=0)))


def ratings(seed, n=400, sd=0.2):
    rng = np.random.default_rng(seed)
    truth = rng.uniform(size=n)
    return truth, 0.2 + 0.5 * truth + rng.normal(0, sd, n)


def labels(seed, n=300, classes=CLASSES):
    rng = np.random.default_rng(seed)
    truth = rng.choice(classes, n)
    return truth, np.where(rng.random(n) < 0.6, truth, rng.choice(classes, n))


@pytest.mark.parametrize("sd", [0.2, 1e-2, 1e-4])
@pytest.mark.parametrize("seed", range(3))
def test_regression_metrics_equal_audmetric(seed, sd):
    truth, prediction = ratings(seed)
    prediction = 0.6 + (prediction - prediction.mean()) * sd
    about = offset(truth), offset(prediction)

    assert finished(CCC(*about), truth, prediction) == pytest.approx(
        audmetric.concordance_cc(truth, prediction), **EXACT
    )
    assert finished(PCC(*about), truth, prediction) == pytest.approx(
        audmetric.pearson_cc(truth, prediction), **EXACT
    )
    assert finished(MAE(), truth, prediction) == pytest.approx(
        audmetric.mean_absolute_error(truth, prediction), **EXACT
    )


@pytest.mark.parametrize("seed", range(5))
def test_class_metrics_equal_audmetric(seed):
    truth, prediction = labels(seed)

    expected = audmetric.unweighted_average_recall(truth, prediction, labels=CLASSES)
    assert finished(UAR(CLASSES), truth, prediction) == pytest.approx(expected, **EXACT)
    expected = audmetric.unweighted_average_fscore(truth, prediction, labels=CLASSES)
    assert finished(F1(CLASSES), truth, prediction) == pytest.approx(expected, **EXACT)
    expected = audmetric.unweighted_average_precision(truth, prediction, labels=CLASSES)
    assert finished(Precision(CLASSES), truth, prediction) == pytest.approx(expected, **EXACT)
    for label, expected in audmetric.precision_per_class(truth, prediction, labels=CLASSES).items():
        assert finished(Precision((label,)), truth, prediction) == pytest.approx(expected, **EXACT)


def test_a_prediction_outside_the_scored_classes_is_wrong():
    truth, prediction = labels(0)
    prediction[:100] = "bored"
    every = (*CLASSES, "bored")

    recalls = audmetric.recall_per_class(truth, prediction, labels=every)
    assert finished(UAR(CLASSES), truth, prediction) == pytest.approx(
        np.mean([recalls[c] for c in CLASSES]), **EXACT
    )
    scores = audmetric.fscore_per_class(truth, prediction, labels=every)
    assert finished(F1(CLASSES), truth, prediction) == pytest.approx(
        np.mean([scores[c] for c in CLASSES]), **EXACT
    )
    # audmetric with the scored labels alone would drop those 100 rows and look better
    assert finished(UAR(CLASSES), truth, prediction) < audmetric.unweighted_average_recall(
        truth, prediction, labels=CLASSES
    )


def test_a_class_without_truth_is_left_out_of_the_mean():
    truth, prediction = labels(1)
    keep = truth != "sad"
    truth, prediction = truth[keep], prediction[keep]

    recalls = audmetric.recall_per_class(truth, prediction, labels=CLASSES, zero_division=np.nan)
    assert np.isnan(recalls["sad"])
    assert finished(UAR(CLASSES), truth, prediction) == pytest.approx(
        np.nanmean(list(recalls.values())), **EXACT
    )


def test_a_class_that_was_never_predicted_has_no_precision_and_is_left_out_of_the_mean():
    truth, prediction = labels(1)
    prediction[prediction == "sad"] = "bored"
    every = (*CLASSES, "bored")

    precisions = audmetric.precision_per_class(truth, prediction, labels=every, zero_division=np.nan)
    assert np.isnan(finished(Precision(("sad",)), truth, prediction))
    assert np.isnan(precisions["sad"])
    assert finished(Precision(CLASSES), truth, prediction) == pytest.approx(
        np.mean([precisions[c] for c in CLASSES if c != "sad"]), **EXACT
    )


def test_pup_counts_changes_below_the_tolerance():
    clean = np.array([0.50, 0.50, 0.50, 0.50])
    assert finished(PUP(), clean, clean + np.array([0.0, 0.049, -0.051, 0.2])) == 0.5
    assert finished(PUP(None), np.array(["a", "b", "a"]), np.array(["a", "a", "a"])) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("metric", "truth", "prediction", "expected"),
    [
        (CCC(), [0.1, 0.5, 0.9], [0.3, 0.3, 0.3], 0.0),  # audmetric: 0, as the means may differ
        (CCC(), [0.4, 0.4, 0.4], [0.4, 0.4, 0.4], np.nan),
        (CCC(), [0.4], [0.5], np.nan),
        (PCC(), [0.1, 0.5, 0.9], [0.3, 0.3, 0.3], np.nan),
        (PCC(), [0.4], [0.5], np.nan),
        (MAE(), [], [], np.nan),
        (UAR(("a", "b")), ["c", "c"], ["a", "a"], np.nan),
        (Precision(("a", "b")), ["a", "b"], ["c", "c"], np.nan),
        (PUP(), [], [], np.nan),
    ],
)
def test_what_is_undefined_is_nan(metric, truth, prediction, expected):
    value = finished(metric, np.array(truth), np.array(prediction))
    np.testing.assert_equal(round(value, 15), expected)


def test_constants_are_undefined_whatever_the_offset():
    truth = np.random.default_rng(0).uniform(size=500)
    constant = np.full(500, 0.1 + 0.2)
    for about in (0.0, 0.299999, 0.7):
        assert np.isnan(finished(PCC(0.5, about), truth, constant))
        assert finished(CCC(0.5, about), truth, constant) == 0.0


METRICS = [CCC(0.5, 0.5), PCC(0.5, 0.5), MAE(), PUP(), JSD()]


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(4, 60), cuts=st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_sums_of_shards_are_sums_of_all_rows_in_any_order(seed, n, cuts):
    rng = np.random.default_rng(seed)
    truth, prediction = ratings(seed, n)
    names, guesses = labels(seed, n)
    order = rng.permutation(n)
    shards = np.array_split(order, cuts + 1)
    for metric, y, x in [
        *((metric, truth, prediction) for metric in METRICS),
        (UAR(CLASSES), names, guesses),
        (F1(CLASSES), names, guesses),
        (Precision(CLASSES), names, guesses),
        (JSD(CLASSES), names, guesses),
    ]:
        whole = finished(metric, y, x)
        sums = sum(metric.rows(y[shard], x[shard]).sum(axis=0) for shard in shards)
        assert float(metric.finish(sums)) == pytest.approx(whole, abs=1e-12)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_values_stay_in_the_declared_range(seed):
    truth, prediction = ratings(seed, 20, sd=1.0)
    names, guesses = labels(seed, 20)
    for metric, y, x in [
        *((metric, truth, prediction) for metric in METRICS),
        (UAR(CLASSES), names, guesses),
        (F1(CLASSES), names, guesses),
        (Precision(CLASSES), names, guesses),
        (JSD(CLASSES), names, guesses),
    ]:
        low, high = metric.range
        assert low - 1e-12 <= finished(metric, y, x) <= high + 1e-12


def test_finish_works_on_many_sums_at_once():
    truth, prediction = ratings(0)
    metric = CCC(0.5, 0.5)
    rows = metric.rows(truth, prediction)
    stack = np.stack([rows[:200].sum(axis=0), rows[200:].sum(axis=0)])[None]
    assert metric.finish(stack).shape == (1, 2)
    assert metric.finish(stack)[0, 1] == pytest.approx(
        audmetric.concordance_cc(truth[200:], prediction[200:]), **EXACT
    )


def test_uar_of_a_constant_rater_is_chance():
    truth, _ = labels(0)
    metric = UAR(CLASSES)
    assert finished(metric, truth, np.full(len(truth), "sad")) == metric.chance == 0.25
