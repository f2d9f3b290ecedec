"""Signals whose perturbed form is known, and how to measure them; the fixtures are functions."""

from pathlib import Path

import numpy as np
import pytest

RATE = 16000  # Hz


@pytest.fixture(scope="session")
def level_db():
    """RMS of a wave in dB of full scale."""
    return lambda wave: 20 * np.log10(np.sqrt(np.mean(np.square(wave, dtype=np.float64))))


@pytest.fixture(scope="session")
def tone():
    """A sine of some Hz, float32 (samples,)."""

    def make(hz, seconds=2.0, amplitude=0.5, sampling_rate=RATE):
        time = np.arange(round(seconds * sampling_rate)) / sampling_rate
        return (amplitude * np.sin(2 * np.pi * hz * time)).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def noise():
    """White Gaussian noise of some RMS at 16 kHz, float32 (samples,)."""

    def make(seconds=2.0, level=0.1, seed=0):
        rng = np.random.default_rng(seed)
        return (level * rng.standard_normal(round(seconds * RATE))).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def response_db(tone, level_db):
    """The gain in dB of a perturbation for a sine, on the last of two seconds."""

    def measure(perturbation, hz, sampling_rate=RATE):
        sine = tone(hz, sampling_rate=sampling_rate)
        out = perturbation(sine, sampling_rate, np.random.default_rng(0))
        return level_db(out[sampling_rate:]) - level_db(sine[sampling_rate:])

    return measure


@pytest.fixture(scope="session")
def lag():
    """Samples by which the second wave lies behind the first: the peak of their cross-correlation."""

    def measure(reference, delayed):
        size = 2 * max(len(reference), len(delayed))
        spectrum = np.conj(np.fft.rfft(reference, size)) * np.fft.rfft(delayed, size)
        peak = int(np.argmax(np.fft.irfft(spectrum, size)))
        return peak if peak < size // 2 else peak - size

    return measure


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def speech(shared: Path) -> list[np.ndarray]:
    """Six real utterances of two corpora and levels, 3 s and more at 16 kHz, float32 (samples,)."""
    import soundfile

    waves = []
    for corpus in ("ravdess", "nemo"):
        files = sorted((shared / "corpora" / "ravdess-nemo" / corpus).rglob("*.flac"))
        long = [file for file in files if soundfile.info(file).duration >= 3]
        waves += [soundfile.read(file, dtype="float32")[0] for file in long[:: len(long) // 3][:3]]
    return waves
