"""Butterworth filters of other orders than four."""

import numpy as np
import pytest
from ser_audit.perturbations.filters.cutoff import HighPass, LowPass

ORDER_1 = [HighPass(hz, 1) for hz in (50, 100, 150)] + [LowPass(hz, 1) for hz in (7500, 7000, 6500)]


@pytest.mark.parametrize("perturbation", ORDER_1, ids=lambda p: p.id)
def test_first_orders_are_3_db_down_at_the_cut_off(perturbation, response_db):
    assert response_db(perturbation, perturbation.hz) == pytest.approx(-3.01, abs=0.5)


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 48000])
@pytest.mark.parametrize("order", range(1, 9))
def test_each_order_has_the_closed_form_of_butterworth(order, sampling_rate, response_db):
    for kind, sign in ((HighPass, 1), (LowPass, -1)):
        for octaves in (-2, -1, 0, 1):
            hz = 700 * 2**octaves
            # the bilinear transform bends frequencies by a tangent
            bent = np.tan(np.pi * 700 / sampling_rate) / np.tan(np.pi * hz / sampling_rate)
            expected = -10 * np.log10(1 + bent ** (2 * order * sign))
            assert response_db(kind(700, order), hz, sampling_rate) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("order", range(1, 7))
def test_each_order_falls_by_6_db_per_octave(order, response_db):
    high, low = HighPass(1600, order), LowPass(150, order)
    octave = response_db(high, 400) - response_db(high, 200)
    assert octave == pytest.approx(6.02 * order, abs=0.5)
    octave = response_db(low, 600) - response_db(low, 1200)
    assert octave == pytest.approx(6.02 * order, abs=0.5 + 0.02 * 6.02 * order)  # bent: steeper upwards


def test_order_four_is_left_out_of_the_id():
    assert HighPass(200, 4).id == "filter.highpass@hz=200"
    assert HighPass(200) == HighPass(200, 4)
    assert LowPass(7000, 1).id == "filter.lowpass@hz=7000,order=1"


@pytest.mark.parametrize("order", [0, 9, 1.5])
def test_what_is_no_order_is_refused(order):
    with pytest.raises(ValueError, match=r"filter.lowpass: order="):
        LowPass(1000, order)
