"""Sounds drawn from several."""

from collections import Counter

import numpy as np
import pytest
from ser_audit.perturbations.noises.draws import audible


def constant(value):
    return lambda rng: np.full(10, value, np.float32)


def test_each_is_drawn_once_before_any_is_drawn_again(rng):
    sounds = audible("x", [constant(v) for v in (1, 2, 3)], 7, rng)
    assert sorted(Counter(float(s[0]) for s in sounds).values()) == [2, 2, 3]
    assert {float(s[0]) for s in sounds[:3]} == {1, 2, 3}


def test_each_is_drawn_as_often(rng):
    draws = [constant(v) for v in (1, 2, 3, 4)]
    counts = Counter(float(audible("x", draws, 1, rng)[0][0]) for _ in range(2000))
    assert [counts[v] for v in (1, 2, 3, 4)] == pytest.approx([500] * 4, abs=80)  # four standard deviations


def test_silent_ones_are_passed_over(rng):
    draws = [constant(0)] * 10 + [constant(1)]
    assert [s[0] for s in audible("x", draws, 2, rng)] == [1, 1]


def test_the_dither_of_16_bit_silence_is_silent(rng):
    def dither(rng):
        return (rng.integers(-1, 2, 1000) / 2**15).astype(np.float32)

    with pytest.raises(ValueError, match="x: 20 of the sounds drawn for it were silent"):
        audible("x", [dither], 1, rng)


def test_twenty_silent_ones_are_enough(rng):
    calls = []
    with pytest.raises(ValueError, match="x: 20 of the sounds drawn for it were silent"):
        audible("x", [lambda rng: calls.append(1) or np.zeros(10, np.float32)], 1, rng)
    assert len(calls) == 20
