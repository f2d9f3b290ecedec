"""The robustness section of a whole ladder: means, a curve per family, probes apart, nothing unreadable."""

import pytest
from ser_audit.benchmark.finding import Estimate, Finding, Subject
from ser_audit.benchmark.manifest import ConditionRecord
from ser_audit.benchmark.naming import family
from ser_audit.perturbations import sets
from ser_audit.reports.model import Curves, Plots, Table
from ser_audit.reports.sections.family_curves import steps
from ser_audit.reports.view import view

PROBES = ("Pitch shift", "Tempo", "Formant shift")


def blocks(run, kind, title=None):
    section = next(s for s in view(run).sections if s.id == "audit-robustness")
    return [b for p in section.parts if title in (None, p.title) for b in p.blocks if isinstance(b, kind)]


def texts(table):
    return [[c.text for c in row] for row in table.rows]


@pytest.mark.parametrize(
    ("ids", "labels", "unit"),
    [
        (("noise.white@snr_db=40,active=1", "noise.white@snr_db=0,active=1"), ["40", "0"], "dB"),
        (("filter.lowpass@hz=7500", "filter.lowpass@hz=800"), ["7.5k", "800"], "Hz"),
        (
            ("filter.tilt@db_per_octave=-1/1", "filter.tilt@db_per_octave=-4.5/4.5"),
            ["±1", "±4.5"],
            "dB/octave",
        ),
        (("tempo@factor=0.95/1.05", "tempo@factor=0.6/1.67"), [".95/1.05", ".6/1.67"], "factor"),
        (("x@percent=1..2", "x@percent=10..20"), ["1–2", "10–20"], "%"),
        (("x@a=1,b=2", "x@a=1"), ["2", "–"], "b"),
        (("telephone",), [""], ""),
        (("x@a=one", "x@a=two"), ["one", "two"], "a"),
    ],
)
def test_steps_are_labelled_by_what_tells_them_apart(ids, labels, unit):
    assert steps(ids) == (labels, unit)


def test_every_family_of_the_ladder_has_a_curve_in_the_sets_order(ladder):
    drawn = blocks(ladder, Curves)
    assert len(drawn) == 6  # families and probes of three dimensions
    plain, probes = drawn[:2]
    groups = sets.read_set("ladder").groups
    names = [family(g.conditions[0].partition("@")[0]) for g in groups]
    assert [c.title for c in plain.curves] == [n for n in names if n not in PROBES]
    assert [c.title for c in probes.curves] == list(PROBES)
    for curve, group in zip((*plain.curves, *probes.curves), groups, strict=True):
        assert [p.label for p in curve.points] == steps(group.conditions)[0]
    noise = plain.curves[0]
    assert (noise.unit, [p.label for p in noise.points]) == ("dB", ["40", "30", "20", "10", "0"])
    assert plain.range == probes.range
    low, high = plain.range
    assert all(low < end < high for c in plain.curves for p in c.points for end in (p.low, p.value, p.high))
    assert set(noise.lines) == {"clean", "chance"}


def test_points_hold_the_values_of_the_findings(ladder):
    levels = {
        (f.subject.output, f.subject.condition): f for f in ladder.findings.findings if f.code == "SER304"
    }
    for output, drawn in zip(("arousal", "dominance", "valence"), blocks(ladder, Curves)[::2], strict=True):
        for curve, group in zip(drawn.curves, sets.read_set("ladder").groups, strict=False):
            values = [levels[output, c].estimate.value for c in group.conditions]
            assert [p.value for p in curve.points] == values


def test_probes_stand_apart_and_are_not_judged(ladder):
    section = next(s for s in view(ladder).sections if s.id == "audit-robustness")
    parts = [p for p in section.parts if p.title == "Probes: may change what a listener hears"]
    assert len(parts) == 3
    for part in parts:
        table, curves = part.blocks
        assert [row[0].text for row in table.rows] == [c.title for c in curves.curves] == list(PROBES)
        assert {p.verdict for c in curves.curves for p in c.points} == {None}


def test_means_are_listed_in_order_and_end_with_mpc_and_rpc(ladder):
    table = blocks(ladder, Table)[0]
    assert [c.label for c in table.columns] == ["Family", "Mean", "Change", "Worst"]
    names = [row[0].text for row in table.rows]
    assert names[:2] == ["White noise", "Pink noise"]
    assert names[-1] == "mPC over 31 families"
    assert len(names) == 32
    first, last = table.rows[0], table.rows[-1]
    assert first[0].below == ("5 conditions",)
    assert (first[1].finding.metric, first[2].finding.metric) == ("mean CCC", "change of mean CCC")
    assert first[3].below == ("0 dB",)
    share = last[1].finding.details["rPC"]
    assert last[0].below == (f"rPC .{round(100 * share)}, its share of clean",)


def test_every_number_of_the_ladder_is_in_a_table(ladder):
    shown = {id(f) for table in blocks(ladder, Table) for f in table.findings}
    assert shown == {id(f) for f in ladder.findings.findings if f.audit == "robustness"}


