"""Broken speakers: named where they are, nobody where there is none, and never without saying how sure."""

from dataclasses import dataclass

import audmetric
import numpy as np
import pytest
from scipy import stats
from ser_audit.benchmark import policy
from ser_audit.benchmark.estimand import Rows
from ser_audit.benchmark.metrics import UAR
from ser_audit.benchmark.scored import tables
from ser_audit.fairness.concordance import Concordance
from ser_audit.fairness.deficits import deficits, median_error, rounded
from ser_audit.fairness.recalls import Recalls
from ser_audit.fairness.speakers import individual

POLICY = policy.load("default")
RULE = POLICY.speakers
EMOTIONS = (0, 1, 2, 3)


@pytest.fixture
def judge(make_run):
    """Give the findings on broken speakers of a table; ``reason`` withholds all verdicts."""

    def found(frame, reason=None):
        ((scored, *_),) = tables(make_run(frame))
        findings = individual(scored, POLICY, dict.fromkeys(scored.outputs, reason))
        return [f for f in findings if f.code == "SER406"]

    return found


def rows(truth, prediction):
    """Rows of one speaker per line: (speakers, n)."""
    speakers, n = truth.shape
    owners = np.repeat(np.arange(speakers), n)
    return Rows(truth.ravel(), prediction.ravel(), np.ones(truth.size, bool), owners, speakers)


def corpus(rng, speakers=20, n=200, vary=0.0, broken=(), dimensions=3):
    """Standings of a corpus with real speaker effects, in which nobody but the ``broken`` is 0.2 below.

    Truth sd .15 within and .05 between speakers, speaker bias sd .04, slope sd 12 %, log-noise sd .2 give a
    per-speaker CCC of .60 with sd .087; ``vary`` is the relative sd of speakers' truth sds. The broken have
    the predictions of other utterances of theirs.
    """
    while True:
        shape = speakers, dimensions
        mean = rng.normal(0, 0.05, shape)
        sd = 0.15 * (1 + vary * np.clip(rng.normal(size=shape), -2.5, 2.5))
        bias, slope = rng.normal(0, 0.04, shape), 0.6 * rng.normal(1, 0.12, shape)
        noise = 0.11 * np.exp(rng.normal(0, 0.2, shape))
        middle, v = mean.mean(axis=0), (sd**2).mean(axis=0) + mean.var(axis=0)
        away = bias + (slope - 1) * middle
        true = 2 * slope * v / (v + slope**2 * v + noise**2 + away**2)
        if np.all(true > np.median(true, axis=0) - RULE.deficit):
            break
    truth = mean[:, None] + sd[:, None] * rng.normal(size=(speakers, n, dimensions))
    said = bias[:, None] + slope[:, None] * truth + noise[:, None] * rng.normal(size=truth.shape)
    for speaker in broken:
        said[speaker] = rng.permutation(said[speaker])
    return {str(d): Concordance.of(rows(truth[..., d], said[..., d])) for d in range(dimensions)}


def named(standings, error=RULE.error):
    """Which speakers are named on any output."""
    found, _ = deficits(standings, RULE.deficit, error)
    return set(np.flatnonzero(np.any([one.named for one in found.values()], axis=0)))


def test_one_broken_speaker_of_twenty_is_named():
    rng = np.random.default_rng(0)
    assert np.mean([named(corpus(rng, broken=[7])) == {7} for _ in range(100)]) >= 0.95


def test_two_broken_speakers_do_not_hide_each_other():
    rng = np.random.default_rng(1)
    assert np.mean([named(corpus(rng, broken=[3, 7])) == {3, 7} for _ in range(100)]) >= 0.9


@pytest.mark.parametrize("vary", [0.0, 0.25])
def test_nobody_is_named_where_nobody_is_broken(vary):
    rng = np.random.default_rng(2)
    assert sum(bool(named(corpus(rng, vary=vary))) for _ in range(150)) <= 1


@pytest.mark.parametrize("speakers", [5, 20])
def test_speakers_at_the_limit_are_named_as_seldom_as_the_policy_says(speakers):
    """Two of them have a CCC exactly .2 below the others, by more noise; errors are asked as 5 %."""
    rng = np.random.default_rng(3)
    slope, noise, v = 0.6, 0.11, 0.0225
    sound = 2 * slope * v / (v + slope**2 * v + noise**2)
    worse = np.sqrt(2 * slope * v / (sound - RULE.deficit) - v - slope**2 * v)
    sds = np.full((speakers, 1), noise)
    sds[:2] = worse
    count = 0
    for _ in range(300):
        truth = rng.normal(0, np.sqrt(v), (speakers, 100))
        said = slope * truth + sds * rng.normal(size=truth.shape)
        count += bool(named({"a": Concordance.of(rows(truth, said))}, error=0.05))
    assert count <= 15


