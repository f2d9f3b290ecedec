"""Permutation: level under speaker effects, power, and the same p-values as scipy's where it has them."""

import numpy as np
import pytest
import scipy.stats
from ser_audit.benchmark.estimand import contrast
from ser_audit.benchmark.metrics import Mean
from ser_audit.fairness import permutation
from ser_audit.fairness.extremes import extremes
from ser_audit.fairness.pairs import Pair
from ser_audit.fairness.tables import disaggregated


def with_effects(rng, speakers, each, gap=0.0, within=False):
    """Truth and scores of speakers with real effects; a gap adds noise to half of the speakers, or rows."""
    sds = {"t": 0.05, "b": 0.04, "s": 0.12, "n": 0.2}
    own = {name: rng.normal(0, sd, (speakers, 1)) for name, sd in sds.items()}
    truth = np.clip(0.5 + own["t"] + rng.normal(0, 0.15, (speakers, each)), 0, 1)
    half = np.arange(each) < each // 2 if within else np.arange(speakers)[:, None] < speakers // 2
    noise = 0.1 * np.exp(own["n"]) * (1 + gap * half) * rng.normal(0, 1, (speakers, each))
    return truth.ravel(), np.clip(0.5 + own["b"] + (1 + own["s"]) * 0.6 * (truth - 0.5) + noise, 0, 1).ravel()


def test_permuting_speakers_keeps_its_level_under_speaker_effects(simulate, score, group, monkeypatch):
    """Of corpora without a gap 5 % are called different at 5 %; permuting rows calls 12 % so (facts)."""
    monkeypatch.setattr(permutation, "PERMUTATIONS", 199)
    frame, found, count = simulate(speakers=16, each=25), [], 300
    rng = np.random.default_rng(1)
    for _ in range(count):
        frame["truth.arousal"], frame["score.arousal"] = with_effects(rng, 16, 25)
        found.append(Pair(group(score(frame), "sex"), "female", "male").permutation_p(0))
    assert 0.03 <= np.mean(np.array(found) <= 0.05) <= 0.07
    assert scipy.stats.kstest(found, "uniform").pvalue > 0.01


def test_a_planted_gap_is_found_and_the_value_alone_decides_nothing(simulate, score, group):
    frame = simulate(speakers=40, each=25)
    frame["truth.arousal"], frame["score.arousal"] = with_effects(np.random.default_rng(0), 40, 25, gap=1.5)
    assert Pair(group(score(frame), "sex"), "female", "male").permutation_p(0) == pytest.approx(1 / 1001)


def test_rows_are_permuted_within_speakers_where_the_column_varies_there(simulate, score, group, monkeypatch):
    """Two languages of each speaker: a gap between them is found, and speakers' own differences are none."""
    monkeypatch.setattr(permutation, "PERMUTATIONS", 199)
    frame = simulate(speakers=16, each=50)
    frame["group.language"] = np.where(np.arange(len(frame)) % 50 < 25, "en", "pl")
    rng = np.random.default_rng(0)
    frame["truth.arousal"], frame["score.arousal"] = with_effects(rng, 16, 50, gap=1.0, within=True)
    groups = group(score(frame), "language")
    assert not groups.column.fixed
    assert Pair(groups, "en", "pl").permutation_p(0) < 0.01
    found = []
    for _ in range(40):
        frame["truth.arousal"], frame["score.arousal"] = with_effects(rng, 16, 50, within=True)
        found.append(Pair(group(score(frame), "language"), "en", "pl").permutation_p(0))
    assert scipy.stats.kstest(found, "uniform").pvalue > 0.01


def test_rows_dealt_out_keep_each_speakers_sums_and_sizes():
    rng = np.random.default_rng(0)
    speakers = rng.integers(0, 5, 200)
    codes, values = rng.integers(0, 2, 200), rng.normal(size=200)
    own = (speakers[:, None] == np.arange(5)).astype(float)
    statistics = np.hstack([own, own * values[:, None]])
    first, second = permutation.rows_dealt(codes, speakers, statistics, 2, seed=1)
    for speaker in range(5):
        assert np.all(first[:, speaker] == np.sum((codes == 0) & (speakers == speaker)))
        total = values[speakers == speaker].sum()
        np.testing.assert_allclose(first[:, 5 + speaker] + second[:, 5 + speaker], total, atol=1e-12)
    assert np.std(first[:, 5]) > 0


