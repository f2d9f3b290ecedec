"""The report's model: nothing is lost, nothing is counted twice, training speakers stand apart."""

from collections import Counter

import pytest
from ser_audit.benchmark.finding import Estimate, Finding, Limit, Subject
from ser_audit.reports.model import Table
from ser_audit.reports.view import view

LIMIT = Limit(low=0.5, source="ser-tests")


@pytest.fixture(scope="module")
def report(sample):
    return view(sample)


def tables(report, id_):
    section = next(s for s in report.sections if s.id == id_)
    return [b for part in section.parts for b in part.blocks if isinstance(b, Table)]


def make(code="SER205", audit="correctness", verdict="inconclusive", message="It is so.", **rest):
    rest.setdefault("subject", Subject(checkpoint="classes", corpus="studio"))
    return Finding(code=code, audit=audit, verdict=verdict, message=message, **rest)


def estimate(value=0.5, low=0.4, high=0.6):
    return Estimate(value=value, low=low, high=high, n=240, speakers=8)


def test_every_finding_is_in_a_table_of_its_audits_section(report, sample):
    for audit in {f.audit for f in sample.findings.findings}:
        shown = {id(f) for table in tables(report, f"audit-{audit}") for f in table.findings}
        assert shown == {id(f) for f in sample.findings.findings if f.audit == audit}


@pytest.mark.parametrize(
    "audit", ["integrity", "correctness", "robustness", "fairness", "transfer", "throughput"]
)
def test_a_finding_of_any_code_without_anything_else_is_shown(changed, audit):
    bare = [make(f"SER{n}", audit, subject=Subject(checkpoint="classes")) for n in range(100, 700)]
    shown = {f.code for table in tables(view(changed(*bare)), f"audit-{audit}") for f in table.findings}
    assert shown == {f.code for f in bare}


def test_two_findings_of_one_cell_are_both_shown(changed):
    subject = Subject(checkpoint="classes", corpus="studio", condition="gain@db=2", output="emotion")
    twins = [
        make(code, audit, subject=subject, metric="PUP", estimate=estimate(value), verdict="not_applicable")
        for code, audit in (("SER303", "robustness"), ("SER501", "transfer"), ("SER601", "throughput"))
        for value in (0.41, 0.42)
    ]
    report = view(changed(*twins))
    for twin in twins:
        assert twin in [f for table in tables(report, f"audit-{twin.audit}") for f in table.findings]


def test_counts_are_of_verdicts_and_measurements_stand_apart(report, sample):
    for row in report.overview.counts.rows:
        own = [f for f in sample.findings.findings if f"audit-{f.audit}" == row[0].href]
        verdicts = Counter(f.verdict for f in own if f.limit is not None or f.verdict != "not_applicable")
        order = ("fail", "inconclusive", "pass", "not_applicable", "error")
        assert [int(c.text) for c in row[1:]] == [*(verdicts[v] for v in order), len(own) - verdicts.total()]


def test_unknown_training_data_and_training_speakers_are_warned_of_first(report):
    first, second, *rows = report.overview.warnings
    assert first[0] == "Training data unknown"
    assert "dims" in first[1]
    assert second == (
        "Training speakers among the scored ones",
        "16 of 24 scored speakers were training speakers.",
    )
    assert set(rows) == {("Rows without a prediction", "3 of 720 rows have no prediction.")}


def test_known_training_data_give_no_warning(sample, changed):
    known = tuple(c for c in sample.manifest.checkpoints if c.trained_on is not None)
    overview = view(changed(make(), checkpoints=known)).overview
    assert overview.warnings == ()
    assert [item.training for item in overview.checkpoints] == ["Trained on studio (16 speakers)"]


def test_a_limited_run_says_that_it_is_a_part(changed):
    assert ("A part only", "At most 40 utterances per corpus were scored.") in view(
        changed(make(), limit=40)
    ).overview.warnings


def test_training_speakers_are_in_a_table_of_their_own(report):
    found = [t for t in tables(report, "audit-correctness") if "trained on" in t.caption]
    assert {f.subject.cohort for t in found for f in t.findings} == {"training speakers"}
    others = [f for t in tables(report, "audit-correctness") if t not in found for f in t.findings]
    assert "training speakers" not in {f.subject.cohort for f in others}


