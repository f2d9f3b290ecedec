"""Noise added at a signal-to-noise ratio that is realised exactly, over an utterance or over a burst."""

from __future__ import annotations

import numpy as np

from ..condition import condition_id, require_within
from ..speech_level import active_rms
from ..wave import SILENCE, rms


def require_snr(family: str, snr_db: float, active: float = 0) -> None:
    """Refuse an SNR outside −20 to 60 dB, and an ``active`` that is neither 0 nor 1.

    Raises:
        ValueError: one of them is refused.
    """
    require_within(family, "snr_db", snr_db, -20, 60, "dB")
    if active not in (0, 1):
        raise ValueError(
            f"{family}: active={active:g} is neither 0 (SNR over the utterance) nor 1 (over active speech)"
        )


def noise_id(family: str, snr_db: float, active: float, **parameters: float) -> str:
    """The condition id of a noise: its SNR, its own ``parameters``, and ``active`` where it is 1.

    >>> noise_id("noise.babble", 20, 1, voices=4)
    'noise.babble@snr_db=20,voices=4,active=1'
    """
    return condition_id(family, snr_db=snr_db, **parameters, **({"active": active} if active else {}))


def mixed(
    condition: str, wave: np.ndarray, noise: np.ndarray, sampling_rate: int, snr_db: float, active: float
) -> np.ndarray:
    """``wave`` and, ``snr_db`` dB below it, ``noise``; both (samples,) at ``sampling_rate`` Hz.

    The noise is scaled by its own RMS over the whole utterance, so the ratio holds for the very noise that
    is added. The level of the speech is its RMS (``active=0``) or its active level by ITU-T P.56, without
    pauses (``active=1``). ``condition`` is the id, for messages.

    Returns:
        float32 (samples,); the peak may exceed ±1.

    Raises:
        ValueError: the wave or the noise is silent (below −180 dBFS).
    """
    level = active_rms(wave, sampling_rate) if active else rms(wave)
    return (wave + _scaled(condition, noise, level, snr_db)).astype(np.float32)


def mixed_burst(
    condition: str, wave: np.ndarray, burst: np.ndarray, snr_db: float, rng: np.random.Generator
) -> np.ndarray:
    """``wave`` (samples,) and, somewhere in it, ``burst`` (burst samples,); returns float32 (samples,).

    The ratio is that of the utterance's RMS, pauses included, to the burst's RMS over its own samples; zeros
    at its ends are none of them. Each position that holds the whole burst is as likely. A burst that is
    longer than the utterance is cut to its part with most energy. The peak may exceed ±1.

    Raises:
        ValueError: the wave or the burst is silent (below −180 dBFS).
    """
    burst = loudest(np.trim_zeros(burst) if np.any(burst) else burst, len(wave))
    start = int(rng.integers(len(wave) - len(burst) + 1))
    added = np.zeros(len(wave))
    added[start : start + len(burst)] = _scaled(condition, burst, rms(wave), snr_db)
    return (wave + added).astype(np.float32)


def loudest(sound: np.ndarray, samples: int) -> np.ndarray:
    """The ``samples`` samples of a sound in a row with most energy; the sound where it is not longer."""
    if len(sound) <= samples:
        return sound
    energy = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64))])
    start = int(np.argmax(energy[samples:] - energy[:-samples]))
    return sound[start : start + samples]


def _scaled(condition: str, noise: np.ndarray, level: float, snr_db: float) -> np.ndarray:
    """The noise, float64, with an RMS ``snr_db`` dB below ``level``."""
    if level < SILENCE:
        raise ValueError(f"{condition}: the utterance is silent, and silence has no SNR")
    own = rms(noise)
    if own < SILENCE:
        raise ValueError(f"{condition}: the noise is silent, and cannot be brought to an SNR")
    return np.asarray(noise, np.float64) * (level * 10 ** (-snr_db / 20) / own)
