"""The fairness section: gaps with both sides, what decides them, and speakers named or not."""

import pytest
from ser_audit.benchmark.finding import Estimate, Finding, Limit, Subject
from ser_audit.reports.model import Plots, Table
from ser_audit.reports.view import view

LIMIT = Limit(low=-0.075, high=0.075, source="ser-tests")
PAIR = {"column": "sex", "first": "female", "second": "male"}
AT = Subject(
    checkpoint="classes", corpus="studio", cohort="all speakers", condition="clean", output="arousal"
)


def make(
    code, metric, value, half=None, /, *, limit=None, verdict="not_applicable", n=240, speakers=24, **rest
):
    details = {k: v for k, v in rest.items() if k not in Subject.model_fields and k != "message"}
    subject = AT.model_copy(update={k: v for k, v in rest.items() if k in Subject.model_fields})
    low, high = (None, None) if half is None or value is None else (value - half, value + half)
    wide = (
        {}
        if half is None or limit is None
        else {"pointwise_low": value - half / 2, "pointwise_high": value + half / 2}
    )
    return Finding(
        code=code,
        audit="fairness",
        metric=metric,
        subject=subject,
        estimate=Estimate(value=value, low=low, high=high, n=n, speakers=speakers, **wide),
        limit=limit,
        verdict=verdict,
        message=rest.get("message", f"{code} {metric} {value}."),
        details=details,
    )


def gap(code="SER401", metric="gap of CCC", value=-0.12, half=0.22, **rest):
    sides = {
        "value_first": 0.82,
        "value_second": 0.94,
        "raw_first": 0.85,
        "raw_second": 0.94,
        "raw_gap": -0.09,
    }
    rest = {"group": "sex: female − male", "permutation_p": 0.004, **PAIR, **sides, **rest}
    return make(code, metric, value, half, **rest)


@pytest.fixture
def parts(changed):
    def shown(*findings):
        section = next(s for s in view(changed(*findings)).sections if s.id == "audit-fairness")
        return section.parts

    return shown


def tables(parts):
    return {b.caption: b for part in parts for b in part.blocks if isinstance(b, Table)}


def row(table, index=0):
    return dict(zip([c.label for c in table.columns], table.rows[index], strict=True))


def test_a_judged_gap_shows_both_sides_the_interval_of_its_verdict_and_what_would_decide_it(parts):
    told = {"speakers_first": 12, "speakers_second": 11, "detectable": 0.34, "speakers_to_decide": 810}
    found = gap(limit=LIMIT, verdict="inconclusive", **told)
    table = tables(parts(found))["Gaps between groups that are held against a limit"]
    cells = row(table)
    assert cells["At equal truth"].verdict == "inconclusive"
    assert cells["At equal truth"].below == ("−.34 to .10", "alone −.23 to −.01")
    assert (cells["First"].text, cells["First"].below) == (".82", ("own truth .85", "12 speakers"))
    assert (cells["Second"].text, cells["Second"].below) == (".94", ("11 speakers",))
    labels = ("Own truth", "p", "Limit", "Detectable", "Speakers to decide", "Code")
    assert [cells[k].text for k in labels] == ["−.09", ".004", "−.075 to .075", ".34", "810", "SER401"]


def test_measured_gaps_stand_apart_from_judged_ones_and_have_no_empty_columns(parts):
    found = tables(
        parts(gap(limit=LIMIT, verdict="fail", value=-0.3), gap(group="age: old − young", column="age"))
    )
    assert len(found["Gaps between groups that are held against a limit"].rows) == 1
    apart = found["Gaps between other groups"]
    assert row(apart)["Gap"].text == "age: old − young"
    assert not {"Limit", "Detectable", "Speakers to decide"} & {c.label for c in apart.columns}


def test_group_minus_all_is_named_and_never_among_the_gaps(parts):
    to_all = make("SER410", "gap to all of CCC", -0.04, 0.1, group="sex: female − all", column="sex",
                  value_group=0.84, value_all=0.88)  # fmt: skip
    found = tables(parts(gap(limit=LIMIT, verdict="pass"), to_all))
    table = found["Group − all, as ser-tests has it: all includes the group, by sex"]
    assert [row(table)[k].text for k in ("Group − all", "Group", "All")] == ["−.04", ".84", ".88"]
    assert table.fold.endswith("by sex: 1 measured")
    assert len(found["Gaps between groups that are held against a limit"].rows) == 1


def test_changes_of_gaps_are_sorted_by_their_size_and_folded_where_they_are_many(parts):
    sizes = (0.01, -0.2, 0.05)
    found = [
        gap("SER407", "change of gap of CCC", size, 0.03, condition=f"gain@db={i}", limit=LIMIT,
            verdict="pass", change_first=size - 0.01, change_second=-0.01)
        for i, size in enumerate(sizes)
    ]  # fmt: skip
    table = tables(parts(*found))["How conditions change a gap, the largest first"]
    assert [r[1].text for r in table.rows] == ["−.20", ".050", ".010"]
    assert table.fold == ""
    assert row(table)["Condition and gap"].text == "Gain at 1 dB"
    assert [row(table)[k].text for k in ("First changes", "Second changes")] == ["−.21", "−.01"]
    (folded,) = tables(parts(*found * 5)).values()
    assert folded.fold == "How conditions change a gap, the largest first: 15 pass"


