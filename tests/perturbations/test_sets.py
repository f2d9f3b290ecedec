"""Sets of conditions."""

import pytest
from ser_audit.perturbations.make import make, registered
from ser_audit.perturbations.sets import conditions, names


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
    assert {make(condition).family for condition in default} >= set(registered()) - {"clean"}
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
