"""Individual speakers: values, their sampling spread, and what is left between speakers beyond it."""

from dataclasses import replace

import audmetric
import numpy as np
import pytest
from ser_audit.benchmark import policy
from ser_audit.benchmark.estimand import Rows
from ser_audit.benchmark.metrics import CCC, UAR
from ser_audit.benchmark.scored import tables
from ser_audit.fairness.sampling import own
from ser_audit.fairness.speakers import individual
from ser_audit.fairness.spread import natural_spread, q_profile

POLICY = policy.load("default")


@pytest.fixture
def judge(make_run):
    """Judge the speakers of a table, with skill on all outputs."""

    def found(frame):
        ((scored, *_),) = tables(make_run(frame))
        return individual(scored, POLICY, dict.fromkeys(scored.outputs))

    return found


def rows(truth, prediction):
    """Rows of one speaker per line: (speakers, n)."""
    speakers, n = truth.shape
    owners = np.repeat(np.arange(speakers), n)
    return Rows(truth.ravel(), prediction.ravel(), np.ones(truth.size, bool), owners, speakers)


def raters(rng, speakers, n, spread=0.0):
    """Truth and predictions (speakers, n) with a CCC about .6, and speakers' biases of sd ``spread``."""
    truth = rng.normal(0.5, 0.15, (speakers, n))
    bias = rng.normal(0, spread, (speakers, 1)) if spread else 0.0
    return truth, 0.5 + bias + 0.6 * (truth - 0.5) + rng.normal(0, 0.11, (speakers, n))


def test_every_speaker_has_its_own_value(simulate, judge, pick):
    frame = simulate()
    found = judge(frame)
    values = []
    for name, part in frame.groupby("speaker"):
        truth, score = part["truth.arousal"].to_numpy(), part["score.arousal"].to_numpy()
        values.append(audmetric.concordance_cc(truth, score))
        finding = pick(found, "SER403", output="arousal", group=f"speaker: {name}")
        assert finding.estimate.value == pytest.approx(values[-1], abs=1e-12)
        assert (finding.estimate.low, finding.estimate.n) == (None, 25)
    spread = pick(found, "SER404", output="arousal")
    assert spread.details["sd"] == pytest.approx(np.std(values, ddof=1), abs=1e-12)
    assert spread.details["lowest"] == pytest.approx(min(values), abs=1e-12)
    assert spread.details["median"] == pytest.approx(np.median(values), abs=1e-12)
    assert not any(name in spread.message for name in frame["speaker"])


@pytest.mark.parametrize(("n", "tolerance"), [(10, 0.06), (25, 0.04), (100, 0.04)])
def test_the_sampling_variance_of_a_ccc_is_that_of_redrawn_corpora(n, tolerance):
    each = own(CCC(0.5, 0.5), rows(*raters(np.random.default_rng(n), 8000, n)))
    assert each.variances.mean() == pytest.approx(each.values.var(), rel=tolerance)


def test_the_sampling_variance_of_a_uar_is_that_of_redrawn_corpora():
    rng = np.random.default_rng(0)
    truth = np.tile(np.repeat([0, 1], 20), (4000, 1))
    prediction = np.where(rng.random(truth.shape) < np.where(truth, 0.6, 0.9), truth, 1 - truth)
    each = own(UAR((0, 1)), rows(truth, prediction))
    assert each.variances.mean() == pytest.approx(each.values.var(), rel=0.06)
    sure = own(UAR((0, 1)), rows(truth[:1], truth[:1]))
    assert sure.values[0] == 1
    assert sure.variances[0] > 0, "a recall of 1 from 20 rows is not certain"


def test_the_natural_spread_is_that_of_the_published_example():
    """The 13 BCG trials: τ² .318 by Paule–Mandel, Q-profile interval .1197 to 1.1115 (metafor, dat.bcg)."""
    ill = np.array([4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27])
    well = np.array([119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886])
    control_ill = np.array([11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29])
    control_well = np.array([128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825])
    n, control = ill + well, control_ill + control_well
    ratios = np.log(ill / n) - np.log(control_ill / control)
    variances = 1 / ill - 1 / n + 1 / control_ill - 1 / control
    _, squares, low, high = q_profile(ratios, variances, 0.95)
    assert (squares, low, high) == pytest.approx((0.3181, 0.1197, 1.1115), abs=5e-5)


@pytest.mark.parametrize("bias", [0.0, 0.06], ids=["none", "real"])
def test_the_interval_of_the_spread_covers_it(bias):
    rng = np.random.default_rng(1)
    each = own(CCC(0.5, 0.5), rows(*raters(rng, 2000, 500, bias)))
    true = np.sqrt(each.values.var() - each.variances.mean()) if bias else 0.0
    assert (true > 0.04) == bool(bias)
    covered = []
    for _ in range(300):
        spread = natural_spread(own(CCC(0.5, 0.5), rows(*raters(rng, 20, 25, bias))), 0.95)
        covered.append(spread.low is not None and spread.low <= true <= spread.high)
    assert np.mean(covered) > 0.9


def test_shrunken_values_lie_nearer_to_the_true_ones():
    rng = np.random.default_rng(2)
    truth, prediction = raters(rng, 500, 2000, 0.06)
    few = own(CCC(0.5, 0.5), rows(truth[:, :25], prediction[:, :25]))
    known = own(CCC(0.5, 0.5), rows(truth, prediction)).values
    spread = natural_spread(few, 0.95)
    missed = [np.mean((found - known) ** 2) for found in (few.values, spread.shrunken)]
    assert missed[1] < 0.35 * missed[0]
    # as much of the distance to the mean is left as is natural: τ² / (τ² + v) with the mean variance
    exact = replace(few, variances=few.variances.mean() + 0 * few.values)
    spread = natural_spread(exact, 0.95)
    left = spread.tau**2 / (spread.tau**2 + exact.variances[0])
    expected = few.values.mean() + left * (few.values - few.values.mean())
    assert spread.shrunken == pytest.approx(expected, abs=1e-9)


def test_what_is_left_after_shrinking_is_in_the_findings(simulate, judge, pick):
    frame = simulate(noise=0.1)
    frame.loc[frame["speaker"] < "one-05", "score.arousal"] += 0.3
    found = judge(frame)
    spread = pick(found, "SER404", output="arousal")
    assert 0 < spread.estimate.low < spread.estimate.value < spread.estimate.high
    assert spread.estimate.method == "Q-profile"
    shrunken = [f.details["shrunken"] for f in pick(found, "SER403", one=False, output="arousal")]
    assert np.ptp(shrunken) < spread.details["highest"] - spread.details["lowest"]
    assert spread.details["worst_decile"] == pytest.approx(np.quantile(shrunken, 0.1))
    assert "beyond sampling" in spread.message


def test_a_speaker_whose_truth_and_prediction_are_constant_is_null_with_a_reason(simulate, judge, pick):
    frame = simulate()
    frame.loc[frame["speaker"] == "one-03", ["truth.arousal", "score.arousal"]] = 0.5
    finding = pick(judge(frame), "SER403", output="arousal", group="speaker: one-03")
    assert finding.estimate.value is None
    assert finding.details == {"sampling_sd": None, "shrunken": None}
    assert "undefined: constant" in finding.message
