"""Committed results of slow validations belong to the sets as they are now."""

import csv
from pathlib import Path

import pytest
from ser_audit.perturbations.sets import conditions, names, read_set

FOLDER = Path(__file__).parents[1] / "docs" / "validation"
BUDGET = {  # milliseconds per second of audio and core
    **dict.fromkeys(("mulaw", "alaw", "gsm", "amr", "mp3", "opus", "vorbis", "telephone.poor"), 15),
    **dict.fromkeys(("pitch", "tempo", "formants", "speedup"), 15),
    **dict.fromkeys(("room", "distance"), 5),
}


def table(name):
    with (FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_ladder_was_run_as_it_stands():
    rows = [(row["family"], row["condition"]) for row in table("ladder.csv")]
    assert rows == [(group.name, c) for group in read_set("ladder").groups for c in group.conditions]
    assert all(float(r["low"]) <= float(r["uar"]) <= float(r["high"]) for r in table("ladder.csv"))


@pytest.mark.parametrize("name", names())
def test_every_condition_of_a_set_was_timed_and_kept_its_budget(name):
    costs = {row["condition"]: float(row["ms/s"]) for row in table("cost.csv")}
    for condition in conditions(name):
        assert costs[condition] <= BUDGET.get(condition.partition("@")[0], 3), condition
