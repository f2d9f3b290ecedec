"""Proof at load time that batching changes no number, on a probe batch of different lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from ser_audit.benchmark.checkpoint import Padding
from ser_audit.benchmark.errors import InputError

from .batching import Listed

# float32 sums in another order differ by about 1e-7 relative (measured: ≤ 2e-7 for an exact policy),
# an attention or a norm that sees the padding by 1e-2 and more; 1e-6 is also what the project promises.
TOLERANCE = 1e-6
# The same of each output about its mean, so that neither a large offset nor a larger output beside it hides
# a change: rounding of an output that lies a thousand times its spread from 0 still stays under it.
LEAK = 1e-3
# Unsorted, two of equal length; short, since a large model takes a quarter of a second for each second.
SECONDS = (0.5, 0.25, 1.2, 0.5)


@dataclass(frozen=True)
class Proof:
    """What a probe batch showed."""

    relative_l2: float  # ‖batched − one by one‖ / ‖one by one‖ of the raw outputs
    leak: float  # the largest such ratio of a single output, which is taken about its mean over the probe
    changed_labels: int | None  # rows whose largest class changed; None without classes
    repeat_max_difference: float  # of raw outputs, same batch twice

    @property
    def exact(self) -> bool:
        """Whether batching changes nothing but the rounding of float32."""
        return self.relative_l2 <= TOLERANCE and self.leak <= LEAK


def probe(sampling_rate: int, shortest: float = 0.0) -> list[np.ndarray]:
    """Speech-like noise: 1/f spectrum, four syllables a second, levels that differ by 30 dB.

    Args:
        sampling_rate: Hz.
        shortest: seconds that the model takes at least.

    Returns:
        Waves of ``SECONDS``, float32 (samples,), the same in every process; all longer by as much where a
        model takes nothing so short, for waves that are padded to one length prove nothing.
    """
    generator = np.random.default_rng(20)
    waves = []
    longer = max(0.0, shortest - min(SECONDS))
    for place, seconds in enumerate(s + longer for s in SECONDS):
        samples = round(seconds * sampling_rate)
        spectrum = np.fft.rfft(generator.standard_normal(samples))
        spectrum /= np.maximum(np.arange(len(spectrum)) / seconds, 100.0)  # flat below 100 Hz
        wave = np.fft.irfft(spectrum, samples)
        wave *= 1.2 + np.sin(2 * np.pi * 4 * np.arange(samples) / sampling_rate + place)
        level = 10 ** (-(10 + 30 * place / (len(SECONDS) - 1)) / 20)
        waves.append((level * wave / np.abs(wave).max()).astype(np.float32))
    return waves


def prove(
    predict_batch: Listed, predict_one: Listed, waves: Sequence[np.ndarray], classes: Sequence[int] = ()
) -> Proof:
    """Compare a batched prediction with one utterance at a time, and with itself.

    Args:
        predict_batch: predicts all waves together.
        predict_one: predicts them one at a time.
        waves: float32 (samples,) each.
        classes: columns of the outputs that are classes.

    Raises:
        InputError: the batch gives outputs that are not finite.
    """
    single = predict_one(waves).astype(np.float64)
    batched = predict_batch(waves).astype(np.float64)
    again = predict_batch(waves).astype(np.float64)
    if not np.isfinite([batched, again]).all():
        raise InputError("a batch of finite waves gives outputs that are not finite")
    difference = batched - single
    changed = None
    if len(classes):
        changed = int(np.sum(_labels(batched, classes) != _labels(single, classes)))
    return Proof(
        relative_l2=_ratio(float(np.linalg.norm(difference)), float(np.linalg.norm(single))),
        leak=max(map(_ratio, np.linalg.norm(difference, axis=0), _spread(single))),
        changed_labels=changed,
        repeat_max_difference=float(np.abs(again - batched).max()),
    )


def _spread(single: np.ndarray) -> np.ndarray:
    """What the probe makes of each output, (outputs,); where that is rounding, what the output is."""
    spread = np.linalg.norm(single - single.mean(axis=0), axis=0)
    whole = np.linalg.norm(single, axis=0)
    return np.where(spread > TOLERANCE * whole, spread, whole)


def _ratio(part: float, whole: float) -> float:
    return float(part / whole if whole > 0 else part)


def first_exact(
    policies: Mapping[Padding, Listed],
    reference: np.ndarray,
    waves: Sequence[np.ndarray],
    classes: Sequence[int] = (),
) -> tuple[Padding, Proof]:
    """The first policy that is proven exact; the last one is taken as it is.

    A policy whose forward pass breaks (a graph with a fixed batch axis inside, say) is not exact.

    Args:
        policies: in order of speed; the last must be one by one.
        reference: raw outputs one at a time, (waves, outputs).
        waves: the probe batch.
        classes: columns of the outputs that are classes.

    Raises:
        InputError: even one by one, outputs are not finite the second time.
    """
    *batched, last = policies
    for policy in batched:
        try:
            proof = prove(policies[policy], lambda _: reference, waves, classes)
        except (RuntimeError, ValueError, IndexError, InputError):
            continue
        if proof.exact:
            return policy, proof
    return last, prove(policies[last], lambda _: reference, waves, classes)


def _labels(raw: np.ndarray, classes: Sequence[int]) -> np.ndarray:
    return raw[:, list(classes)].argmax(axis=1)
