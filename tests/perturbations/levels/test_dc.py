"""A constant offset."""

import numpy as np
import pytest
from ser_audit.perturbations.levels.dc import Offset


@pytest.mark.parametrize("percent", [1, 50, -10])
@pytest.mark.parametrize("amplitude", [0.5, 1e-4])
def test_the_offset_is_that_share_of_the_peak_and_nothing_else_changes(percent, amplitude, tone, rng):
    wave = tone(250, amplitude=amplitude)  # its crests fall on samples
    added = Offset(percent)(wave, 16000, rng) - wave
    np.testing.assert_allclose(added, percent / 100 * amplitude, atol=1e-7 * amplitude / 0.5)
