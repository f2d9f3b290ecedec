"""Sets of conditions."""

import pytest
from ser_audit.perturbations.make import make
from ser_audit.perturbations.sets import conditions, names, read_set


def test_the_default_set_holds_what_an_audit_promises():
    expected = {
        "clean",
        *(f"noise.white@snr_db={db}" for db in (30, 20, 10, 0)),
        "gain@db=2",
        "gain@db=-2",
        "telephone",
        "room@rt60=0.5",
    }
    default = conditions("default")
    assert default[0] == "clean"
    assert set(default) >= expected
    assert all(make(condition).label_preserving for condition in default)
    assert "default" in names()


def test_a_users_file_is_read_in_its_order_and_canonical_form(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('conditions = ["gain@db=2.0", "clean"]')
    assert conditions(path) == conditions(str(path)) == ("gain@db=2", "clean")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('conditions = ["gain@db=2", "gain@db=2.0"]', "lists gain@db=2 twice"),
        ('conditions = ["gain@dB=2"]', "gain has no parameter 'dB': did you mean 'db'"),
        ('condition = ["clean"]', "unknown key 'condition'; it takes conditions"),
        ('conditions = "clean"', "needs conditions = "),
        ("conditions = []", "needs conditions = "),
        ("conditions = [1]", "needs conditions = "),
        ("conditions = [", "is no TOML"),
        ('[[groups]]\nname = "a"', "needs conditions = "),
        ('conditions = ["clean"]\n[[groups]]\nconditions = ["clean"]', "or .*groups.* of them"),
        ('[[groups]]\nconditions = ["gain@db=1"]\n' * 2, "lists gain@db=1 twice"),
        ('[[groups]]\nconditions = ["gain@db=1"]\nlimit = 3', "has the unknown key 'limit'; it takes name"),
        ('[[groups]]\nconditions = ["gain@db=1"]\nreference = "gian"', "unknown perturbation 'gian'"),
        ('summary = 3\nconditions = ["clean"]', "needs summary to be a text, not 3"),
        ("groups = 3", "needs each of its groups as a table"),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path, text, message):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as caught:
        conditions(path)
    assert "mine.toml" in str(caught.value)


def test_an_unknown_set_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(ValueError, match=r"unknown set 'defalt': did you mean 'default'\?"):
        conditions("defalt")
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        conditions(tmp_path / "absent.toml")


def test_a_group_may_name_what_its_conditions_are_compared_with(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'summary = "Far"\n[[groups]]\nname = "far"\nreference = "room@rt60=0.20"\n'
        'conditions = ["room@rt60=0.7", "recording.*"]\n'
    )
    chosen = read_set(path)
    assert chosen.conditions == ("room@rt60=0.2", "room@rt60=0.7")
    assert chosen.references == {"room@rt60=0.7": "room@rt60=0.2", "recording.*": "room@rt60=0.2"}
    assert chosen.summary == "Far"


def test_the_ladder_has_its_families_in_five_steps_and_probes_apart():
    ladder = read_set("ladder")
    groups = {group.name: group.conditions for group in ladder.groups}
    assert all(len(steps) == 5 for steps in groups.values())
    families = {name: {make(c).family for c in steps} for name, steps in groups.items()}
    assert all(len(found) == 1 for found in families.values())
    probes = {next(iter(families[n])) for n, s in groups.items() if not make(s[0]).label_preserving}
    assert probes == {"pitch", "tempo", "formants"}
    assert len(groups) - len(probes) >= 18
    assert ladder.references == {}


@pytest.mark.parametrize("name", ["default", "ser-tests", "wagner2023"])
def test_the_published_sets_preserve_labels(name):
    assert all(make(condition).label_preserving for condition in conditions(name))
