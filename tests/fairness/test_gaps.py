"""Gaps: raw ones equal MetricFrame, identical raters have none at equal truth, verdicts follow."""

import audmetric
import numpy as np
import pytest
from fairlearn.metrics import MetricFrame
from ser_audit.benchmark import policy
from ser_audit.benchmark.estimand import contrast
from ser_audit.benchmark.metrics import CCC
from ser_audit.benchmark.resampling import Draws, intervals
from ser_audit.fairness import audit
from ser_audit.fairness.columns import columns
from ser_audit.fairness.gaps import gaps
from ser_audit.fairness.pairs import Pair
from ser_audit.fairness.skilled import Skills

CLASSES = ("angry", "happy", "neutral", "sad")
POLICY = policy.load("default")
PAIR = "sex: female − male"


def guesses(frame):
    return np.array(CLASSES)[frame[[f"score.emotion.{c}" for c in CLASSES]].to_numpy().argmax(axis=1)]


def uar(truth, prediction):
    return audmetric.unweighted_average_recall(truth, prediction, labels=CLASSES)


def by_sex(frame, output):
    """The main metric of each sex by fairlearn and audmetric."""
    truth, prediction, metric = (
        (frame["truth.emotion"].to_numpy(dtype=str), guesses(frame), uar)
        if output == "emotion"
        else (frame["truth.arousal"].to_numpy(), frame["score.arousal"].to_numpy(), audmetric.concordance_cc)
    )
    return MetricFrame(metrics=metric, y_true=truth, y_pred=prediction, sensitive_features=frame["group.sex"])


def weighted_ccc(truth, prediction, weights):
    """CCC of weighted rows from its definition (Lin 1989)."""
    y, x = np.average(truth, weights=weights), np.average(prediction, weights=weights)
    covariance = np.cov(truth, prediction, aweights=weights, ddof=0)
    return 2 * covariance[0, 1] / (covariance[0, 0] + covariance[1, 1] + (x - y) ** 2)


def spread(rng, sds, speakers=20, each=25):
    """One and the same rater on two sexes whose truths differ in their standard deviations."""
    columns = {"truth": [], "score": []}
    for sd in sds:
        own = rng.normal(0.5, sd / np.sqrt(10), (speakers, 1))
        truth = np.clip(own + rng.normal(0, sd * np.sqrt(0.9), (speakers, each)), 0, 1)
        bias, slope = rng.normal(0, 0.04, (speakers, 1)), 0.6 * (1 + rng.normal(0, 0.12, (speakers, 1)))
        noise = 0.1 * np.exp(rng.normal(0, 0.2, (speakers, 1))) * rng.normal(0, 1, (speakers, each))
        columns["truth"].append(truth)
        columns["score"].append(np.clip(0.5 + bias + slope * (truth - 0.5) + noise, 0, 1))
    return {name: np.concatenate(values).ravel() for name, values in columns.items()}


@pytest.fixture(scope="module")
def unequal(simulate):
    """A frame of 20 + 20 speakers whose arousal comes from identical raters of unlike truths."""

    def made(seed, sds, each=25, speakers=20):
        frame = simulate(speakers=2 * speakers, each=each)
        values = spread(np.random.default_rng(seed), sds, speakers, each)
        frame["truth.arousal"], frame["score.arousal"] = values["truth"], values["score"]
        return frame

    return made


@pytest.mark.parametrize("output", ["arousal", "emotion"])
def test_groups_and_raw_gaps_equal_metric_frame(simulate, make_run, pick, output):
    frame = simulate(bias=lambda sex: 0.1 * (sex == "female"))
    found = audit.judge(make_run(frame), POLICY)
    expected = by_sex(frame, output)
    for sex in ("female", "male"):
        finding = pick(found, "SER402", output=output, group=f"sex: {sex}")
        assert finding.estimate.value == pytest.approx(expected.by_group[sex], abs=1e-12)
        assert (finding.estimate.n, finding.estimate.speakers) == (250, 10)
        assert finding.estimate.low < finding.estimate.value < finding.estimate.high
        to_all = pick(found, "SER410", output=output, group=f"sex: {sex} − all")
        assert to_all.estimate.value == pytest.approx(expected.by_group[sex] - expected.overall, abs=1e-12)
        assert to_all.metric == f"gap to all of {finding.metric}"
        assert "all includes the group" in to_all.message
    gap = pick(found, "SER401", output=output, group=PAIR)
    assert gap.details["raw_first"] == pytest.approx(expected.by_group["female"], abs=1e-12)
    assert gap.details["raw_second"] == pytest.approx(expected.by_group["male"], abs=1e-12)
    raw = expected.by_group["female"] - expected.by_group["male"]
    assert gap.details["raw_gap"] == pytest.approx(raw, abs=1e-12)
    assert (gap.details["speakers_first"], gap.details["speakers_second"]) == (10, 10)
    if output == "emotion":
        assert gap.estimate.value == pytest.approx(raw, abs=1e-12)
    extremes = pick(found, "SER411", output=output, group="sex")
    assert extremes.estimate.value == pytest.approx(expected.difference(), abs=1e-12)
    assert extremes.details["worst"] == expected.by_group.idxmin()


