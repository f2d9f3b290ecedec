"""What the selftest must find: the committed table, and how findings are held against it."""

import audmetric
import numpy as np
import pytest
from ser_audit.benchmark.finding import Estimate, Finding, Limit, Subject
from ser_audit.benchmark.selftest import planted, truth
from ser_audit.benchmark.selftest.expected import (
    SKILL,
    TOGETHER,
    About,
    Expected,
    column,
    compare,
    read,
    write,
)
from ser_audit.benchmark.selftest.trial import MUTANTS, limits

ROWS = read()
# Where each defect must show, whatever else does.
SHOWS = {
    "random rater": {"SER201", "SER209", "SER202"},
    "constant rater": {"SER201", "SER209", "SER202"},
    "group-mean rater": {"SER209", "SER202"},
    "swapped outputs": {"SER201", "SER202"},
    "sex-biased": {"SER401"},
    "language-biased": {"SER401"},
    "one broken speaker of 20": {"SER406"},
    "female-only-under-noise": {"SER407"},
    "words-only": {"SER201"},
    "re-initialised head": {"SER201"},
    "noise-fragile": {"SER301", "SER303"},
    "level-sensitive": {"SER303"},
    "padding-leaky": {"SER103"},
    "non-deterministic": {"SER102"},
    "memoriser of training speakers": {"SER104", "SER201"},
    "corpus-bound": {"SER201"},
    "NaN on silence": {"SER106"},
    "slow": {"SER603"},
}


def must(mutant: str, code: str | None = None) -> list[Expected]:
    return [r for r in ROWS if r.mutant == mutant and r.must == "fail" and code in (None, r.about.code)]


def test_all_19_mutants_are_there():
    assert len(MUTANTS) == 19
    assert {*SHOWS, "clean"} == set(MUTANTS)
    assert {r.mutant for r in ROWS} == set(MUTANTS)
    assert len({(r.mutant, r.about) for r in ROWS}) == len(ROWS)


@pytest.mark.parametrize("mutant", SHOWS)
def test_each_defect_must_show_where_it_was_planted(mutant):
    assert {r.about.code for r in must(mutant)} >= SHOWS[mutant]


def test_nothing_must_or_may_fail_of_the_clean_one():
    assert {r.must for r in ROWS if r.mutant == "clean"} == {"pass"}


def test_subjects_are_those_that_were_planted():
    assert {r.about.group for r in must("sex-biased", "SER401")} == {"sex: female − male"}
    assert {r.about.group for r in must("language-biased", "SER401")} == {"language: one − two"}
    assert {r.about.group for r in must("one broken speaker of 20", "SER406")} == {"speaker: s07"}
    assert {r.about.output for r in must("words-only", "SER201")} == {"arousal", "dominance"}
    assert {r.about.output for r in must("swapped outputs", "SER201")} == {"arousal", "valence"}
    assert {r.about.corpus for r in must("corpus-bound", "SER201")} == {"beno"}
    assert {r.about.corpus for r in must("memoriser of training speakers", "SER104")} == {"beno"}
    assert {r.about.corpus for r in must("memoriser of training speakers", "SER201")} == {"aru"}
    assert {r.about.condition for r in must("level-sensitive", "SER303")} == {"gain@db=2"}
    noisy = {r.about.condition.partition("@")[0] for r in must("noise-fragile", "SER303")}
    assert noisy == {"noise.white"}


def test_what_must_fail_lies_beyond_its_limit_by_more_than_a_fifth():
    for row in ROWS:
        if row.true is None or (row.low is None and row.high is None) or row.must == "pass":
            continue
        ends = [(row.low, -1), (row.high, 1)]
        beyond = max(
            s * (row.true - end) / min(end, 1 - end) if 0.5 < end < 1 else s * (row.true - end) / abs(end)
            for end, s in ends
            if end is not None
        )
        assert beyond > (0.2 if row.must == "fail" else -0.2) - 1e-6, row


def test_limits_are_those_of_the_policy():
    """A policy that changes makes the table old."""
    policy = limits()
    for row in ROWS:
        about = row.about
        limit = {
            "SER2": lambda about=about: policy.correctness_limit(about.metric),
            "SER3": lambda about=about: policy.robustness_limit(about.metric, about.condition),
            "SER4": lambda about=about: policy.fairness_limit(column(about.group), about.metric),
            "SER6": lambda about=about: policy.throughput_limit(about.metric),
        }.get(about.code[:4])
        if limit is None or about.metric == TOGETHER or about.code in (*SKILL, "SER406"):
            continue
        assert (row.low, row.high) == (limit().low, limit().high), row