def test_the_standardised_ccc_of_the_truth_of_all_is_the_ccc():
    rng = np.random.default_rng(4)
    truth = np.tile(rng.uniform(size=50), (6, 1))  # all speakers said the same
    said = truth * rng.uniform(0.3, 1.2, (6, 1)) + rng.normal(0, 0.1, truth.shape)
    expected = [audmetric.concordance_cc(t, s) for t, s in zip(truth, said, strict=True)]
    assert Concordance.of(rows(truth, said)).values == pytest.approx(expected, abs=1e-12)


def test_the_spread_of_a_speakers_truth_does_not_change_the_standardised_ccc():
    rng = np.random.default_rng(5)
    sds = np.array([0.05, 0.1, 0.15, 0.2])[:, None]
    truth = 0.5 + rng.uniform(-0.1, 0.1, (4, 1)) + sds * rng.normal(size=(4, 20_000))
    said = 0.55 + 0.6 * (truth - 0.5) + rng.normal(0, 0.1, truth.shape)
    standing = Concordance.of(rows(truth, said))
    own = [audmetric.concordance_cc(t, s) for t, s in zip(truth, said, strict=True)]
    assert np.ptp(own) > 0.3
    pooled = audmetric.concordance_cc(truth.ravel(), said.ravel())
    assert standing.values == pytest.approx(np.full(4, pooled), abs=0.02)


@pytest.mark.parametrize("slope", [0.0, 0.6, 0.95])
def test_errors_and_bounds_of_the_ccc_are_those_of_redrawn_rows(slope):
    rng = np.random.default_rng(6)
    truth = rng.normal(0, 0.15, (8000, 100))
    standing = Concordance.of(rows(truth, 0.02 + slope * truth + rng.normal(0, 0.1, truth.shape)))
    true = 2 * slope * 0.0225 / (0.0225 + slope**2 * 0.0225 + 0.01 + 0.02**2)
    assert standing.values.mean() == pytest.approx(true, abs=0.005)
    assert np.mean(standing.errors) == pytest.approx(standing.values.std(), rel=0.05)
    low, high = standing.bounds(0.01)
    assert 0.004 < np.mean(high < true) < 0.015
    assert np.mean(low > true) < 0.025


def test_a_constant_speaker_is_certain_only_as_far_as_its_rows_allow():
    rng = np.random.default_rng(7)
    truth = rng.uniform(size=(3, 50))
    said = np.stack([np.full(50, 0.5), truth[1], truth[2] + rng.normal(0, 0.1, 50)])
    standing = Concordance.of(rows(truth, said))
    low, high = standing.bounds(0.01)
    unseen = 1 - 0.01 ** (1 / 50)
    assert standing.values[:2] == pytest.approx([0, 1], abs=1e-12)
    assert high[0] == pytest.approx(unseen, abs=1e-6)
    assert low[1] == pytest.approx(1 - 2 * unseen, abs=1e-6)


def test_speakers_whose_rows_cannot_tell_a_line_have_no_value():
    rng = np.random.default_rng(8)
    truth = rng.uniform(size=(4, 6))
    truth[0] = 0.5  # constant
    truth[1] = [0, 0, 0, 0, 0, 1]  # a line hangs on one row
    standing = Concordance.of(rows(truth, rng.uniform(size=truth.shape)))
    assert np.isfinite(standing.values).tolist() == [False, False, True, True]
    owners = np.array([0, 0, 0, 1, 1, 1, 1])
    few = Rows(rng.uniform(size=7), rng.uniform(size=7), np.ones(7, bool), owners, 3)
    assert np.isfinite(Concordance.of(few).values).tolist() == [False, True, False]


def test_the_adjusted_uar_is_the_uar_where_all_classes_are_shown():
    rng = np.random.default_rng(9)
    truth = np.tile(np.repeat(EMOTIONS, 5), (6, 1))
    said = np.where(rng.random(truth.shape) < 0.7, truth, rng.integers(0, 4, truth.shape))
    expected = [audmetric.unweighted_average_recall(t, s) for t, s in zip(truth, said, strict=True)]
    assert Recalls.of(UAR(EMOTIONS), rows(truth, said)).values == pytest.approx(expected, abs=1e-12)


