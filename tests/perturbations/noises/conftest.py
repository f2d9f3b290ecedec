"""What noises are mixed into and taken from, with levels that are known."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from ser_audit.perturbations.material.clip import Clip
from ser_audit.perturbations.material.material import Material
from ser_audit.perturbations.material.pack import Pack

RATE = 16000


@pytest.fixture(scope="session")
def added():
    """What a perturbation adds to a wave, float64 (samples,)."""

    def measure(perturbation, wave, sampling_rate=RATE, seed=0):
        return perturbation(wave, sampling_rate, np.random.default_rng(seed)).astype(float) - wave

    return measure


@pytest.fixture(scope="session")
def paused(tone):
    """20 s of a tone, then 20 s of silence: the active speech level is the tone's, 3.01 dB above the RMS."""
    sine = tone(220, 20)
    return np.append(sine, np.zeros(len(sine), np.float32))


@dataclass(frozen=True)
class Sound(Clip):
    """A clip of given samples; it is read as the protocol has it."""

    wave: np.ndarray = field(default=None, compare=False)
    reads: list = field(default_factory=list, compare=False)

    def read(self, samples, sampling_rate, rng):
        self.reads.append(samples)
        start = int(rng.integers(len(self.wave)))
        return np.resize(np.roll(self.wave, -start), samples).astype(np.float32)


@pytest.fixture
def clip():
    """A clip of a category, at 16 kHz; ``reads`` counts the samples that were read of it."""

    def make(category, wave):
        name = f"{category}/1.wav"
        return Sound(Path(name), name, category, category, len(wave) / RATE, wave=wave)

    return make


@pytest.fixture
def packed():
    """Material with one pack of some clips, and voices where wanted."""
    return lambda *clips, voices=None: Material((Pack("town", "folders", "sha256:0", clips),), voices)