def by_audmetric(name: str, seed: int) -> tuple[planted.Speech, np.ndarray]:
    rng = np.random.default_rng(seed)
    speech = planted._drawn(1000, 300, rng)
    return speech, np.clip(planted.PLANTED[name].plant(speech, "clean", rng), 0, 1)


def true(mutant: str, code: str, output: str) -> float:
    (row,) = [r for r in ROWS if (r.mutant, r.about.code, r.about.output) == (mutant, code, output)]
    return row.true


def test_true_values_are_what_other_draws_and_audmetric_give():
    speech, given = by_audmetric("random rater", 11)
    assert audmetric.concordance_cc(speech.truth[:, 0], given[:, 0]) == pytest.approx(
        true("random rater", "SER202", "arousal"), abs=0.01
    )
    speech, given = by_audmetric("sex-biased", 12)
    of = [audmetric.concordance_cc(speech.truth[w, 0], given[w, 0]) for w in (speech.female, ~speech.female)]
    assert of[0] - of[1] == pytest.approx(true("sex-biased", "SER401", "arousal"), abs=0.015)


def test_the_group_mean_raters_true_ccc_is_its_closed_form():
    """2 b² / (w² + 2 b²), with sd w of truth within speakers and b between them."""
    within, between = 0.15**2, 0.05**2
    expected = 2 * between / (within + 2 * between)
    assert true("group-mean rater", "SER202", "arousal") == pytest.approx(expected, abs=0.01)
    assert true("group-mean rater", "SER209", "arousal") == pytest.approx(0, abs=1e-9)


LIMIT = Limit(low=-0.075, high=0.075, source="a test")


def finding(
    verdict, value=0.2, code="SER401", audit="fairness", output="arousal", group="sex: female − male"
):
    subject = Subject(checkpoint="m", corpus="c", condition="clean", output=output, group=group)
    return Finding(
        code=code,
        audit=audit,
        metric="gap of CCC",
        subject=subject,
        estimate=Estimate(value=value),
        limit=LIMIT,
        verdict=verdict,
        message="told",
    )


def expect(verdict, **about) -> Expected:
    return Expected("m", About.of(finding("fail", **about)), 0.2, -0.075, 0.075, verdict)


def kinds(findings, expected) -> list[str]:
    return [wrong.kind for wrong in compare("m", findings, expected)]


def test_what_must_fail_and_does_not_is_wrong_whatever_it_is_instead():
    assert kinds([finding("fail")], [expect("fail")]) == []
    for verdict in ("pass", "inconclusive", "not_applicable"):
        assert kinds([finding(verdict)], [expect("fail")]) == ["not found"]
    assert kinds([], [expect("fail")]) == ["not found"]
    assert kinds([finding("fail", output="valence")], [expect("fail")]) == ["not found", "found"]


def test_what_may_fail_is_right_either_way_and_all_else_must_not():
    assert kinds([finding("fail")], [expect("may fail")]) == []
    assert kinds([finding("pass")], [expect("may fail")]) == []
    assert kinds([finding("fail")], []) == ["found"]
    assert kinds([finding("error")], []) == ["found"]
    assert kinds([finding("fail")], [expect("pass")]) == ["not found", "found"]


def test_an_output_without_skill_passes_nothing_and_others_may():
    lacking = expect("fail", code="SER201", audit="correctness", group=None)
    unskilled = finding("fail", code="SER201", audit="correctness", group=None)
    assert kinds([unskilled, finding("pass")], [lacking]) == ["passed"]
    assert kinds([unskilled, finding("pass", output="valence")], [lacking]) == []
    assert kinds([unskilled, finding("pass", audit="transfer")], [lacking]) == []


def test_expectations_follow_from_true_values():
    """A fifth of .075 is .015: required from .09, allowed from .06; the farthest of an output is required."""
    values = {0.2: "fail", 0.091: "fail", 0.089: "may fail", 0.061: "may fail", 0.059: None, -0.2: "fail"}
    for value, verdict in values.items():
        found = [row.must for row in truth.expectations("m", [finding("inconclusive", value)])]
        assert found == ([verdict] if verdict else [])
    several = [finding("pass", 0.1, group="sex: a − b"), finding("pass", 0.3, group="sex: a − c")]
    assert [r.must for r in truth.expectations("m", several)] == ["may fail", "fail"]


def test_a_table_is_read_as_it_was_written(tmp_path, monkeypatch):
    from ser_audit.benchmark.selftest import expected as module

    rows = [expect("fail"), Expected("n", About("SER104", "", "c", "", "", ""), None, None, None, "may fail")]
    write(rows, tmp_path / "expected.csv")
    monkeypatch.setattr(module.resources, "files", lambda _: tmp_path)
    assert read() == rows