def test_a_speaker_who_shows_the_hard_classes_alone_is_not_worse_for_it():
    rng = np.random.default_rng(10)
    truth = rng.integers(0, 4, (10, 2000))
    truth[0] = rng.integers(2, 4, 2000)
    hit = rng.random(truth.shape) < np.array([0.9, 0.8, 0.4, 0.3])[truth]
    standing = Recalls.of(UAR(EMOTIONS), rows(truth, np.where(hit, truth, (truth + 1) % 4)))
    assert standing.values == pytest.approx(np.full(10, 0.6), abs=0.04)


def test_bounds_of_a_single_recall_are_those_of_clopper_and_pearson():
    truth, said = np.zeros((3, 12), int), np.zeros((3, 12), int)
    said[1, :5], said[2] = 1, 1  # 12, 7 and 0 of 12 hits
    low, high = Recalls.of(UAR((0,)), rows(truth, said)).bounds(0.01)
    for i, hits in enumerate((12, 7, 0)):
        exact = stats.binomtest(hits, 12).proportion_ci(0.98, method="exact")
        assert (low[i], high[i]) == pytest.approx((exact.low, exact.high), abs=1e-12)


@pytest.mark.parametrize("recalls", [(0.5, 0.4, 0.3, 0.2), (0.0, 0.02, 0.98, 0.6)])
def test_bounds_of_a_uar_hold_for_recalls_near_0_and_1(recalls):
    rng = np.random.default_rng(11)
    truth = np.tile(np.repeat(EMOTIONS, 12), (20_000, 1))
    said = np.where(rng.random(truth.shape) < np.array(recalls)[truth], truth, -1)
    low, high = Recalls.of(UAR(EMOTIONS), rows(truth, said)).bounds(0.005)
    assert np.mean(high < np.mean(recalls)) <= 0.005
    assert np.mean(low > np.mean(recalls)) <= 0.01


@pytest.mark.parametrize("between", [0.0, 0.05, 0.1])
def test_the_error_of_the_median_is_that_of_redrawn_rows(between):
    rng = np.random.default_rng(12)
    true = rng.normal(0, between, (200, 1, 20)) if between else np.zeros((200, 1, 20))
    seen = true + rng.normal(0, 0.05, (200, 200, 20))
    expected = np.sqrt(np.median(seen, axis=2).var(axis=1).mean())
    found = np.sqrt(np.mean([median_error(one[0], np.full(20, 0.05)) ** 2 for one in seen]))
    assert found == pytest.approx(expected, rel=0.15)


@dataclass(frozen=True)
class Normal:
    """Values with known normal errors."""

    values: np.ndarray
    errors: np.ndarray
    range = (-1.0, 1.0)

    @property
    def n(self):
        return np.full(len(self.values), 100)

    def bounds(self, level):
        reach = stats.norm.isf(level) * self.errors
        return self.values - reach, self.values + reach

    def enough(self, limit, level):
        return 1


def test_speakers_are_named_by_holms_rule_over_all_speakers_and_outputs():
    rng = np.random.default_rng(13)
    more = 0
    for _ in range(200):
        values = rng.normal(0.6, 0.02, (2, 11))
        values[:, :4] -= rng.uniform(0.2, 0.45, (2, 4))
        standings = {str(i): Normal(v, np.full(11, 0.05)) for i, v in enumerate(values)}
        found, tests = deficits(standings, 0.2, 0.05)
        p = []
        for one in found.values():
            z = (one.limit - one.standing.values) / np.hypot(0.05, one.error)
            p.append(stats.norm.sf(z))
        p = np.concatenate(p)
        order = np.argsort(p)
        steps = p[order] <= 0.05 / (22 - np.arange(22))  # Holm 1979
        expected = np.zeros(22, bool)
        expected[order] = np.cumprod(steps).astype(bool)
        assert tests == 22
        assert np.concatenate([one.named for one in found.values()]).tolist() == expected.tolist()
        more += expected.sum() > np.sum(p <= 0.05 / 22)
    assert more > 10, "steps name some whom Bonferroni does not"


