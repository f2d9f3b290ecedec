"""Filters on pure tones."""

import numpy as np
import pytest
from ser_audit.perturbations.filters.cutoff import HighPass, LowPass


@pytest.mark.parametrize("sampling_rate", [16000, 44100])
@pytest.mark.parametrize("perturbation", [HighPass(200), HighPass(1000), LowPass(1000), LowPass(3000)])
def test_the_cut_off_is_3_db_down(perturbation, sampling_rate, response_db):
    assert response_db(perturbation, perturbation.hz, sampling_rate) == pytest.approx(-3.01, abs=0.5)


def test_the_slope_is_24_db_per_octave(response_db):
    high = HighPass(1600)
    assert response_db(high, 400) - response_db(high, 200) == pytest.approx(24, abs=0.5)
    low = LowPass(400)
    assert response_db(low, 800) - response_db(low, 1600) == pytest.approx(24, abs=1)  # steeper to Nyquist
    # Butterworth of order 4: 1 / (1 + (f / f0)^8)
    assert response_db(low, 500) == pytest.approx(-10 * np.log10(1 + 1.25**8), abs=0.2)


@pytest.mark.parametrize(
    ("perturbation", "kept", "gone"), [(HighPass(200), 1000, 50), (LowPass(3000), 500, 7500)]
)
def test_the_pass_band_is_kept_and_the_stop_band_gone(perturbation, kept, gone, response_db):
    assert response_db(perturbation, kept) == pytest.approx(0, abs=0.1)
    assert response_db(perturbation, gone) < -45


def test_a_cut_off_that_the_sampling_rate_cannot_hold_is_refused(tone, rng):
    with pytest.raises(ValueError, match=r"lowpass@hz=8000: the cut-off must lie below .* 8000 Hz"):
        LowPass(8000)(tone(100), 16000, rng)
