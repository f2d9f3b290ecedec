"""Speech made longer, shorter, higher or lower by Signalsmith Stretch, a phase vocoder."""

from __future__ import annotations

import numpy as np

from ..wave import SILENCE, fitted, rms

STRETCHING, TRANSPOSING = 0.08, 0.1  # seconds of the vocoder's blocks
INTERVAL = 0.25  # of a block, to the next one
MAKE_UP = 4.0  # 12 dB: what lost more than that lay beyond the band, and its remains are no speech


def stretched(
    wave: np.ndarray,
    sampling_rate: int,
    rng: np.random.Generator,
    *,
    factor: float = 1.0,
    semitones: float = 0.0,
) -> np.ndarray:
    """Float32 (samples,) made ``factor`` times as fast and ``semitones`` higher, formants included.

    The length is exactly round(samples / factor); what lies at t seconds comes to lie at t / factor. The
    RMS over all samples stays, made up for by 12 dB at most; the peak may exceed ±1. The wave is brought to
    an RMS of 1 before, so that its level changes nothing else.

    The library is called directly: audiomentations' PitchShift and TimeStretch do not seed it, and below
    half the speed it draws phases, different ones in every call. Its own blocks of 120 ms smear speech; in
    shorter ones it loses the harmonics of low voices. 80 ms keep a voice of 65 Hz within .01 semitones when
    stretched, 100 ms within .05 when transposed.

    Raises:
        ValueError: nothing is left of a wave this short.
    """
    import python_stretch

    samples = round(len(wave) / factor)
    if not samples:
        raise ValueError(f"{len(wave)} samples are too short to be made {factor:g} times as fast")
    level = rms(wave)
    if level < SILENCE:
        return np.zeros(samples, np.float32)
    stretch = python_stretch.Signalsmith.Stretch(int(rng.integers(2**31)))
    block = (TRANSPOSING if semitones else STRETCHING) * sampling_rate
    stretch.configure(1, round(block), round(block * INTERVAL))
    stretch.timeFactor = factor
    stretch.setTransposeSemitones(semitones)
    found = np.asarray(stretch.process((wave / level).astype(np.float32)[None]))
    out = fitted(found[0], samples)
    return (out * (level * min(1 / max(rms(out), SILENCE), MAKE_UP))).astype(np.float32)