def test_many_conditions_are_folded_by_family_with_their_verdicts(ladder):
    folded = [t for t in blocks(ladder, Table) if t.fold and "PUP" in t.caption][:34]
    assert len(folded) == 34
    noise = folded[0]
    cells = [c.verdict for row in noise.rows for c in row if c.verdict]
    counts = [f"{cells.count(v)} {v}" for v in ("fail", "inconclusive", "pass") if cells.count(v)]
    assert noise.fold == f"White noise: 5 conditions, {', '.join(counts)}"
    assert [c.label for c in noise.columns][1:3] == [
        "studio · arousal · change of CCC",
        "studio · arousal · PUP",
    ]
    assert len(noise.rows) == 5
    assert next(t.fold for t in folded if t.fold.startswith("Tempo")) == "Tempo: 5 conditions, measured"


def judged(condition, code, metric, value=-0.1, corpus="studio", **details):
    return Finding(
        code=code,
        audit="robustness",
        metric=metric,
        subject=Subject(
            checkpoint="classes", corpus=corpus, cohort="all speakers", condition=condition, output="emotion"
        ),
        estimate=Estimate(value=value, low=value - 0.1, high=value + 0.1, n=100, speakers=8),
        verdict="not_applicable",
        message="m",
        details=details,
    )


def test_families_of_one_or_two_conditions_stay_in_the_plot_of_single_conditions(sample):
    """Of the default set only white noise has three severities that preserve the label."""
    drawn = blocks(sample, Curves)
    assert {tuple(c.title for c in one.curves) for one in drawn} == {("White noise",)}
    assert [len(c.points) for c in drawn[0].curves] == [3]
    plot = blocks(sample, Plots)[0].plots[0]
    assert [p.label for p in plot.points][:3] == ["Clean", "White noise at 0 dB", "Gain at 2 dB"]
    assert len(plot.points) == 14 - 3


def test_a_condition_that_a_corpus_lacks_is_a_dash(changed):
    found = [
        judged("gain@db=2", "SER302", "change of UAR"),
        judged("recording.mobile", "SER302", "change of UAR"),
        judged("gain@db=2", "SER302", "change of UAR", corpus="field"),
    ]
    table = next(t for t in blocks(changed(*found), Table) if t.caption.startswith("Change"))
    assert texts(table) == [["Gain at 2 dB", "−.10", "−.10"], ["Recording by mobile", "−.10", "–"]]


def test_conditions_of_a_family_stand_beside_each_other(changed):
    found = [
        judged(c, "SER302", "change of UAR", family=c.partition("@")[0])
        for c in ("telephone", "gain@db=2", "room@rt60=1", "gain@db=3")
    ]
    table = next(t for t in blocks(changed(*found), Table) if t.caption.startswith("Change"))
    assert [row[0].text for row in table.rows] == [
        "Telephone",
        "Gain at 2 dB",
        "Gain at 3 dB",
        "Room at 1 s RT60",
    ]


def test_what_is_compared_with_another_condition_says_so_and_is_in_no_curve(changed):
    ids = [f"distance@m={m}" for m in (1, 2, 3, 4)]
    records = tuple(
        ConditionRecord(id=c, family="distance", version=1, label_preserving=True, reference=reference)
        for c, reference in zip(ids, ("clean", "clean", "clean", ids[0]), strict=True)
    )
    levels = [judged(c, "SER304", "UAR", 0.5, family="distance", label_preserving=True) for c in ids]
    changes = [judged(c, "SER302", "change of UAR", family="distance") for c in ids]
    run = changed(*levels, *changes, conditions=records)
    (drawn,) = blocks(run, Curves)
    assert [p.label for p in drawn.curves[0].points] == ["1", "2", "3"]
    (alone,) = blocks(run, Plots)
    assert [p.label for p in alone.plots[0].points] == ["Distance of 4 m"]
    table = next(t for t in blocks(run, Table) if t.caption.startswith("Change"))
    assert [row[0].below for row in table.rows] == [(), (), (), ("against distance of 1 m",)]


def test_a_family_of_one_condition_is_named_by_it(changed):
    facts = {"family": "mp3", "label_preserving": True, "conditions": 1, "worst": "mp3@kbps=16"}
    one = judged(None, "SER305", "mean UAR", 0.5, value_worst=0.5, left_out=3, **facts)
    one = one.model_copy(update={"subject": one.subject.model_copy(update={"group": "family: mp3"})})
    table = blocks(changed(one), Table)[0]
    assert texts(table) == [["MP3 at 16 kbit/s", ".50", "", ""]]
    assert table.notes == (
        "MP3: 3 of the utterances with truth are left out, as they could not be predicted in all of its "
        "conditions.",
    )


def test_errors_relative_to_the_first_checkpoint_have_a_column(changed):
    mean = judged(None, "SER306", "mPC of UAR", 0.5, families=2, rPC=0.8)
    error = judged(None, "SER307", "mCE of UAR", 1.4, first="base")
    table = blocks(changed(mean, error), Table)[0]
    assert [c.label for c in table.columns] == ["Family", "Mean", "Change", "Error / base", "Worst"]
    assert texts(table) == [["mPC over 2 families", ".50", "", "1.40", ""]]
