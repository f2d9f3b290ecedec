"""Vowels whose F0 and formants are known, and how to measure both; the fixtures are functions."""

import numpy as np
import pytest

RATE = 16000  # Hz
FORMANTS = (500.0, 1500.0, 2500.0, 3500.0)  # Hz, of a uniform tube of 17.5 cm
BANDWIDTH = 80.0  # Hz


@pytest.fixture(scope="session")
def vowel():
    """Pulses at ``f0`` Hz (0: noise, a whisper) through resonances (Klatt 1980), float32 (samples,)."""

    def make(f0=120.0, formants=FORMANTS, seconds=2.0, sampling_rate=RATE):
        from scipy.signal import lfilter

        count = round(seconds * sampling_rate)
        pulses = np.diff(np.floor(np.arange(count + 1) * f0 / sampling_rate))
        whisper = np.random.default_rng(0).standard_normal(count)
        wave = lfilter([1], [1, -0.95], pulses if f0 else whisper)  # the voice's tilt
        for hz in formants:
            radius = np.exp(-np.pi * BANDWIDTH / sampling_rate)
            wave = lfilter([1], [1, -2 * radius * np.cos(2 * np.pi * hz / sampling_rate), radius**2], wave)
        return (0.1 * wave / np.sqrt(np.mean(wave**2))).astype(np.float32)

    return make


def middle(wave: np.ndarray) -> np.ndarray:
    return wave[len(wave) // 4 : 3 * len(wave) // 4].astype(np.float64)


@pytest.fixture(scope="session")
def f0():
    """F0 in Hz of a periodic wave: the autocorrelation's first peak that is nearly its highest."""

    def measure(wave, sampling_rate=RATE):
        part = middle(wave)
        window = np.hanning(len(part))
        raw, taper = (np.fft.irfft(np.abs(np.fft.rfft(x, 4 * len(x))) ** 2) for x in (part * window, window))
        shape = raw[: len(part) // 2] / taper[: len(part) // 2]
        lags = np.arange(sampling_rate // 700, sampling_rate // 25)
        peaks = lags[(shape[lags] > shape[lags - 1]) & (shape[lags] >= shape[lags + 1])]
        lag = peaks[shape[peaks] > 0.9 * shape[peaks].max()][0]
        before, at, after = shape[lag - 1 : lag + 2]
        return sampling_rate / (lag + 0.5 * (before - after) / (before - 2 * at + after))

    return measure


@pytest.fixture(scope="session")
def formants():
    """The resonances in Hz narrower than 400 Hz: the poles of a linear prediction over half of the wave."""

    def measure(wave, sampling_rate=RATE):
        order = 2 + sampling_rate // 1000
        part = np.diff(middle(wave))
        part *= np.hanning(len(part))
        lags = np.fft.irfft(np.abs(np.fft.rfft(part, 2 * len(part))) ** 2)[: order + 1]
        across = np.abs(np.subtract.outer(range(order), range(order)))
        poles = np.roots([1, *-np.linalg.solve(lags[across], lags[1:])])
        poles = poles[poles.imag > 0]
        narrow = -np.log(np.abs(poles)) * sampling_rate / np.pi < 400
        return np.sort(np.angle(poles[narrow]) * sampling_rate / (2 * np.pi))

    return measure
