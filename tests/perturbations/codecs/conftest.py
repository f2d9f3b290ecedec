"""A voice to code, and how far a coded spectrum is off."""

import sys

import numpy as np
import pytest

RATE = 16000  # Hz


@pytest.fixture(scope="session")
def voice():
    """A synthetic voice, float32 (samples,) at 16 kHz: a gliding pulse train, four formants, syllables."""
    from scipy.signal import lfilter

    time = np.arange(3 * RATE) / RATE
    pitch = 120 * 2 ** (0.3 * np.sin(2 * np.pi * 0.7 * time))
    wave = np.diff(np.floor(np.cumsum(pitch) / RATE), prepend=0)
    wave += 0.01 * np.random.default_rng(5).standard_normal(len(time))
    for hz, bandwidth in ((600, 80), (1200, 100), (2500, 150), (3500, 250)):
        radius = np.exp(-np.pi * bandwidth / RATE)
        wave = lfilter([1], [1, -2 * radius * np.cos(2 * np.pi * hz / RATE), radius**2], wave)
    wave *= np.clip(np.sin(2 * np.pi * 2.5 * time), 0, 1) ** 0.5
    return (0.5 * wave / np.abs(wave).max()).astype(np.float32)


@pytest.fixture(scope="session")
def spectral_error():
    """The RMS difference in dB of two spectrograms from 200 to 3400 Hz, over the frames that are loud."""
    from scipy.signal import stft

    def measure(reference, coded):
        hz, _, before = stft(reference, RATE, nperseg=512)
        after = stft(coded, RATE, nperseg=512)[2]
        band = (hz > 200) & (hz < 3400)
        before, after = np.abs(before[band]) ** 2, np.abs(after[band]) ** 2
        loud = before.sum(0) > 1e-3 * before.sum(0).max()
        floor = 1e-6 * before.max()
        ratio = (after[:, loud] + floor) / (before[:, loud] + floor)
        return float(np.sqrt(np.mean((10 * np.log10(ratio)) ** 2)))

    return measure


@pytest.fixture(scope="session")
def band_db():
    """The mean power of a wave from some Hz to others, in dB."""

    def measure(wave, low, high, sampling_rate=RATE):
        power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)))) ** 2
        hz = np.fft.rfftfreq(len(wave), 1 / sampling_rate)
        return 10 * np.log10(power[(hz >= low) & (hz < high)].mean())

    return measure


@pytest.fixture(scope="session")
def above_500_hz():
    """A wave from 500 to 3400 Hz: where the high-pass of a codec shifts no phases."""

    def keep(wave):
        spectrum = np.fft.rfft(wave)
        hz = np.fft.rfftfreq(len(wave), 1 / RATE)
        return np.fft.irfft(np.where((hz > 500) & (hz < 3400), spectrum, 0), len(wave))

    return keep


@pytest.fixture
def without_pyav(monkeypatch):
    """PyAV cannot be imported."""
    monkeypatch.setitem(sys.modules, "av", None)
