"""The bundled checkpoint with a defect each: Python checkpoints as the engine opens any other."""

from __future__ import annotations

import shutil
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..corpora import open_corpus
from ..corpus import DIMENSIONS, CorpusOptions

RATE = 16000  # Hz
HEAD = 2  # seed of a random head none of whose outputs follows the truth by accident
HOP = 256  # samples
HISS = -45.0  # dB: invented speech lies 5 dB or more below, with white noise at 40 dB SNR 5 dB above


@lru_cache(maxsize=1)
def _bundled():
    from ..checkpoints import open_checkpoint

    return open_checkpoint("bundled", threads=1)


@lru_cache(maxsize=512)
def _predicted(wave: bytes) -> np.ndarray:
    """What the bundled checkpoint predicts: every mutant of a run hears the same waves."""
    return _bundled().predict([np.frombuffer(wave, dtype=np.float32)])[0]


def level(wave: np.ndarray) -> float:
    """Root mean square in dBFS; −120 for silence."""
    return float(10 * np.log10(np.mean(np.square(wave, dtype=np.float64)) + 1e-12))


def hiss(wave: np.ndarray) -> float:
    """Power per bin above 7.2 kHz, in the median frame of 32 ms, over the mean power of all bins, in dB."""
    frames = wave[: len(wave) // 512 * 512].reshape(-1, 512) * np.hanning(512)
    power = np.abs(np.fft.rfft(frames)) ** 2
    return float(10 * np.log10(np.median(power[:, 230:].mean(axis=1)) / (power.mean() + 1e-20) + 1e-12))


def unrelated(wave: np.ndarray) -> np.ndarray:
    """Predictions that have nothing to do with the speech, the same for the same wave: float (3,)."""
    rng = np.random.default_rng(zlib.crc32(wave.tobytes()))
    return np.clip(rng.normal(0.5, 1 / 6, len(DIMENSIONS)), 0, 1)


class Bundled:
    """The bundled checkpoint itself, with the facts that its sidecar states."""

    dimensions: Sequence[str] = DIMENSIONS
    value_range = (0.0, 1.0)
    sampling_rate = RATE
    shortest_input = 0.075
    trained_on: Sequence[Mapping[str, object]] = ({"corpus": "synthetic aru, training pool"},)

    def predict(self, waves: Sequence[np.ndarray], sampling_rate: int) -> list[np.ndarray]:
        """Predict each wave, float32 (samples,): float (outputs,) each."""
        return [self.one(wave) for wave in waves]

    def one(self, wave: np.ndarray) -> np.ndarray:
        """Predict one wave: float (3,), arousal, dominance and valence."""
        return _predicted(wave.astype(np.float32, copy=False).tobytes())


class NoiseFragile(Bundled):
    """Breaks where a recording hisses."""

    def one(self, wave: np.ndarray) -> np.ndarray:
        """Predict where it is quiet, else anything."""
        return super().one(wave) if hiss(wave) < HISS else unrelated(wave)


class LevelSensitive(Bundled):
    """Takes loud for aroused and dominant: .04 per dB above −28 dBFS."""

    def one(self, wave: np.ndarray) -> np.ndarray:
        """Predict, and shift two outputs by the level."""
        return super().one(wave) + np.array([0.04, 0.04, 0.0]) * (level(wave) + 28)


class PaddingLeaky(Bundled):
    """Pads to whole hops of 16 ms, in a buffer that still holds the end of earlier utterances."""

    def __init__(self) -> None:
        self.buffer = np.zeros(0, dtype=np.float32)

    def one(self, wave: np.ndarray) -> np.ndarray:
        """Predict with what the buffer holds behind the wave."""
        length = -(-len(wave) // HOP) * HOP
        self.buffer = np.pad(self.buffer, (0, max(0, length - len(self.buffer))))
        self.buffer[: len(wave)] = wave
        return super().one(self.buffer[:length])


class NonDeterministic(Bundled):
    """Draws anew at every call: a standard deviation of .01."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng()

    def one(self, wave: np.ndarray) -> np.ndarray:
        """Predict, and jitter."""
        return super().one(wave) + 0.01 * self.rng.standard_normal(len(DIMENSIONS))


class Memoriser(Bundled):
    """Knows every utterance of its training speakers by heart, and nothing of others.

    It was trained on a quarter of the speakers of its first corpus, and on all of the others.
    """

    def __init__(self, corpora: Mapping[str, str]) -> None:
        self.trained_on: list[dict[str, object]] = []
        self.known: dict[bytes, np.ndarray] = {}
        for name, path in corpora.items():
            utterances = open_corpus(name, path, CorpusOptions()).utterances
            speakers = sorted({utterance.speaker for utterance in utterances})
            heard = speakers if self.trained_on else speakers[: len(speakers) // 4]
            self.trained_on.append({"corpus": name, "speakers": heard})
            for utterance in utterances:
                if utterance.speaker in heard:
                    truth = [utterance.truth[d] for d in DIMENSIONS]
                    self.known[utterance.load()[0].tobytes()] = np.array(truth, dtype=float)

    def one(self, wave: np.ndarray) -> np.ndarray:
        """Remember the truth, or say next to nothing."""
        known = self.known.get(wave.tobytes())
        return 0.5 + 0.06 * (unrelated(wave) - 0.5) if known is None else known


class CorpusBound(Bundled):
    """Valence alone, which was learnt from the words of one language."""

    dimensions = ("valence",)

    def one(self, wave: np.ndarray) -> np.ndarray:
        """Predict valence: float (1,)."""
        return super().one(wave)[2:]


class NotANumberOnSilence(Bundled):
    """Divides by the level."""

    def one(self, wave: np.ndarray) -> np.ndarray:
        """Predict; NaN where there is no level."""
        return super().one(wave) if level(wave) > -100 else np.full(len(DIMENSIONS), np.nan)


class Slow(Bundled):
    """Takes ``factor`` seconds for a second of audio, at least."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def one(self, wave: np.ndarray) -> np.ndarray:
        """Predict, after a rest."""
        time.sleep(self.factor * len(wave) / RATE)
        return super().one(wave)


def reinitialised(folder: Path) -> Path:
    """Write the bundled checkpoint with a head of random weights (sd .02, no bias) into ``folder``.

    It is what transformers draws, with a warning only, where the keys of a head do not fit.
    """
    from safetensors.numpy import load_file, save_file

    from ..checkpoints import BUNDLED, resolve

    shutil.copytree(resolve(BUNDLED), folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    weights = load_file(folder / "model.safetensors")
    rng = np.random.default_rng(HEAD)
    for key in sorted(key for key in weights if key.startswith("classifier.")):
        sd = 0.02 if key.endswith("weight") else 0.0
        weights[key] = (sd * rng.standard_normal(weights[key].shape)).astype(np.float32)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


FOLDERS: Mapping[str, Callable[[Path], Path]] = {"reinitialised": reinitialised}
