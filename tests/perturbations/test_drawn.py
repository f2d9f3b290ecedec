"""Parameters drawn per utterance."""

import pickle
from collections import Counter

import numpy as np
import pytest
from ser_audit.perturbations.make import make
from ser_audit.perturbations.rng import generator

RATE = 16000


def gains(condition, count=400):
    """The gain in dB that each of many utterances gets."""
    made, wave = make(condition), np.full(160, 0.1, np.float32)
    outs = [made(wave, RATE, generator(0, str(i), condition)) for i in range(count)]
    return np.array([20 * np.log10(out[0] / wave[0]) for out in outs])


def test_each_of_several_values_is_drawn_as_often():
    counts = Counter(np.round(gains("gain@db=-2/-1/1/2"), 3))
    assert sorted(counts) == [-2, -1, 1, 2]
    assert all(70 < n < 130 for n in counts.values())  # 100 ± 3.5 standard deviations


def test_a_range_is_drawn_from_uniformly():
    drawn = gains("gain@db=-2..2")
    assert drawn.min() >= -2
    assert drawn.max() <= 2
    assert np.abs(np.sort(drawn) - np.linspace(-2, 2, len(drawn))).max() < 4 * 1.63 / np.sqrt(400)  # KS, 1 %


def test_an_utterance_gets_the_same_value_again_and_another_seed_another():
    wave, condition = np.full(160, 0.1, np.float32), "gain@db=-2..2"
    made = make(condition)
    first, again, other = (made(wave, RATE, generator(s, "a", condition)) for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert first[0] != other[0]


def test_it_is_what_its_family_is():
    made = make("pitch@semitones=-1/1")
    assert (made.family, made.version, made.label_preserving) == ("pitch", 1, False)
    assert pickle.loads(pickle.dumps(made)) == made == make(made.id)  # noqa: S301


@pytest.mark.parametrize(
    ("spelling", "condition"),
    [
        ("speedup@percent=10..20,factor=1.25", "speedup@factor=1.25,percent=10..20"),
        ("filter.highpass@order=1,hz=50/100", "filter.highpass@hz=50/100,order=1"),
        ("filter.highpass@hz=50/100,order=4", "filter.highpass@hz=50/100"),
        ("noise.white@active=0,snr_db=35/40", "noise.white@snr_db=35/40"),
    ],
)
def test_spellings_of_one_condition_have_one_id_and_so_one_sound(spelling, condition):
    assert make(spelling) == make(condition)
    assert make(spelling).id == condition == make(condition).id


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("gain@db=-2/99", "db=99 is out of range"),
        ("gain@db=-99..2", "db=-99 is out of range"),
        ("noise.babble@snr_db=10,voices=4..7", "voices=4.95.* is not a whole number"),
    ],
)
def test_a_value_out_of_range_is_refused_before_it_is_drawn(condition, message):
    with pytest.raises(ValueError, match=message):
        make(condition)
