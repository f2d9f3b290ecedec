"""Folders of sounds as users have them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.io import savemat


def decaying(sampling_rate, seconds, delay=0.01, seed=0):
    """An impulse response: nothing, a direct path, and noise that decays by 60 dB in ``seconds``."""
    time = np.arange(round(1.2 * seconds * sampling_rate)) / sampling_rate
    tail = 0.05 * np.random.default_rng(seed).standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    tail[0] = 0.9
    return np.concatenate([np.zeros(round(delay * sampling_rate)), tail])


@pytest.fixture(scope="session")
def impulse_response():
    return decaying


@pytest.fixture
def write(tmp_path):
    """Writes a sound into the pack's folder and gives its path: some noise unless a wave is given."""

    def make(name, wave=None, sampling_rate=16000) -> Path:
        path = tmp_path / "pack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if wave is None:
            wave = np.random.default_rng(len(name)).normal(0, 0.1, sampling_rate // 4)
        if path.suffix == ".mat":
            info = {"fs": float(sampling_rate), "room": "office", "mock_up_type": "hhp"}
            savemat(path, {"h_air": np.atleast_2d(wave), "air_info": info})
        else:
            form = {"format": "OGG", "subtype": "OPUS"} if path.suffix == ".opus" else {}
            soundfile.write(path, wave, sampling_rate, **form)
        return path

    return make