def test_p_values_are_scipys():
    """Of a difference of means of eight numbers, one per speaker, where all divisions can be counted."""
    values = np.array([0.1, 0.4, 0.35, 0.9, 0.8, 0.95, 0.5, 0.7])
    group = np.repeat([0, 1], 4)

    def statistic(a, b, axis=-1):
        return np.abs(np.mean(a, axis=axis) - np.mean(b, axis=axis))

    exact = scipy.stats.permutation_test(
        (values[:4], values[4:]), statistic, n_resamples=np.inf, alternative="greater", vectorized=True
    )
    sums = np.column_stack([np.ones(8), values])
    one, two = permutation.speakers_dealt(group, sums, 2, seed=0)
    null = np.abs(Mean().finish(one) - Mean().finish(two))
    observed = float(statistic(values[:4], values[4:]))
    assert permutation.p_value(null, observed) == pytest.approx(exact.pvalue, abs=0.025)
    assert permutation.p_value(np.array([0.1, np.nan, 0.3]), 0.2) == 3 / 4


def test_studentised_gaps_of_speakers_means_are_welchs():
    """One utterance per speaker: the linearised variance divides by n (n − 1), as Welch's does."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=12)
    sums = np.column_stack([np.ones(12), values])
    blank = np.zeros_like(sums)
    estimand = contrast((Mean(), np.vstack([sums, blank])), (Mean(), np.vstack([blank, sums])))
    first = np.zeros((1, 12))
    first[0, [0, 3, 5, 7, 11]] = 1
    own = first[0] == 1
    (size,) = permutation.studentised(estimand, first, 1 - first)
    expected = scipy.stats.ttest_ind(values[own], values[~own], equal_var=False).statistic
    assert size == pytest.approx(abs(expected), rel=1e-12)


def test_the_range_of_groups_stands_beside_its_own_null(simulate, score, group, monkeypatch):
    """Without any difference its p-value is uniform; the range itself never is near 0."""
    monkeypatch.setattr(permutation, "PERMUTATIONS", 199)
    frame, found = simulate(speakers=24, each=20), []
    names = sorted(set(frame["speaker"]))
    frame["group.town"] = frame["speaker"].map(dict(zip(names, "abcd" * 6, strict=True)))
    rng = np.random.default_rng(0)
    for seed in range(60):
        frame["truth.arousal"], frame["score.arousal"] = with_effects(rng, 24, 20)
        groups = group(score(frame), "town")
        (finding,) = extremes(groups, disaggregated(groups), seed)
        found.append(finding)
    ps = [f.details["permutation_p"] for f in found]
    assert scipy.stats.kstest(ps, "uniform").pvalue > 0.01
    medians = [f.details["null_median"] for f in found]
    assert np.median([f.estimate.value for f in found]) == pytest.approx(np.median(medians), abs=0.03)
    assert np.mean(medians) > 0.05
    above = np.mean([f.estimate.value > f.details["null_95"] for f in found])
    assert above <= 0.12
    assert {f.verdict for f in found} == {"not_applicable"}


def test_too_many_rows_to_permute_are_said(simulate, score, group, monkeypatch):
    frame = simulate(speakers=8, each=20)
    frame["group.language"] = np.where(np.arange(len(frame)) % 2, "en", "pl")
    monkeypatch.setattr(permutation, "ROWS", 100)
    groups = group(score(frame), "language")
    pair = Pair(groups, "en", "pl")
    assert pair.permutation_p(0) is None
    assert pair.unpermuted == "no permutation test, as 160 rows are too many to permute within speakers"
    (finding,) = extremes(groups, disaggregated(groups), 0)
    assert finding.details["null_95"] is None
    assert "too many rows to permute within speakers" in finding.message
