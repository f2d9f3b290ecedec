"""Struck things: each rings in its modes and decays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

HEARD = 7.0  # time constants until a mode is 60 dB down


def struck(
    hz: Sequence[float] | np.ndarray,
    decays: Sequence[float] | np.ndarray,
    gains: Sequence[float] | np.ndarray,
    sampling_rate: int,
) -> np.ndarray:
    """Σ gain · exp(−t / decay) · sin(2π Hz t), float64 (samples,), until 60 dB down; decays in seconds.

    Modes above 45 % of the sampling rate are left out. The modal model of impact sounds:
    Farnell 2010, Designing Sound (MIT Press).
    """
    time = np.arange(max(1, round(HEARD * max(decays) * sampling_rate))) / sampling_rate
    burst = np.zeros(len(time))
    for mode, decay, gain in zip(hz, decays, gains, strict=True):
        if mode < 0.45 * sampling_rate:
            burst += gain * np.exp(-time / decay) * np.sin(2 * np.pi * mode * time)
    return burst


def thud(hz: float, width: float, decay: float, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Noise of a band about ``hz`` Hz and ``width`` octaves wide that decays, float64 (samples,).

    What is struck without clear modes: keys, hands. ``decay`` is a time constant in seconds.
    """
    from .shaped import band, shaped

    time = np.arange(max(1, round(HEARD * decay * sampling_rate))) / sampling_rate
    low, high = hz * 2 ** (-width / 2), min(hz * 2 ** (width / 2), 0.45 * sampling_rate)
    noise = shaped(len(time), lambda f: band(f, low, high), sampling_rate, rng)
    return np.exp(-time / decay) * noise


def in_room(wave: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """The wave with the reverberation of a furnished room, float64 (samples,).

    The tail is noise that decays by 60 dB in .3–.5 s, low-passed at 4 kHz, with a third to two thirds of the
    direct sound's energy. Source: Polack's model, in Kuttruff 2009, Room Acoustics, ch. 4.
    """
    from scipy.fft import next_fast_len

    from .shaped import band, shaped

    t60 = rng.uniform(0.3, 0.5)
    time = np.arange(round(t60 * sampling_rate)) / sampling_rate
    tail = np.exp(-HEARD * time / t60) * shaped(
        len(time), lambda hz: band(hz, 100, 4000, 1), sampling_rate, rng
    )
    tail *= np.sqrt(rng.uniform(0.33, 0.67) / np.sum(np.square(tail)))
    size = next_fast_len(len(wave) + len(tail), real=True)
    return wave + np.fft.irfft(np.fft.rfft(wave, size) * np.fft.rfft(tail, size), size)[: len(wave)]


def lay(wave: np.ndarray, second: float, burst: np.ndarray, sampling_rate: int) -> None:
    """Add a burst to the wave, in place, from a second on; what lies past the end is cut."""
    start = round(second * sampling_rate)
    part = burst[: max(0, len(wave) - start)]
    wave[start : start + len(part)] += part
