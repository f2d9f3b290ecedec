"""Intervals: against a plain reference, their coverage, families, and what cannot be resampled."""

import time
from math import ceil

import numpy as np
import pytest
from scipy import stats
from ser_audit.benchmark.estimand import contrast, per_speaker, single, strata
from ser_audit.benchmark.metrics import CCC, MAE, PUP, UAR
from ser_audit.benchmark.resampling import Draws, intervals, studentise


def mean_sums(values, owners, speakers):
    """Sums whose estimand is the mean of ``values``: the MAE against a truth of 0."""
    metric = MAE()
    return metric, per_speaker(metric.rows(np.zeros(len(values)), values), owners, speakers)


def rated(rng, speakers, each, slope=0.6):
    owners = np.repeat(np.arange(speakers), each)
    truth = np.clip(rng.normal(0.5, 0.15, len(owners)), 0, 1)
    bias = rng.normal(0, 0.04, speakers)[owners]
    return owners, truth, 0.2 + slope * truth + bias + rng.normal(0, 0.08, len(owners))


def ccc_sums(owners, truth, prediction, speakers):
    metric = CCC(0.5, 0.5)
    return metric, per_speaker(metric.rows(truth, prediction), owners, speakers)


def ccc(y, x):
    return 2 * np.cov(y, x, bias=True)[0, 1] / (y.var() + x.var() + (y.mean() - x.mean()) ** 2)


def test_equals_a_plain_reference_on_resampled_rows():
    """Rows of drawn speakers are copied out; the standard error comes from numeric derivatives."""
    rng = np.random.default_rng(0)
    speakers, each, draws = 9, 14, 300
    owners, truth, prediction = rated(rng, speakers, each)
    weights = Draws.pooled(speakers, draws, 5).weights
    moments = np.stack(
        [np.ones_like(truth), truth, prediction, truth**2, prediction**2, truth * prediction], axis=1
    )

    def from_moments(m):
        n, y, x, yy, xx, yx = m
        return (
            2
            * (yx / n - y * x / n**2)
            / (yy / n - (y / n) ** 2 + xx / n - (x / n) ** 2 + (x / n - y / n) ** 2)
        )

    def estimate(drawn):
        picked = np.concatenate([np.flatnonzero(owners == s) for s in drawn])
        value = ccc(truth[picked], prediction[picked])
        total = moments[picked].sum(axis=0)
        gradient = np.array(
            [(from_moments(total + d) - from_moments(total - d)) / 2e-5 for d in 1e-5 * np.eye(6)]
        )
        influence = [moments[owners == s].sum(axis=0) @ gradient for s in drawn]
        return value, np.sqrt(len(drawn) * np.var(influence, ddof=1))

    value, error = estimate(np.arange(speakers))
    ratios = []
    for row in weights.astype(int):
        drawn_value, drawn_error = estimate(np.repeat(np.arange(speakers), row))
        ratios.append(abs(drawn_value - value) / drawn_error)
    q = sorted(ratios)[ceil(0.95 * (draws + 1)) - 1]

    found = intervals(
        [single(*ccc_sums(owners, truth, prediction, speakers))], Draws.pooled(speakers, draws, 5)
    )[0]
    assert found.value == pytest.approx(value, abs=1e-12)
    assert found.low == pytest.approx(value - q * error, abs=1e-6)
    assert found.high == pytest.approx(value + q * error, abs=1e-6)


def test_of_a_mean_it_is_close_to_the_t_interval_of_speaker_means():
    rng = np.random.default_rng(1)
    means = rng.normal(0.3, 0.05, 40)
    owners = np.repeat(np.arange(40), 10)
    found = intervals([single(*mean_sums(means[owners], owners, 40))], Draws.pooled(40, 4000, 0))[0]
    half = stats.t.ppf(0.975, 39) * means.std(ddof=1) / np.sqrt(40)
    assert found.value == pytest.approx(means.mean(), abs=1e-12)
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.06)


def test_covers_the_true_mean_as_often_as_it_says():
    """Mean of cluster means: true value known in closed form; 400 corpora of 12 speakers."""
    rng = np.random.default_rng(2)
    owners = np.repeat(np.arange(12), 8)
    hits = 0
    for _ in range(400):
        values = 0.5 + rng.normal(0, 0.05, 12)[owners] + rng.normal(0, 0.1, len(owners))
        found = intervals([single(*mean_sums(values, owners, 12))], Draws.pooled(12, 399, 0))[0]
        hits += found.low < 0.5 < found.high
    # 95 % nominal; four standard errors below, and not so wide as to always hold
    assert 0.91 <= hits / 400 <= 0.985


