"""Invented raters keep what the simulations of verdicts rest on."""

from dataclasses import replace

import audmetric
import numpy as np
import pytest
from ser_audit.benchmark.selftest.planted import SOUND
from ser_audit.benchmark.selftest.raters import (
    TYPICAL,
    Rater,
    Speakers,
    scores,
    speakers,
    spread_between_speakers,
    truths,
)

ROWS = 1_000_000


@pytest.fixture(scope="module")
def spread() -> dict[str, float]:
    return spread_between_speakers(np.random.default_rng(1))


def test_speakers_differ_in_ccc_by_a_sd_of_eight_to_ten_hundredths_around_six_tenths(spread):
    assert 0.08 < spread["sd, measured"] < 0.10
    assert 0.08 < spread["sd, by formula"] < 0.10
    assert spread["mean, measured"] == pytest.approx(0.6, abs=0.02)


def test_what_a_million_rows_show_is_what_the_formula_says(spread):
    assert spread["sd, measured"] == pytest.approx(spread["sd, by formula"], abs=0.004)
    assert spread["mean, measured"] == pytest.approx(spread["mean, by formula"], abs=0.004)


def test_the_spread_is_measured_as_audmetric_would():
    """On fewer speakers, with a loop: the same numbers."""
    count, utterances = 30, 100
    found = spread_between_speakers(np.random.default_rng(3), count, utterances)
    rng = np.random.default_rng(3)
    people = speakers(count, rng)
    owners = np.repeat(np.arange(count), utterances)
    truth = truths(people, owners, rng)
    given = scores(people, truth, owners, rng)
    own = [audmetric.concordance_cc(truth[owners == s], given[owners == s]) for s in range(count)]
    assert found["mean, measured"] == pytest.approx(np.mean(own), abs=1e-12)
    assert found["pooled CCC, measured"] == pytest.approx(audmetric.concordance_cc(truth, given), abs=1e-12)


@pytest.mark.parametrize("bias", [0.0, 0.06])
def test_the_formula_of_one_speaker_is_the_ccc_of_a_million_rows(bias):
    one = Speakers(*(np.array([v]) for v in (0.45, 0.12, bias, 0.7, 0.09)))
    rng = np.random.default_rng(2)
    owners = np.zeros(ROWS, dtype=np.int64)
    truth = truths(one, owners, rng)
    measured = audmetric.concordance_cc(truth, scores(one, truth, owners, rng))
    assert measured == pytest.approx(one.ccc[0], abs=0.002)


def test_truth_varies_within_and_between_speakers_as_stated():
    rng = np.random.default_rng(4)
    people = speakers(1000, rng)
    truth = truths(people, np.repeat(np.arange(1000), 200), rng).reshape(1000, 200)
    assert truth.std(axis=1, ddof=1).mean() == pytest.approx(0.15, abs=0.002)
    between = truth.mean(axis=1).var(ddof=1) - 0.15**2 / 200
    assert np.sqrt(between) == pytest.approx(0.05, abs=0.004)


def test_speaker_effects_have_the_stated_spreads():
    people = speakers(100_000, np.random.default_rng(5))
    assert people.bias.std() == pytest.approx(0.04, abs=0.0005)
    assert (people.slope / TYPICAL.slope).std() == pytest.approx(0.12, abs=0.002)
    assert np.log(people.noise / TYPICAL.noise).std() == pytest.approx(0.2, abs=0.003)


def test_a_rater_without_effects_hears_all_alike():
    rater = Rater(bias_sd=0, slope_sd=0, log_noise_sd=0)
    people = replace(speakers(50, np.random.default_rng(6), rater), mean=np.full(50, 0.5))
    assert np.ptp(people.ccc) == pytest.approx(0, abs=1e-12)
    expected = 2 * 0.6 * 0.15**2 / (0.15**2 * (1 + 0.6**2) + 0.11**2)
    assert people.ccc[0] == pytest.approx(expected, abs=1e-12)


def test_nobody_is_truly_broken_where_speaker_effects_have_an_end():
    """The policy's deficit is .2: of a million speakers, at one truth, the worst lies a third inside."""

    def deficits(rater: Rater) -> np.ndarray:
        drawn = speakers(ROWS, np.random.default_rng(8), rater)
        alike = replace(drawn, mean=np.full(ROWS, 0.5), spread=np.full(ROWS, np.hypot(0.15, 0.05)))
        return np.median(alike.ccc) - alike.ccc

    assert deficits(SOUND).max() < 0.135
    assert np.mean(deficits(replace(SOUND, reach=np.inf)) > 0.2) == pytest.approx(1 / 170, rel=0.1)


def test_scores_and_truth_stay_on_the_scale():
    rng = np.random.default_rng(7)
    people = speakers(20, rng, Rater(slope=3, noise=0.5))
    owners = np.repeat(np.arange(20), 500)
    truth = truths(people, owners, rng)
    given = scores(people, truth, owners, rng)
    assert 0 <= truth.min() <= truth.max() <= 1
    assert (given.min(), given.max()) == (0, 1)
