"""The correctness section: skill of both kinds side by side, classes as a matrix, all together first."""

import pytest
from ser_audit.benchmark.finding import Estimate, Finding, Limit, Subject
from ser_audit.reports.model import Table
from ser_audit.reports.tables import listing
from ser_audit.reports.view import view

AT = Subject(
    checkpoint="classes", corpus="studio", cohort="all speakers", condition="clean", output="emotion"
)
ABOVE = Limit(low=0.5, source="ser-tests")


def make(code, metric, value, limit=None, verdict="not_applicable", group=None, **rest):
    return Finding(
        code=code,
        audit="correctness",
        metric=metric,
        subject=AT.model_copy(update={"group": group, **rest.pop("subject", {})}),
        estimate=Estimate(value=value, low=value - 0.1, high=value + 0.1, n=240, speakers=24),
        limit=limit,
        verdict=verdict,
        message=rest.pop("message", f"{metric} is {value}."),
        details=rest,
    )


@pytest.fixture
def tables(changed):
    def shown(*findings):
        section = next(s for s in view(changed(*findings)).sections if s.id == "audit-correctness")
        return {b.caption: b for part in section.parts for b in part.blocks if isinstance(b, Table)}

    return shown


def test_skill_within_speakers_stands_beside_skill_over_all(tables):
    limit = Limit(low=0.325, source="policy")
    found = tables(
        make("SER201", "UAR", 0.6, limit, "pass", chance=0.25),
        make("SER209", "UAR", 0.3, limit, "fail", chance=0.25),
    )["Skill: better than chance?"]
    assert [c.label for c in found.columns] == [
        "Skill of",
        "Over all speakers",
        "Within speakers",
        "Chance",
        "Limit",
    ]
    (row,) = found.rows
    assert [(c.text, c.verdict) for c in row[1:3]] == [(".60", "pass"), (".30", "fail")]
    assert [c.text for c in row[3:]] == [".25", "above .325"]


def test_classes_are_rows_and_their_metrics_columns(tables):
    found = tables(
        make("SER208", "recall", 0.9, ABOVE, "pass", "class: sad"),
        make("SER208", "recall", 0.3, ABOVE, "inconclusive", "class: calm"),
        make("SER210", "precision", 0.7, ABOVE, "pass", "class: sad"),
        make("SER213", "share difference", 0.05, None, group="class: sad"),
    )["Each class"]
    assert [c.label for c in found.columns] == ["Class", "recall", "precision", "share difference"]
    assert [[c.text for c in row] for row in found.rows] == [
        ["sad", ".90", ".70", ".05"],
        ["calm", ".30", "", ""],
    ]
    assert [c.tint for c in found.rows[0][1:]] == [5, 4, 0]  # a difference of shares is neither good nor bad
    assert "recall above .5" in found.context


def test_classes_of_training_speakers_stand_apart(tables):
    heard = {"subject": {"cohort": "training speakers"}}
    found = tables(
        make("SER208", "recall", 0.5, group="class: sad"),
        make("SER208", "recall", 0.9, group="class: sad", **heard),
    )
    assert [len(found[c].rows) for c in ("Each class", "Training speakers: each class")] == [1, 1]
    assert found["Training speakers: each class"].rows[0][1].text == ".90"


def test_metrics_without_a_limit_are_folded_behind_those_with_one(tables):
    found = tables(make("SER205", "UAR", 0.6, ABOVE, "pass"), make("SER206", "macro F1", 0.5))
    assert found["Metrics on clean speech"].fold == ""
    assert found["Metrics on clean speech, without a limit"].fold.endswith("1 number")
    alone = tables(make("SER206", "macro F1", 0.5))
    assert list(alone) == ["Metrics on clean speech"]
    assert alone["Metrics on clean speech"].fold == ""


def test_all_together_is_told_first(tables):
    claim = make("SER290", "all together", 0.5, verdict="fail", message="Correctness, all together: no.")
    found = tables(make("SER205", "UAR", 0.6, ABOVE, "pass"), claim)
    first = next(iter(found.values()))
    assert first.caption == "Do all of them lie inside their limits?"
    assert [c.text for c in first.rows[0][1:]] == [claim.message, "fail", "SER290"]


def test_the_interval_of_a_verdict_is_told_from_that_of_the_value_alone():
    judged = make("SER205", "UAR", 0.7, ABOVE, "pass")
    held = judged.estimate.model_copy(update={"pointwise_low": 0.65, "pointwise_high": 0.75})
    table = listing("t", [judged.model_copy(update={"estimate": held}), make("SER206", "macro F1", 0.5)])
    heads = [c.label for c in table.columns]
    held, alone = (heads.index(label) for label in ("Verdict’s interval", "Alone"))
    assert [(row[held].text, row[alone].text) for row in table.rows] == [
        (".60 to .80", ".65 to .75"),
        ("–", ".40 to .60"),
    ]