def test_the_rows_to_name_a_speaker_give_80_percent_power():
    rng = np.random.default_rng(15)
    level, limit = 0.01 / 60, 0.42
    truth = rng.normal(0, 0.15, (20, 200))
    said = 0.6 * truth + rng.normal(0, 0.11, truth.shape)
    needed = Concordance.of(rows(truth, said)).enough(limit, level)
    # predictions of the same spread, unrelated to truth
    truth = rng.normal(0, 0.15, (4000, needed))
    unrelated = rng.normal(0, np.sqrt(0.36 * 0.0225 + 0.0121), truth.shape)
    high = Concordance.of(rows(truth, unrelated)).bounds(level)[1]
    assert np.mean(high < limit) == pytest.approx(0.8, abs=0.03)
    standing = Recalls.of(UAR(EMOTIONS), rows(np.tile(EMOTIONS, (20, 10)), np.tile(EMOTIONS, (20, 10))))
    needed = standing.enough(0.5, level)
    truth = np.tile(np.resize(EMOTIONS, needed), (4000, 1))
    chance = Recalls.of(UAR(EMOTIONS), rows(truth, rng.integers(0, 4, truth.shape)))
    assert np.mean(chance.bounds(level)[1] < 0.5) == pytest.approx(0.8, abs=0.06)
    assert standing.enough(0.25, level) is None


def broken(frame, *names, seed=0):
    """Permute all scores of some speakers over their utterances."""
    rng = np.random.default_rng(seed)
    for name in names:
        own = frame["speaker"] == name
        for column in (c for c in frame if c.startswith("score.")):
            frame.loc[own, column] = rng.permutation(frame.loc[own, column])
    return frame


def test_a_named_speaker_has_a_finding_that_says_how_far_and_how_sure(simulate, judge, pick):
    found = judge(broken(simulate(each=200, noise=0.1), "one-03"))
    assert {f.subject.group for f in found} == {"speaker: one-03"}
    for finding in found:
        assert finding.verdict == "fail"
        assert finding.estimate.high < finding.limit.low
        median, least = finding.details["median"], finding.details["least_deficit"]
        assert finding.limit.low == pytest.approx(median - RULE.deficit)
        assert least == pytest.approx(median - finding.estimate.high)
        assert (finding.estimate.n, finding.details["tests"]) == (200, 40)
        assert "speaker one-03" in finding.message
        assert "200 rows" in finding.message


def test_where_nobody_can_be_broken_there_is_a_pass_on_each_output(simulate, judge):
    found = judge(simulate(each=200))
    assert [(f.subject.output, f.verdict) for f in found] == [("arousal", "pass"), ("emotion", "pass")]
    assert all(f.estimate.low > f.limit.low for f in found)


def test_an_open_question_says_how_many_rows_would_decide_it(simulate, judge, pick):
    finding = pick(judge(simulate(each=40)), "SER406", output="emotion")
    assert finding.verdict == "inconclusive"
    assert finding.estimate.low < finding.limit.low < finding.estimate.high
    needed = finding.details["rows_to_decide"]
    assert needed > 40
    assert f"about {rounded(needed)} rows per speaker would decide it" in finding.message
    assert "one-" not in finding.message


def test_too_few_rows_are_told_with_the_number_that_is_needed(simulate, judge, pick):
    finding = pick(judge(simulate(each=25, noise=0.15)), "SER406", output="arousal")
    assert finding.verdict == "not_applicable"
    assert finding.details["rows_to_name"] > 25
    assert f"about {finding.details['rows_to_name']} rows" in finding.message
    assert "none has more than 25" in finding.message


def test_a_median_speaker_near_chance_is_not_judged(simulate, judge, pick):
    finding = pick(judge(simulate(each=200, noise=0.5)), "SER406", output="arousal")
    assert (finding.verdict, finding.details["rows_to_name"]) == ("not_applicable", None)
    assert "so low that predictions unrelated to truth" in finding.message


def test_without_skill_a_broken_speaker_is_named_and_nobody_passes(simulate, judge):
    """One broken speaker can itself be why the skill of all is uncertain."""
    found = judge(broken(simulate(each=200, noise=0.1), "one-03"), reason="no skill is shown on it")
    assert {f.verdict for f in found} == {"fail"}  # on both outputs
    assert {f.subject.group for f in found if f.verdict == "fail"} == {"speaker: one-03"}


def test_two_speakers_have_no_median_to_be_held_against(simulate, judge):
    found = judge(simulate(speakers=2, each=100))
    assert {f.verdict for f in found} == {"not_applicable"}
    assert all("a median needs three" in f.message for f in found)


def test_a_speaker_without_a_value_keeps_the_question_open(simulate, judge, pick):
    frame = simulate(each=200)
    frame.loc[frame["speaker"] == "one-03", "truth.arousal"] = 0.5
    finding = pick(judge(frame), "SER406", output="arousal")
    assert finding.verdict == "inconclusive"
    assert "speakers whose rows are too few or of one truth: 1" in finding.message