def test_a_family_is_wider_than_pointwise_and_a_family_of_one_equals_it():
    rng = np.random.default_rng(3)
    estimands = []
    for _ in range(6):
        estimands.append(single(*ccc_sums(*rated(rng, 15, 20), 15)))
    draws = Draws.pooled(15, 1000, 0)
    family = intervals(estimands, draws)
    alone = [intervals([estimand], draws)[0] for estimand in estimands]
    for together, one in zip(family, alone, strict=True):
        assert together.value == one.value
        assert together.low < one.low < one.high < together.high
        assert together.method == "studentised speaker bootstrap, simultaneous over 6"
        assert one.method == "studentised speaker bootstrap"


def test_a_family_of_copies_costs_nothing():
    """Max-|t| in shared draws knows dependence, as Bonferroni does not."""
    rng = np.random.default_rng(4)
    estimand = single(*ccc_sums(*rated(rng, 15, 20), 15))
    draws = Draws.pooled(15, 1000, 0)
    assert [(i.low, i.high) for i in intervals([estimand] * 5, draws)] == [
        (i.low, i.high) for i in intervals([estimand], draws) * 5
    ]


def test_a_simultaneous_family_covers_all_its_members():
    rng = np.random.default_rng(5)
    owners = np.repeat(np.arange(15), 4)
    hits = single_hits = 0
    for _ in range(250):
        family = []
        for _ in range(6):
            values = 0.5 + rng.normal(0, 0.05, 15)[owners] + rng.normal(0, 0.1, len(owners))
            family.append(single(*mean_sums(values, owners, 15)))
        draws = Draws.pooled(15, 399, 0)
        hits += all(i.low < 0.5 < i.high for i in intervals(family, draws))
        single_hits += all(i.low < 0.5 < i.high for e in family for i in intervals([e], draws))
    assert hits / 250 >= 0.90
    assert single_hits / 250 < 0.85


def test_paired_intervals_are_narrower_than_unpaired_ones():
    rng = np.random.default_rng(6)
    owners, truth, prediction = rated(rng, 20, 20)
    metric, clean = ccc_sums(owners, truth, prediction, 20)
    _, noisy = ccc_sums(owners, truth, prediction + rng.normal(0, 0.02, len(owners)), 20)
    draws = Draws.pooled(20, 1000, 0)
    paired = intervals([contrast((metric, noisy), (metric, clean))], draws)[0]
    alone = intervals([single(metric, clean)], draws)[0]
    assert paired.high - paired.low < 0.5 * (alone.high - alone.low)


def test_strata_keep_the_number_of_speakers_of_each_group():
    groups = strata(["f", "m", "f", "m", "m", "x"])
    weights = Draws.of(groups, 500, 0).weights
    np.testing.assert_array_equal(weights[:, groups == 0].sum(axis=1), 2)
    np.testing.assert_array_equal(weights[:, groups == 1].sum(axis=1), 3)
    np.testing.assert_array_equal(weights[:, groups == 2].sum(axis=1), 1)


def test_a_gap_between_groups_matches_welch():
    rng = np.random.default_rng(7)
    means = np.concatenate([rng.normal(0.4, 0.05, 30), rng.normal(0.3, 0.05, 30)])
    owners, groups = np.repeat(np.arange(60), 5), np.repeat([0, 1], 30)
    metric, sums = mean_sums(means[owners], owners, 60)
    first, second = sums * (groups == 0)[:, None], sums * (groups == 1)[:, None]
    found = intervals([contrast((metric, first), (metric, second))], Draws.of(groups, 4000, 0))[0]
    welch = stats.ttest_ind(means[:30], means[30:], equal_var=False).confidence_interval(0.95)
    assert found.low == pytest.approx(welch.low, abs=0.003)
    assert found.high == pytest.approx(welch.high, abs=0.003)