def test_sums_of_a_group_equal_those_of_its_rows(simulate, score, group):
    """Groups are cut out of sums over everybody: the same as summing their rows alone."""
    frame = simulate(speakers=9, each=20)
    frame["group.town"] = frame["speaker"].map(
        dict(zip(sorted(set(frame["speaker"])), "abcabcabc", strict=True))
    )
    for output in ("arousal", "emotion"):
        groups = group(score(frame), "town", output)
        for town, tally in groups.tallies.items():
            own = frame[frame["group.town"] == town]
            labels = groups.shared(town)
            value = tally.level(labels).value
            if output == "emotion":
                expected = uar(own["truth.emotion"].to_numpy(dtype=str), guesses(own))
            else:
                expected = audmetric.concordance_cc(
                    own["truth.arousal"].to_numpy(), own["score.arousal"].to_numpy()
                )
            assert value == pytest.approx(expected, abs=1e-12)


def test_the_gap_is_that_of_rows_weighted_to_the_same_truth(unequal, score, group):
    """Overlap weights over 16 bins of truth, row by row (Li, Morgan & Zaslavsky 2018)."""
    frame = unequal(0, (0.18, 0.12))
    bins = np.minimum((frame["truth.arousal"].to_numpy() * 16).astype(int), 15)
    female = (frame["group.sex"] == "female").to_numpy()
    n, m = (np.bincount(bins[rows], minlength=16) for rows in (female, ~female))
    weights = np.where(female, m[bins], n[bins]) / (n + m)[bins]
    values = [
        weighted_ccc(frame["truth.arousal"][rows], frame["score.arousal"][rows], weights[rows])
        for rows in (female, ~female)
    ]
    pair = Pair(group(score(frame), "sex"), "female", "male")
    assert pair.estimand.value == pytest.approx(values[0] - values[1], abs=1e-12)
    details = pair.details()
    assert (details["value_first"], details["value_second"]) == pytest.approx(tuple(values), abs=1e-12)
    assert details["without_overlap"] == n[m == 0].sum() + m[n == 0].sum() > 0


@pytest.mark.parametrize(("sds", "raw"), [((0.18, 0.12), 0.145), ((0.16, 0.13), 0.075)])
def test_identical_raters_of_unlike_truths_have_no_gap_at_equal_truth(unequal, score, group, sds, raw):
    """What the number of bins was chosen for: a mean gap within .01 where the raw one is .15 or .08."""
    found = []
    for seed in range(50):
        pair = Pair(group(score(unequal(seed, sds)), "sex"), "female", "male")
        found.append((pair.estimand.value, pair.raw.value))
    at_equal_truth, as_it_is = np.array(found).T
    error = at_equal_truth.std() / np.sqrt(50)
    assert abs(at_equal_truth.mean()) < 0.01 + 2 * error
    assert as_it_is.mean() == pytest.approx(raw, abs=0.02)
    assert at_equal_truth.std() < 1.1 * as_it_is.std()  # it costs little precision


def test_identical_raters_of_unlike_truths_do_not_fail(unequal, make_run, pick):
    gap = pick(
        audit.judge(make_run(unequal(3, (0.18, 0.12), 50, 60)), POLICY),
        "SER401",
        output="arousal",
        group=PAIR,
    )
    assert gap.details["raw_gap"] > 0.1
    assert gap.estimate.low < 0 < gap.estimate.high
    assert gap.verdict != "fail"
    assert "at equal truth (.1" in gap.message
    assert "at each group's own)" in gap.message
    assert "female − male" in gap.message


def test_a_planted_gap_fails_and_none_passes_with_enough_speakers(simulate, make_run, pick):
    planted = simulate(speakers=60, bias=lambda sex: 0.12 * (sex == "female"))
    gap = pick(audit.judge(make_run(planted), POLICY), "SER401", output="arousal", group=PAIR)
    assert gap.verdict == "fail"
    assert gap.estimate.high < -0.075
    assert "lower for female than for male" in gap.message
    assert gap.details["permutation_p"] == pytest.approx(1 / 1001)
    none = simulate(speakers=60)
    gap = pick(audit.judge(make_run(none), POLICY), "SER401", output="arousal", group=PAIR)
    assert gap.verdict == "pass"
    assert gap.message.startswith("No evidence of a gap in CCC of arousal")
    assert gap.details["permutation_p"] > 0.05


