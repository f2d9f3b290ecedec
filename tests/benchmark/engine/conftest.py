"""A checkpoint that costs nothing: loudness as arousal."""

from pathlib import Path

import pytest

MODEL = '''
import numpy as np

class Loudness:
    """Arousal is the level, valence the zero-crossing rate; neither depends on other utterances."""

    dimensions = ["arousal", "valence"]
    value_range = [0.0, 1.0]
    sampling_rate = 16000
    trained_on = []

    def predict(self, waves, sampling_rate):
        level = [np.sqrt(np.mean(w.astype(float) ** 2)) for w in waves]
        crossings = [np.mean(np.diff(np.sign(w)) != 0) for w in waves]
        return np.array([level, crossings], dtype=np.float32).T
'''


@pytest.fixture
def loudness(tmp_path: Path) -> str:
    path = tmp_path / "loudness.py"
    path.write_text(MODEL)
    return f"{path}:Loudness"
