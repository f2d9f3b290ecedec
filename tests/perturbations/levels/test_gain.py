"""A change of level."""

import numpy as np
import pytest
from ser_audit.perturbations.levels.gain import Gain


@pytest.mark.parametrize(("db", "factor"), [(2, 1.2589254), (-2, 0.79432823), (20, 10), (0, 1)])
def test_the_gain_is_exact_and_nothing_is_clipped(db, factor, noise, rng):
    wave = noise()
    out = Gain(db)(wave, 16000, rng)
    np.testing.assert_allclose(out, wave * factor, rtol=2e-7)
    assert db < 20 or np.abs(out).max() > 1