def test_the_worst_group_stands_beside_what_chance_gives(parts):
    chance = {"null_median": 0.08, "null_95": 0.22, "permutation_p": 0.001}
    groups = {"worst": "female", "best": "male", "value_worst": 0.3, "value_best": 0.61}
    found = make("SER411", "range of CCC", 0.31, group="sex", column="sex", **groups, **chance)
    table = tables(parts(found))["Worst and best group"]
    labels = ("Worst group", "Best group", "Apart", "By chance", "In 5 % by chance above", "p")
    assert [row(table)[k].text for k in labels] == [".30", ".61", ".31", ".08", ".22", ".001"]
    assert row(table)["Worst group"].below == ("female",)


def test_gaps_across_corpora_name_both_corpora(parts):
    apart = make("SER412", "difference of gap of CCC", 0.05, 0.17, corpus=None, cohort=None,
                 group="sex: female − male", column="sex", first="studio", second="pod",
                 value_first=-0.12, value_second=-0.17)  # fmt: skip
    cells = row(tables(parts(apart))["How far a gap differs between corpora"])
    assert (cells["First"].text, cells["First"].below) == ("−.12", ("studio",))
    assert (cells["Second"].text, cells["Second"].below) == ("−.17", ("pod",))


def test_claims_on_all_together_come_first(parts):
    claim = make("SER490", "all together", 0.5, limit=None, verdict="inconclusive", output=None, group="sex",
                 message="Fairness by sex, all together: 1 of 2 lie inside.")  # fmt: skip
    first, *_ = parts(gap(limit=LIMIT, verdict="pass"), claim)
    (table,) = first.blocks
    assert first.title == "All together"
    assert [c.text for c in table.rows[0][1:]] == [claim.message, "inconclusive", "SER490"]


def speaker(name, value, **details):
    known = {"sampling_sd": 0.06, "shrunken": 0.55, **details}
    return make("SER403", "CCC", value, group=f"speaker: {name}", n=30, speakers=1, **known)


BROKEN = make("SER406", "CCC", 0.1, 0.1, group="speaker: s07", limit=Limit(low=0.4, source="policy"),
              verdict="fail", n=200, speakers=1, message="CCC for speaker s07 is .10.")  # fmt: skip


def test_a_broken_speaker_is_named_first_and_marked_among_the_others(parts):
    spread = make(
        "SER404", "spread of CCC", 0.09, 0.03, median=0.6, sd=0.12, sampling_sd=0.06, worst_decile=0.5
    )
    nobody = BROKEN.model_copy(
        update={
            "subject": AT.model_copy(update={"output": "valence"}),
            "verdict": "pass",
            "message": "Nobody is.",
        }
    )
    shown = parts(*(speaker(f"s{i:02}", 0.5 + i / 100) for i in range(8)), spread, nobody, BROKEN)
    assert shown[0].title == "classes: single speakers who may be broken"
    assert [(r[0].text, r[2].verdict) for r in shown[0].blocks[0].rows] == [
        ("s07", "fail"),
        ("nobody named", "pass"),
    ]
    (plot,) = next(b for part in shown for b in part.blocks if isinstance(b, Plots)).plots
    assert {p.label for p in plot.points if p.verdict == "fail"} == {"s07"}
    assert [p.second for p in plot.points] == [0.55] * 8
    assert plot.lines == {"median": 0.6}
    assert plot.band == pytest.approx((0.51, 0.69))
    cells = row(tables(shown)["How far speakers differ"])
    assert [cells[k].text for k in ("Natural spread", "Seen", "By sampling alone", "Worst tenth below")] == [
        ".09", ".12", ".06", ".50",
    ]  # fmt: skip


def test_more_than_60_speakers_are_a_distribution(parts):
    for count, distribution in ((60, False), (61, True)):
        shown = parts(*(speaker(f"s{i:02}", i / 100) for i in range(count)))
        (plot,) = next(b for part in shown for b in part.blocks if isinstance(b, Plots)).plots
        assert plot.distribution is distribution


def test_a_broken_speaker_is_on_the_first_screen_even_where_a_gap_is_worse(changed):
    worse = [gap(limit=LIMIT, verdict="fail", value=-0.9, half=0.1, output=o) for o in ("a", "b", "c", "d")]
    overview = view(changed(*worse, BROKEN)).overview
    assert [w.finding.code for w in overview.worst] == ["SER401"] * 3 + ["SER406"]


def test_where_nobody_could_be_named_is_one_line_on_the_first_screen(changed):
    found = [
        make("SER406", "CCC", 0.3, 0.3, output=o, limit=Limit(low=0.4, source="policy"), rows_to_name=n,
             message=f"Not judged whether a speaker is broken on {o}.")
        for o, n in (("arousal", 31), ("dominance", 210))
    ]  # fmt: skip
    (reason,) = view(changed(*found)).overview.reasons
    assert (reason.count, reason.text) == (
        2,
        "classes on studio: no speaker could be named as broken on arousal and dominance, however bad: about "
        "31 to 210 utterances of each speaker would be needed.",
    )


def test_every_finding_of_the_section_is_shown(parts):
    found = [
        gap(limit=LIMIT, verdict="pass"),
        gap("SER408", "gap of recall", group="sex: female − male, class: sad", rows_first=20, rows_second=31),
        gap("SER409", "gap of mean"),
        gap("SER405", corpus=None, group="language: de − en", first="studio", second="pod"),
        make("SER402", "CCC", 0.8, 0.1, group="sex: female", column="sex", value="female"),
        make("SER402", "CCC", 0.9, 0.1, group="sex: male", column="sex", value="male"),
        BROKEN,
    ]
    remark = BROKEN.model_copy(update={"code": "SER402", "metric": None, "estimate": None, "limit": None})
    shown = {f.code: f for t in tables(parts(*found, remark)).values() for f in t.findings}
    assert set(shown) == {f.code for f in found}
    assert remark in [f for t in tables(parts(*found, remark)).values() for f in t.findings]