def test_a_gap_between_groups_of_unequal_size_equals_a_plain_welch_bootstrap():
    rng = np.random.default_rng(12)
    groups = np.repeat([0, 1], [5, 14])
    means = rng.normal(0.4, 0.05, 19) - 0.1 * groups
    owners = np.repeat(np.arange(19), 5)
    metric, sums = mean_sums(means[owners], owners, 19)
    draws = Draws.of(groups, 500, 0)

    def welch(weights):
        f, m = (np.repeat(means[groups == g], weights[groups == g]) for g in (0, 1))
        return f.mean() - m.mean(), np.sqrt(f.var(ddof=1) / len(f) + m.var(ddof=1) / len(m))

    value, error = welch(np.ones(19, dtype=int))
    drawn = [welch(row) for row in draws.weights.astype(int)]
    q = sorted(abs(v - value) / e for v, e in drawn)[ceil(0.95 * 501) - 1]
    first, second = sums * (groups == 0)[:, None], sums * (groups == 1)[:, None]
    found = intervals([contrast((metric, first), (metric, second))], draws)[0]
    assert found.low == pytest.approx(value - q * error, abs=1e-10)
    assert found.high == pytest.approx(value + q * error, abs=1e-10)


@pytest.mark.parametrize("speakers", [5, 8, 30])
def test_nothing_changed_gives_the_exact_binomial_bound(speakers):
    metric = PUP()
    owners = np.repeat(np.arange(speakers), 10)
    sums = per_speaker(metric.rows(np.zeros(len(owners)), np.zeros(len(owners))), owners, speakers)
    found = intervals([single(metric, sums)], Draws.pooled(speakers, 1000, 0))[0]
    expected = stats.binomtest(speakers, speakers).proportion_ci(0.95, method="exact")
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(expected.low, abs=1e-12)
    assert found.method == f"exact bound over {speakers} speakers"


def test_perfect_agreement_is_luck_as_far_as_the_speakers_allow():
    """A CCC of 1 in each of 12 speakers: another one may have any, so the bound mixes 1 with −1."""
    owners, truth, _ = rated(np.random.default_rng(10), 12, 20)
    found = intervals([single(*ccc_sums(owners, truth, truth, 12))], Draws.pooled(12, 1000, 0))[0]
    unlike = 1 - stats.binomtest(12, 12).proportion_ci(0.95, method="exact").low
    assert (found.value, found.high) == (pytest.approx(1.0), pytest.approx(1.0))
    assert found.low == pytest.approx((1 - unlike) * 1 - unlike, abs=1e-9)


def test_one_speaker_of_eight_changed_gives_the_binomial_bound_as_draws_without_it_tell_nothing():
    metric = PUP(None)
    owners = np.repeat(np.arange(8), 10)
    sums = per_speaker(metric.rows(np.zeros(80), owners == 0), owners, 8)
    found = intervals([single(metric, sums)], Draws.pooled(8, 1000, 0))[0]
    assert found.value == 0.875
    assert found.low == pytest.approx(stats.binomtest(7, 8).proportion_ci(0.95).low, abs=1e-12)


def test_an_exact_member_leaves_the_family_its_share_of_the_error():
    rng = np.random.default_rng(8)
    regular = single(*ccc_sums(*rated(rng, 30, 20), 30))
    metric, owners = PUP(), np.repeat(np.arange(30), 10)
    zeros = np.zeros(len(owners))
    exact = single(metric, per_speaker(metric.rows(zeros, zeros), owners, 30))
    draws = Draws.pooled(30, 1000, 0)
    first, second = intervals([regular, exact], draws)
    (wider,) = intervals([regular], draws, 0.975)
    assert (first.low, first.high) == (wider.low, wider.high)
    assert second.low == pytest.approx((0.05 / 2 / 2) ** (1 / 30), abs=1e-12)


def test_a_change_of_a_millionth_does_not_widen_its_family():
    """Alone it is as wild as any change; beside others it must not be what their width is made of."""
    rng = np.random.default_rng(11)
    owners, truth, prediction = rated(rng, 10, 20)
    metric, clean = ccc_sums(owners, truth, prediction, 10)
    _, noisy = ccc_sums(owners, truth, prediction + 0.1 * rng.normal(size=len(owners)), 10)
    touched = prediction + 1e-6 * rng.standard_t(1, len(owners))  # heavy tails, as of a label's rare flips
    _, touched = ccc_sums(owners, truth, touched, 10)
    draws = Draws.pooled(10, 1000, 0)
    change, nothing = (contrast((metric, sums), (metric, clean)) for sums in (noisy, touched))
    (alone,) = intervals([change], draws, 0.99)
    together, beside = intervals([change, nothing], draws, 0.99)
    assert together.high - together.low == pytest.approx(alone.high - alone.low, rel=1e-9)
    assert 0 < beside.high - beside.low < 0.02
    assert max(studentise(nothing, draws).ratios) > max(studentise(change, draws).ratios)


