"""A sneeze that stands in for a recording."""

from __future__ import annotations

import numpy as np

from .coloured import unit
from .shaped import band, shaped
from .voice import pulses, vocal_tract


def sneeze(sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """One sneeze, float32 (samples,) of .3–.6 s, RMS 1 over the burst; a stand-in.

    The inhalation is left out. The expulsion is broad-band noise (.3–10 kHz, "tch") that rises within
    10–25 ms and lasts 120–200 ms, over a short cry through the vocal tract ("a" to "u"); behind it a tail
    that decays to nothing. Source: Songu & Cingi 2009, Ther. Adv. Respir. Dis. 3, 131 (the phases);
    Scharfman et al. 2016, Exp. Fluids 57, 24 (an expulsion of some 150 ms).
    """
    rise, strong = rng.uniform(0.01, 0.025), rng.uniform(0.12, 0.2)
    length = rng.uniform(0.3, 0.6)
    time = np.arange(round(length * sampling_rate)) / sampling_rate
    decay = (length - strong) / 5
    level = np.interp(time, [0, rise, strong], [0, 1, 0.7]) * np.exp(-np.maximum(0, time - strong) / decay)
    level *= np.interp(time, [length - 0.03, length], [1, 0])
    low = rng.uniform(300, 1200)
    rush = shaped(len(time), lambda hz: band(hz, low, 10000, 1), sampling_rate, rng)
    f0 = rng.uniform(180, 350) * np.interp(time, [0, length], [1, 0.7])
    cry = pulses(f0, sampling_rate) * np.interp(time, [0, 0.5 * rise, 0.6 * strong, strong], [0, 1, 0.6, 0])
    vowels = np.array([(750.0, 1250, 2600), (350, 900, 2300)])
    voice = vocal_tract(cry, np.array([0, strong]), vowels, rng.uniform(0.83, 1), sampling_rate)
    voice /= np.sqrt(np.mean(np.square(voice)))
    return unit(level * rush + rng.uniform(0.2, 0.5) * voice)
