"""Committed results of slow validations hold and belong to the code as it is; short runs agree with them."""

import csv
import importlib
import sys
from pathlib import Path

import pytest
from ser_audit.perturbations.sets import conditions, names, read_set

DOCS = Path(__file__).parents[1] / "docs"
FOLDER = DOCS / "validation"
BUDGET = {  # milliseconds per second of audio and core
    **dict.fromkeys(("mulaw", "alaw", "gsm", "amr", "mp3", "opus", "vorbis", "telephone.poor"), 15),
    **dict.fromkeys(("pitch", "tempo", "formants", "speedup"), 15),
    **dict.fromkeys(("room", "distance"), 5),
}
SHORT = 3  # seeds of a row of verdicts
FEW = 40  # corpora of a cell of coverage


def table(name):
    with (FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def script():
    """Import a script of the folder by its name; afterwards no other module can meet it."""
    before = set(sys.modules)
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module
    sys.path.remove(str(FOLDER))
    for name in set(sys.modules) - before:
        if Path(getattr(sys.modules[name], "__file__", None) or "").parent == FOLDER:
            del sys.modules[name]


def test_the_ladder_was_run_as_it_stands():
    rows = [(row["family"], row["condition"]) for row in table("ladder.csv")]
    assert rows == [(group.name, c) for group in read_set("ladder").groups for c in group.conditions]
    assert all(float(r["low"]) <= float(r["uar"]) <= float(r["high"]) for r in table("ladder.csv"))


@pytest.mark.parametrize("name", names())
def test_every_condition_of_a_set_was_timed_and_kept_its_budget(name):
    costs = {row["condition"]: float(row["ms/s"]) for row in table("cost.csv")}
    for condition in conditions(name):
        assert costs[condition] <= BUDGET.get(condition.partition("@")[0], 3), condition


def test_intervals_cover_what_they_must_in_the_committed_run(script):
    coverage = script("coverage")
    rows = table("coverage.csv")
    assert tuple(coverage.of(row) for row in rows) == coverage.CELLS
    assert all(int(row["corpora"]) >= 4000 for row in rows)
    for row in rows:
        low, high = (0.92, 0.98) if row["speakers"] == "10" else (0.93, 0.97)
        assert low <= float(row["studentised"]) <= high, coverage.of(row)
        for method in coverage.METHODS:
            count = round(float(row[method]) * int(row["corpora"]))
            exact = coverage.clopper_pearson(count, int(row["corpora"]))
            assert [float(row[f"{method}_{end}"]) for end in ("low", "high")] == pytest.approx(
                exact, abs=1e-4
            )


def test_verdicts_are_right_as_often_as_they_must_in_the_committed_run(script):
    verdicts = script("verdicts")
    lines = table("verdicts.csv")
    held = {(row.name, bound.event): bound for row in verdicts.ROWS for bound in row.bounds}
    assert [(line["row"], line["event"]) for line in lines] == list(held)
    for line in lines:
        count, seeds = int(line["count"]), int(line["seeds"])
        assert seeds >= 500
        assert held[line["row"], line["event"]].holds(count / seeds), line
        exact = verdicts.clopper_pearson(count, seeds)
        assert (float(line["low"]), float(line["high"])) == pytest.approx(exact, abs=1e-4)


def test_the_page_shows_the_committed_runs(script):
    coverage, verdicts, results = (script(name) for name in ("coverage", "verdicts", "results"))
    page = (DOCS / "validation.md").read_text(encoding="utf-8")
    assert results.insert("coverage", coverage.told(table("coverage.csv")), page) == page
    assert results.insert("verdicts", verdicts.told(table("verdicts.csv")), page) == page


def test_the_interval_of_verdicts_covers_where_the_percentile_one_does_not(script):
    coverage = script("coverage")
    true = {coverage.of(row): float(row["true"]) for row in table("coverage.csv")}
    held = dict.fromkeys(coverage.METHODS, 0.0)
    cells = [cell for cell in coverage.CELLS if cell.speakers == 10]
    for cell in cells:
        row = coverage.measure(cell, FEW, true[cell])
        for method in held:
            held[method] += float(row[method]) / len(cells)
    assert 0.93 <= held["studentised"] <= 0.98
    assert held["percentile"] < 0.92
    assert held["bca"] < 0.92


def test_verdicts_keep_their_bounds_over_a_few_seeds(script):
    verdicts = script("verdicts")
    for row in verdicts.ROWS:
        for bound, line in zip(row.bounds, verdicts.observed(row, SHORT), strict=True):
            exact = verdicts.clopper_pearson(int(line["count"]), SHORT)
            assert exact[0] <= bound.most, line
            assert exact[1] >= bound.least, line