def test_a_random_rater_passes_nothing(simulate, make_run):
    """It treats everybody alike, and tells nothing of anybody."""
    noise = {"noise.white@snr_db=20": (0.25, 0.5)}
    for seed in range(3):
        frame = simulate(seed=seed, speakers=100, noise=5.0, errors=1.0, conditions=noise)
        found = audit.judge(make_run(frame), POLICY)
        assert not {"pass", "inconclusive"} & {f.verdict for f in found}
        assert any("no skill is shown" in f.message for f in found)


def test_skill_in_one_group_keeps_all_of_them_judged(simulate, make_run, score, group, pick):
    """A checkpoint that works for men alone must answer for the women."""
    frame = simulate(speakers=60)
    female = (frame["group.sex"] == "female").to_numpy()
    frame.loc[female, "score.arousal"] = 1 - frame["score.arousal"]
    truth, said = frame["truth.arousal"].to_numpy(), frame["score.arousal"].to_numpy()
    assert abs(audmetric.concordance_cc(truth, said)) < 0.1
    found = audit.judge(make_run(frame), POLICY)
    gap = pick(found, "SER401", output="arousal", group=PAIR)
    assert gap.verdict == "fail"
    scored = score(frame)
    skills, groups = Skills(scored, POLICY), group(scored, "sex")
    assert "no skill is shown on arousal" in skills.reasons["arousal"]
    assert skills.grounds(groups, Draws.of(groups.column.strata, 500, 0)).reason is None
    frame["score.arousal"] = np.where(female, said, 1 - said)  # nobody is heard
    gap = pick(audit.judge(make_run(frame), POLICY), "SER401", output="arousal", group=PAIR)
    assert gap.verdict == "not_applicable"
    assert "no skill is shown on arousal" in gap.message


def test_a_weak_checkpoint_gets_no_pass_for_a_small_gap(simulate, make_run, pick):
    """Skilled, but within .3, four times the limit, of chance: its gaps are small whatever it does."""
    frame = simulate(speakers=200, noise=0.0, errors=0.7)
    truth = frame["truth.arousal"].to_numpy()
    rng = np.random.default_rng(9)
    frame["score.arousal"] = 0.5 + 0.15 * (truth - 0.5) + rng.normal(0, 0.03, len(frame))
    found = audit.judge(make_run(frame), POLICY)
    gap = pick(found, "SER401", output="arousal", group=PAIR)
    assert -0.075 < gap.estimate.low < gap.estimate.high < 0.075
    assert gap.verdict == "not_applicable"
    assert "weak checkpoints have small gaps" in gap.message
    assert "4 times the limit (.3)" in gap.message


