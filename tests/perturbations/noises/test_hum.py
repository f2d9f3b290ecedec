"""Mains hum."""

import numpy as np
import pytest
from ser_audit.perturbations.noises.hum import Hum

RATE = 16000


def spectrum(wave, sampling_rate=RATE):
    """Hz and dB of the bins, by a window whose side lobes lie below −90 dB."""
    power = np.abs(np.fft.rfft(wave * np.blackman(len(wave)) ** 2)) ** 2
    return np.fft.rfftfreq(len(wave), 1 / sampling_rate), 10 * np.log10(power + 1e-30)


@pytest.mark.parametrize(("hz", "count"), [(50, 20), (60, 16)])
def test_the_amplitude_of_a_harmonic_is_the_reciprocal_of_its_number(hz, count, tone, added):
    frequencies, level = spectrum(added(Hum(0, hz=hz), tone(3000, 10)))
    low = np.flatnonzero(frequencies < 1.5 * hz)
    fundamental = frequencies[low[np.argmax(level[low])]]
    assert fundamental == pytest.approx(hz, rel=0.0101, abs=0.1)
    numbers = np.arange(1, int(1000 / fundamental) + 1)
    assert len(numbers) == pytest.approx(count, abs=1)
    peaks = [level[np.abs(frequencies - k * fundamental) < 15].max() for k in numbers]
    assert np.array(peaks) - peaks[0] == pytest.approx(-20 * np.log10(numbers), abs=0.5)
    between = [
        level[np.abs(frequencies - (k + 0.5) * fundamental) < 10].max() for k in range(1, len(numbers))
    ]
    assert max(between) < peaks[-1] - 30
    assert level[frequencies > 1050].max() < peaks[-1] - 30


def test_frequency_and_phases_are_drawn(tone, added):
    sine = tone(3000, 10)
    found = []
    for seed in range(12):
        frequencies, level = spectrum(added(Hum(0), sine, seed=seed))
        found.append(frequencies[np.argmax(level)])
    assert min(found) >= 49.4
    assert max(found) <= 50.6
    assert np.ptp(found) > 0.4
    one, other = (added(Hum(0), sine, seed=seed)[:320] for seed in (0, 1))
    assert np.abs(np.corrcoef(one, other)[0, 1]) < 0.95


def test_no_harmonic_comes_back_mirrored_at_half_the_sampling_rate(noise, added):
    frequencies, level = spectrum(added(Hum(0), noise(1), sampling_rate=1600), 1600)  # 10 s
    fundamental = frequencies[np.argmax(level)]
    found = frequencies[level > level.max() - 40]
    assert found.max() > 750
    assert np.abs(found / fundamental - np.round(found / fundamental)).max() < 0.05


def test_the_grid_s_frequency_is_left_out_of_the_id_where_it_is_50():
    assert Hum(10, hz=50).id == "noise.hum@snr_db=10"
    assert Hum(10, hz=60, active=1).id == "noise.hum@snr_db=10,hz=60,active=1"
    with pytest.raises(ValueError, match="noise.hum: hz=400 is out of range; it takes 45 to 65 Hz"):
        Hum(10, hz=400)