def test_a_continuous_change_of_exactly_nothing_is_the_limit_of_small_changes():
    rng = np.random.default_rng(9)
    owners, truth, prediction = rated(rng, 10, 20)
    metric, clean = ccc_sums(owners, truth, prediction, 10)
    draws = Draws.pooled(10, 1000, 0)
    widths = []
    for scale in (1e-3, 1e-6, 0.0):
        _, moved = ccc_sums(owners, truth, prediction + scale * rng.normal(size=len(owners)), 10)
        found = intervals([contrast((metric, moved), (metric, clean))], draws)[0]
        widths.append(found.high - found.low)
    assert widths[0] > 500 * widths[1] > 0
    assert widths[2] == 0


def test_labels_that_happen_not_to_change_are_no_proof():
    rng = np.random.default_rng(9)
    metric, owners = UAR((0, 1)), np.repeat(np.arange(10), 8)
    truth = np.tile([0, 1], 40)
    sums = per_speaker(metric.rows(truth, rng.integers(0, 2, 80)), owners, 10)
    found = intervals([contrast((metric, sums), (metric, sums))], Draws.pooled(10, 1000, 0))[0]
    share = 1 - 0.025 ** (1 / 10)
    assert found.value == 0
    assert (found.low, found.high) == (pytest.approx(-share), pytest.approx(share))


@pytest.mark.parametrize(
    ("speakers", "reason"),
    [(1, "no interval from 1 speaker"), (2, "no interval: resampling 2 speakers cannot tell its width")],
)
def test_too_few_speakers_give_no_interval(speakers, reason):
    owners, truth, prediction = rated(np.random.default_rng(0), speakers, 40)
    found = intervals(
        [single(*ccc_sums(owners, truth, prediction, speakers))], Draws.pooled(speakers, 1000, 0)
    )[0]
    assert found.value is not None
    assert (found.low, found.high) == (None, None)
    assert found.reason == reason


def test_a_group_of_one_speaker_gives_no_interval_and_leaves_the_others_theirs():
    owners, truth, prediction = rated(np.random.default_rng(1), 11, 20)
    groups = np.array([0] * 10 + [1])
    metric, sums = ccc_sums(owners, truth, prediction, 11)
    one, other = sums * (groups == 0)[:, None], sums * (groups == 1)[:, None]
    gap, big = intervals(
        [contrast((metric, one), (metric, other)), single(metric, one)], Draws.of(groups, 1000, 0)
    )
    assert gap.reason == "no interval from 1 speaker in a group"
    assert gap.low is None
    assert big.low < big.value < big.high
    assert big.method == "studentised speaker bootstrap"


def test_undefined_values_have_no_interval_and_say_so():
    owners = np.repeat(np.arange(10), 10)
    constant = np.full(100, 0.5)
    found = intervals([single(*ccc_sums(owners, constant, constant, 10))], Draws.pooled(10, 200, 0))[0]
    assert found.value is None
    assert "constant" in found.reason


def test_intervals_stay_in_the_range_of_the_metric():
    metric, owners = PUP(None), np.repeat(np.arange(12), 20)
    changed = np.concatenate([np.arange(20) < k for k in (1, 0, 0, 2, 0, 1, 9, 0, 1, 0, 1, 0)])
    sums = per_speaker(metric.rows(np.zeros(240, dtype=bool), changed), owners, 12)
    found = intervals([single(metric, sums)], Draws.pooled(12, 1000, 0))[0]
    assert found.method == "studentised speaker bootstrap"
    assert found.value - found.low > 1 - found.value  # unclipped, it would reach above 1
    assert found.high == 1.0


def test_draws_repeat_and_depend_on_the_seed():
    first, second, other = (Draws.pooled(9, 50, seed).weights for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_a_thousand_draws_of_ten_thousand_rows_take_a_tenth_of_a_second():
    owners, truth, prediction = rated(np.random.default_rng(11), 50, 200)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        intervals([single(*ccc_sums(owners, truth, prediction, 50))], Draws.pooled(50, 1000, 0))
        took.append(time.perf_counter() - start)
    assert min(took) <= 0.1