def test_the_three_worst_lie_farthest_beyond_their_limits_in_different_audits_first(changed):
    def fail(audit, value):
        return make(audit=audit, verdict="fail", estimate=estimate(value), limit=LIMIT)

    failed = [
        fail("robustness", 0.1),
        fail("robustness", 0.2),
        fail("fairness", 0.4),
        fail("correctness", 0.3),
    ]
    worst = [w.finding for w in view(changed(*failed)).overview.worst]
    assert worst == [failed[0], failed[3], failed[2]]


def test_failed_rows_are_summed(report):
    assert report.overview.failed == "6 of 1,440 rows have no prediction; see Integrity."


def test_undecided_findings_of_an_audit_are_one_reason_with_their_number(changed):
    undecided = [make(estimate=estimate(), limit=LIMIT) for _ in range(79)]
    (reason,) = view(changed(*undecided)).overview.reasons
    assert (reason.count, reason.codes, reason.about) == (79, ("SER205",), ("classes on studio 79",))


def test_findings_without_skill_are_one_reason(changed):
    message = "{} is .3; no verdict, as no skill is shown on emotion: .20 is not above .28."
    withheld = [
        make(verdict="not_applicable", message=message.format(m), metric=m, estimate=estimate(), limit=LIMIT)
        for m in ("UAR", "PUP", "PUP")
    ]
    (reason,) = view(changed(*withheld)).overview.reasons
    assert reason.text == "classes on studio: no skill is shown on emotion: .20 is not above .28."
    assert (reason.count, reason.about) == (3, ("UAR", "PUP"))


def test_errors_and_outputs_without_truth_are_reasons_and_measurements_are_not(changed):
    said = make(verdict="not_applicable", message="Not scored: there is no truth for valence.")
    broken = make(verdict="error", message="Division by zero")
    measured = make(verdict="not_applicable", estimate=estimate(), metric="macro F1")
    reasons = view(changed(said, broken, measured)).overview.reasons
    assert [(r.count, r.text) for r in reasons] == [
        (1, "Not scored: there is no truth for valence."),
        (1, "The correctness audit broke: Division by zero."),
    ]


def test_a_missing_number_is_a_dash_and_its_reason_stands_below(report):
    table = next(t for t in tables(report, "audit-correctness") if t.notes)
    row = next(r for r in table.rows if any(c.text == "loudness" for c in r))
    heads = [c.label for c in table.columns]
    assert row[heads.index("Value")].text == row[heads.index("Interval")].text == "–"
    assert row[heads.index("Value")].title == "CCC of loudness is undefined: constant truth."
    assert table.notes == ("– CCC of loudness is undefined: constant truth.",)


def test_a_condition_that_may_change_what_is_heard_is_marked(report):
    table = next(t for t in tables(report, "audit-robustness") if t.caption.startswith("Change"))
    marked = [row[0].text for row in table.rows if row[0].below]
    assert marked == ["White noise at 0 dB"]


def test_heat_is_deeper_the_greater_the_loss(changed):
    subject = Subject(checkpoint="classes", corpus="studio", output="emotion")
    found = [
        make("SER302", "robustness", "fail", metric="change of UAR", limit=LIMIT, estimate=estimate(value),
             subject=subject.model_copy(update={"condition": f"gain@db={i}"}))
        for i, value in enumerate((0.3, 0.0, -0.04, -0.15, -0.9))
    ]  # fmt: skip
    table = tables(view(changed(*found)), "audit-robustness")[0]
    assert [row[1].tint for row in table.rows] == [3, 0, -1, -2, -5]


def test_corpora_a_checkpoint_was_trained_on_are_marked_in_the_matrix(report):
    matrix = tables(report, "audit-transfer")[0]
    marked = [
        (row[0].text, i) for row in matrix.rows for i, c in enumerate(row) if any("◆" in b for b in c.below)
    ]
    assert marked == [("classes", 1)]


def test_a_label_without_a_class_says_that_it_is_not_scored(report):
    table = tables(report, "audit-integrity")[1]
    assert [(row[0].text[:9], row[1].text, row[2].text) for row in table.rows[:4]] == [
        ("neutral", "192", "neutral"),
        ("joy", "192", "happy"),
        ("sad", "192", "sad"),
        ("</script>", "144", "not scored"),
    ]
