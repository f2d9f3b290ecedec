"""A cough and a sneeze against their phases."""

import numpy as np
import pytest
from scipy.signal import welch
from ser_audit.perturbations.generators.cough import cough
from ser_audit.perturbations.generators.sneeze import sneeze

RATE = 16000


def levels(wave, milliseconds=10):
    step = RATE * milliseconds // 1000
    return np.sqrt(np.mean(wave[: len(wave) // step * step].astype(float).reshape(-1, step) ** 2, axis=1))


@pytest.mark.parametrize(("make", "shortest", "longest"), [(cough, 0.25, 0.5), (sneeze, 0.3, 0.6)])
@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100])
def test_a_burst_has_its_duration_and_no_dead_end(make, shortest, longest, sampling_rate):
    for seed in range(30):
        wave = make(sampling_rate, np.random.default_rng(seed))
        assert shortest - 1e-3 <= len(wave) / sampling_rate <= longest + 1e-3
        assert abs(wave[-1]) < 0.02 * np.abs(wave).max()  # it ends without a click


def test_a_cough_explodes_and_then_blows():
    for seed in range(30):
        level = levels(cough(RATE, np.random.default_rng(seed)))
        assert np.argmax(level) <= 6  # within 60 ms
        explosion, middle = np.sqrt(np.mean(level[:5] ** 2)), np.sqrt(np.mean(level[8:18] ** 2))
        assert 3 < 20 * np.log10(explosion / middle) < 25
        assert np.mean(level[6:18] > 0.05 * level.max()) > 0.9


def test_every_second_cough_is_voiced():
    clear = []
    for seed in range(60):
        tail = cough(RATE, np.random.default_rng(seed))[-int(0.15 * RATE) : -int(0.05 * RATE)].astype(float)
        lags = np.fft.irfft(np.abs(np.fft.rfft(tail * np.hanning(len(tail)), 4096)) ** 2)
        lags /= lags[0]
        clear.append(lags[RATE // 330 : RATE // 100].max() > 0.6)
    assert 0.25 < np.mean(clear) < 0.75


def test_a_sneeze_is_broad_and_dies_away():
    for seed in range(30):
        wave = sneeze(RATE, np.random.default_rng(seed))
        level = levels(wave)
        assert 0 < np.argmax(level) < 20
        assert level[-3:].mean() < 0.05 * level.max()
        assert level[5:12].min() > 0.3 * level.max()
        hz, power = welch(wave.astype(float), RATE, nperseg=512)
        assert power[(hz > 2000) & (hz < 8000)].sum() > 0.3 * power.sum()
