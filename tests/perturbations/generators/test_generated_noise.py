"""Noise of a power-law spectrum, and of any spectrum."""

import numpy as np
import pytest
from scipy.signal import welch
from scipy.stats import kurtosis
from ser_audit.perturbations.generators.coloured import coloured
from ser_audit.perturbations.generators.shaped import band, shaped

RATE = 16000


@pytest.mark.parametrize("exponent", [-1, 0, 1, 2])
@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100])
def test_the_spectrum_falls_by_the_exponent(exponent, sampling_rate, rng):
    wave = coloured(30 * sampling_rate, exponent, sampling_rate, rng).astype(float)
    hz, power = welch(wave, sampling_rate, nperseg=4096)
    inside = (hz > 100) & (hz < 0.45 * sampling_rate)
    slope = np.polyfit(np.log10(hz[inside]), np.log10(power[inside]), 1)[0]
    assert slope == pytest.approx(-exponent, abs=0.03)


def test_what_is_not_heard_takes_no_level(rng):
    hz, power = welch(coloured(60 * RATE, 2, RATE, rng).astype(float), RATE, nperseg=RATE)
    assert power[(hz > 0) & (hz < 15)].mean() == pytest.approx(power[(hz >= 15) & (hz <= 20)].mean(), rel=0.3)
    assert power[:20].sum() < 0.6 * power.sum()


def test_it_is_gaussian_and_without_dc(rng):
    wave = coloured(30 * RATE, 0, RATE, rng).astype(float)
    assert kurtosis(wave) == pytest.approx(0, abs=0.05)
    assert abs(wave.mean()) < 1e-3


def test_shaped_noise_has_the_level_and_spectrum_asked_for(rng):
    wave = shaped(60 * RATE, lambda hz: band(hz, 500, 2000), RATE, rng)
    assert np.sqrt(np.mean(wave**2)) == pytest.approx(1, abs=0.02)
    hz, power = welch(wave, RATE, nperseg=4096)

    def level(at):
        return 10 * np.log10(power[np.abs(hz - at) < 20].mean())

    assert level(500) - level(1000) == pytest.approx(-3 + 0.53, abs=0.5)  # 1 kHz itself is .53 dB down
    assert level(8000 / 1.01) - level(4000) == pytest.approx(-12, abs=0.7)
