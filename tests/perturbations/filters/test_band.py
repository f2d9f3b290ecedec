"""A band-pass filter."""

import numpy as np
import pytest
from ser_audit.perturbations.filters.band import BandPass


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100])
@pytest.mark.parametrize("edges", [(300, 3400), (500, 2500), (900, 1000)])
def test_both_edges_are_3_db_down_and_the_middle_is_kept(edges, sampling_rate, response_db):
    band = BandPass(*edges)
    for hz in edges:
        assert response_db(band, hz, sampling_rate) == pytest.approx(-3.01, abs=0.5)
    assert response_db(band, np.sqrt(np.prod(edges)), sampling_rate) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("edges", [(50, 7500), (100, 6500), (200, 5000)])
def test_the_wide_bands_of_the_ladder_are_3_db_down_at_their_edges(edges, response_db):
    for hz in edges:
        assert response_db(BandPass(*edges), hz) == pytest.approx(-3.01, abs=0.5)


def test_it_falls_by_24_db_per_octave_to_both_sides(response_db):
    band = BandPass(1600, 3200)
    assert response_db(band, 400, 48000) - response_db(band, 200, 48000) == pytest.approx(24, abs=1.5)
    band = BandPass(200, 400)
    assert response_db(band, 1600, 48000) - response_db(band, 3200, 48000) == pytest.approx(24, abs=1.5)


def test_an_offset_makes_no_click_at_the_start(rng):
    out = BandPass(300, 3400)(np.full(16000, 0.5, np.float32), 16000, rng)
    assert np.abs(out).max() < 1e-6


def test_edges_that_make_no_band_are_refused(tone, rng):
    with pytest.raises(ValueError, match=r"high_hz=300 must be 1.1 times low_hz=3400 or more"):
        BandPass(3400, 300)
    with pytest.raises(ValueError, match=r"high_hz=7500: the cut-off must lie below .* 4000 Hz"):
        BandPass(50, 7500)(tone(100, sampling_rate=8000), 8000, rng)