def test_the_family_is_all_gaps_of_a_column_and_columns_share_the_error(simulate, make_run, pick):
    frame = simulate()
    frame["group.language"] = np.where(np.arange(len(frame)) // 25 % 2, "en", "pl")
    frame["truth.valence"], frame["score.valence"] = frame["truth.arousal"], frame["score.arousal"]
    found = audit.judge(make_run(frame), POLICY)
    for column in (PAIR, "language: en − pl"):
        for output in ("arousal", "valence", "emotion"):
            gap = pick(found, "SER401", output=output, group=column)
            assert gap.estimate.method == "studentised speaker bootstrap, simultaneous over 3"
            assert gap.estimate.confidence == pytest.approx(1 - 0.04 / 2)
    assert len({f.family for f in pick(found, "SER401", one=False) if f.family}) == 2
    crossed = pick(found, "SER401", output="arousal", group="sex × language: female × en − male × en")
    assert (crossed.family, crossed.limit, crossed.verdict) == (None, None, "not_applicable")
    together = pick(found, "SER490", one=False)
    assert (
        sorted((f.subject.group, f.details["members"]) for f in together)
        == [(PAIR, 3), ("language: en − pl", 3)][::-1]
    )


def test_recall_gaps_compare_the_classes_that_both_groups_show(simulate, make_run, pick):
    frame = simulate()
    frame = frame[~((frame["group.sex"] == "female") & (frame["truth.emotion"] == "sad"))]
    gap = pick(audit.judge(make_run(frame), POLICY), "SER401", output="emotion", group=PAIR)
    assert gap.details["classes"] == 3
    male = frame[(frame["group.sex"] == "male") & (frame["truth.emotion"] != "sad")]
    recalls = audmetric.recall_per_class(
        male["truth.emotion"].to_numpy(dtype=str), guesses(male), labels=CLASSES
    )
    assert gap.details["value_second"] == pytest.approx(np.mean([recalls[c] for c in CLASSES[:3]]), abs=1e-12)
    assert gap.estimate.n == len(frame) - (frame["truth.emotion"] == "sad").sum()


def test_bilingual_speakers_are_compared_with_themselves(simulate, make_run, pick):
    """A speaker in both groups is drawn once for both: what is the speaker's cancels."""
    frame = simulate()
    frame["group.language"] = np.where(np.arange(len(frame)) % 2, "en", "pl")
    gap = pick(audit.judge(make_run(frame), POLICY), "SER401", output="arousal", group="language: en − pl")
    assert gap.details["speakers_first"] == gap.details["speakers_second"] == gap.estimate.speakers == 20
    assert gap.estimate.low < gap.estimate.value < gap.estimate.high


def test_speakers_are_drawn_within_their_group_unless_one_speaker_is_in_two(simulate, score):
    frame = simulate(speakers=4)
    assert columns(score(frame), POLICY)[0].strata.tolist() == [1, 1, 2, 2]
    frame.loc[0, "group.sex"] = "male"
    sex = columns(score(frame), POLICY)[0]
    assert (sex.fixed, sex.strata.tolist(), sex.left_out) == (False, [0, 0, 0, 0], ())


def test_intervals_cover_where_truths_are_unlike(unequal, score, group):
    """95 % intervals of identical raters' gap, 16 cells redrawn in every draw, hold 0 in 92 to 99 %."""
    held, count = 0, 100
    draws = Draws.of(np.repeat([1, 2], 12), 300, 0)
    for seed in range(count):
        pair = Pair(group(score(unequal(seed, (0.16, 0.13), speakers=12)), "sex"), "female", "male")
        (interval,) = intervals([pair.estimand], draws)
        held += interval.low < 0 < interval.high
    assert 0.9 < held / count < 0.995


def test_corpora_of_two_languages_are_compared_and_never_judged(simulate, make_run, pick):
    one, two = simulate("one"), simulate("two", seed=1, noise=0.2, speakers=12, language="pl")
    gap = pick(audit.judge(make_run(one, two), POLICY), "SER405", output="arousal")
    values = [
        audmetric.concordance_cc(f["truth.arousal"].to_numpy(), f["score.arousal"].to_numpy())
        for f in (one, two)
    ]
    assert gap.estimate.value == pytest.approx(values[0] - values[1], abs=1e-12)
    assert gap.subject.group == "language: en − pl"
    assert gap.subject.corpus is None
    assert (gap.estimate.n, gap.estimate.speakers) == (800, 32)
    assert (gap.details["first"], gap.details["second"]) == ("one", "two")
    assert (gap.verdict, gap.limit) == ("not_applicable", None)
    sides = []
    for frame, rest, last in ((one, 12, False), (two, 20, True)):
        metric = CCC(0.5, 0.5)
        rows = metric.rows(frame["truth.arousal"].to_numpy(), frame["score.arousal"].to_numpy())
        sums = [rows[frame["speaker"] == name].sum(axis=0) for name in sorted(set(frame["speaker"]))]
        blank = np.zeros((rest, 6))
        sides.append((metric, np.vstack([blank, sums] if last else [sums, blank])))
    draws = Draws.of(np.repeat([0, 1], [20, 12]), POLICY.draws, POLICY.seed)
    (expected,) = intervals([contrast(*sides)], draws)
    assert (gap.estimate.low, gap.estimate.high) == (
        pytest.approx(expected.low, abs=1e-9),
        pytest.approx(expected.high, abs=1e-9),
    )
    assert gap.estimate.low > 0
    assert "differ in more than their language" in gap.message


def test_training_speakers_take_no_part(simulate, make_run, training):
    found = audit.judge(make_run(simulate(), trained_on=(training("one"),)), POLICY)
    assert [(f.code, f.verdict) for f in found] == [("SER401", "not_applicable")]


def test_every_finding_has_a_code_that_is_listed_and_no_word_too_much(simulate, make_run):
    noise = {"noise.white@snr_db=20": (0.25, 0.5)}
    frames = simulate("one", conditions=noise), simulate("two", language="pl", conditions=noise)
    found = audit.judge(make_run(*frames), POLICY)
    assert {f.code for f in found} == set(audit.CODES)
    for finding in found:
        assert not {"fair", "unbiased", "unfair", "debiased"} & set(finding.message.lower().split())
        assert finding.message.endswith(".")
        assert finding.message.count(". ") == 0


def test_gaps_are_held_against_the_limit_of_their_column(simulate, score, group):
    """Without a limit of the policy a gap is measured."""
    questions = list(gaps(group(score(simulate()), "sex"), POLICY))
    assert [q.limit.high for q in questions] == [0.075]
    free = POLICY.model_copy(update={"fairness": {}})
    assert [q.limit for q in gaps(group(score(simulate()), "sex"), free)] == [None]
