"""Condition ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ser_audit.perturbations.condition import canonical, condition_id, parse


@pytest.mark.parametrize("text", ["20", "20.0", "2e1", "+20", "20.", "020"])
def test_forms_of_one_number_are_one_id(text):
    family, parameters = parse(f"noise.white@snr_db={text}")
    assert condition_id(family, **parameters) == "noise.white@snr_db=20"


def test_canonical_numbers():
    assert [canonical(x) for x in (0.5, -2.0, -0.0, 1e-7, 16000)] == ["0.5", "-2", "0", "1e-07", "16000"]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_canonical_number_reads_back_as_itself(value):
    assert float(canonical(value)) == value
    assert canonical(float(canonical(value))) == canonical(value)


def test_parameters_keep_their_order():
    assert parse("a.b@x=1,y=-2.5") == ("a.b", {"x": 1.0, "y": -2.5})
    assert parse("telephone") == ("telephone", {})


@pytest.mark.parametrize(
    "bad", ["gain@", "gain@db", "gain@db=", "gain@=2", "gain@db=2,", "gain@db=nan", "gain@db=٣"]
)
def test_a_malformed_id_is_named_with_an_example(bad):
    with pytest.raises(ValueError, match=r"is not parameter=value, as in noise\.white@snr_db=20"):
        parse(bad)


def test_a_parameter_given_twice_is_refused():
    with pytest.raises(ValueError, match="gives db twice"):
        parse("gain@db=1,db=2")


@pytest.mark.parametrize(
    ("text", "canonical_text"),
    [("-2.0/2", "-2/2"), ("1/2/4", "1/2/4"), ("10..20.0", "10..20"), (".5...75", "0.5..0.75")],
)
def test_drawn_values_have_a_canonical_form(text, canonical_text):
    family, parameters = parse(f"gain@db={text}")
    assert condition_id(family, **parameters) == f"gain@db={canonical_text}"


@pytest.mark.parametrize("bad", ["1/1", "2..1", "1..1", "1..2..3", "1/", "..2", "1/x"])
def test_a_drawn_value_that_is_none_is_refused(bad):
    with pytest.raises(ValueError, match=r"gain@db=-2/2 \(one of them, drawn per utterance\)"):
        parse(f"gain@db={bad}")
