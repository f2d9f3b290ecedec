"""The active speech level: the RMS of the speech without its pauses."""

from __future__ import annotations

import numpy as np

from .wave import SILENCE, rms

TIME_CONSTANT = 0.03  # seconds, of each of the envelope's two stages
HANGOVER = 0.2  # seconds; a pause as long as this, or shorter, is part of the speech
MARGIN = 15.9  # dB between the active level and the threshold that counts as speech
THRESHOLDS = 0.5 ** np.arange(15)  # of the highest power of two that the envelope reaches, downwards


def active_rms(wave: np.ndarray, sampling_rate: int) -> float:
    """RMS of float32 (samples,) at ``sampling_rate`` Hz over its active parts; full scale is 1.

    ITU-T P.56 (12/2011), method B: the magnitude is smoothed twice; a sample is active at a threshold where
    this envelope reaches it, and for .2 s behind; the level is the energy of *all* samples over the number
    of active ones, at the threshold that lies 15.9 dB below that very level, interpolated in dB between
    thresholds at powers of two of full scale. They begin at the envelope's peak and go on below those of
    16-bit audio, so that soft recordings are measured as well. A gain of a power of two changes the result
    by that gain to the last bit; any other, as the method interpolates over 6 dB, to within half a dB.

    It is never below the RMS, and equals it where P.56 finds no pause: a wave not longer than the hangover,
    such as one of 10 ms, and one whose level lies too far above its envelope for any threshold (an impulse).
    The envelope takes about 30 ms to rise, which count as a pause: a constant level, noise or DC, of one
    second is measured .1 dB above its RMS. Silence has the level 0.
    """
    from scipy.ndimage import maximum_filter1d
    from scipy.signal import lfilter

    level = rms(wave)
    held = int(np.ceil(HANGOVER * sampling_rate)) + 1
    if len(wave) < held or level < SILENCE:
        return level
    decay = np.exp(-1 / (TIME_CONSTANT * sampling_rate))
    envelope = lfilter([(1 - decay) ** 2], [1, -2 * decay, decay**2], np.abs(wave.astype(np.float64)))
    # the largest value of the last .2 s: it reaches a threshold where the envelope does, or did just before
    recent = maximum_filter1d(envelope, held, mode="constant", origin=(held - 1) // 2)
    top = 2.0 ** (np.frexp(recent.max())[1] - 1)
    active = np.array([np.count_nonzero(recent >= threshold) for threshold in top * THRESHOLDS])
    levels = 10 * np.log10((level / top) ** 2 * len(wave) / active)  # dB of the highest threshold
    margins = levels - 20 * np.log10(THRESHOLDS)
    high = np.flatnonzero(margins <= MARGIN)
    if len(high) == 0 or high[-1] == len(THRESHOLDS) - 1:
        return level
    above, below = high[-1], high[-1] + 1  # the method takes the first crossing, from the lowest threshold up
    share = (MARGIN - margins[above]) / (margins[below] - margins[above])
    found = levels[above] + share * (levels[below] - levels[above])
    return float(top * 10 ** (found / 20))
