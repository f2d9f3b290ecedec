"""What every perturbation promises, as a check: for the built-in ones, and for the tests of plug-ins."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator

import numpy as np

from .make import make
from .material.material import NOTHING, Material
from .perturbation import Perturbation
from .rng import generator


def signals(sampling_rate: int) -> dict[str, np.ndarray]:
    """Awkward waves by name, float32 (samples,): silence, DC, 10 ms, full scale and beyond."""
    rng = np.random.default_rng(0)
    time = np.arange(sampling_rate)
    made = {
        "noise": 0.1 * rng.standard_normal(sampling_rate),
        "10 ms of noise": 0.1 * rng.standard_normal(sampling_rate // 100),
        "50 ms of noise": 0.1 * rng.standard_normal(sampling_rate // 20),
        "one sample": np.full(1, 0.1),
        "silence": np.zeros(sampling_rate),
        "DC": np.full(sampling_rate, 0.5),
        "a square at full scale": np.where(time // 40 % 2, -1.0, 1.0),
        "an impulse": np.where(time == 400, 1.0, 0.0),
        "noise at -100 dBFS": 1e-5 * rng.standard_normal(sampling_rate),
        "noise beyond full scale": 3 * rng.standard_normal(sampling_rate),
    }
    return {name: wave.astype(np.float32) for name, wave in made.items()}


def broken(
    condition: str, sampling_rate: int = 16000, seed: int = 0, material: Material = NOTHING
) -> list[str]:
    """The promises of :class:`~.perturbation.Perturbation` that a condition breaks, in sentences.

    A plug-in's test may read ``assert broken("echo@ms=100") == []``.

    Args:
        condition: its id.
        sampling_rate: of the waves that it is tried on, in Hz.
        seed: of its draws.
        material: noise packs and voices.

    Raises:
        ValueError: there is no such condition.
    """
    made = make(condition, material)
    return [*_identity(made, material), *_behaviour(made, sampling_rate, seed)]


def _identity(made: Perturbation, material: Material) -> Iterator[str]:
    """What its attributes promise."""
    if make(made.id, material) != made or make(made.id, material).id != made.id:
        yield f"its id {made.id!r} does not make it again"
    if made.id.partition("@")[0] != made.family:
        yield f"its id {made.id!r} does not begin with its family {made.family!r}"
    if not (isinstance(made.version, int) and made.version >= 1):
        yield f"its version is {made.version!r}, no whole number from 1"
    if not isinstance(made.label_preserving, bool):
        yield f"label_preserving is {made.label_preserving!r}, not True or False"


def _behaviour(made: Perturbation, sampling_rate: int, seed: int) -> Iterator[str]:
    """What it promises of waves."""
    first: dict[str, bytes | str] = {}
    waves = signals(sampling_rate)
    for name, wave in waves.items():
        before = wave.copy()
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        state = _global_state()
        first[name], wrong = _heard(made, wave, sampling_rate, seed)
        if wrong:
            yield f"on {name} it gives {wrong}"
        if not np.array_equal(wave, before):
            yield f"it changes the wave it is given: {name}"
        if _global_state() != state:
            yield f"it draws from the global random generators: {name}"
    copy = pickle.loads(pickle.dumps(made))  # noqa: S301  # its own pickle, as worker processes take it
    for name, wave in reversed(waves.items()):
        random.seed(seed + 1)
        np.random.seed(seed + 1)  # noqa: NPY002
        if _heard(copy, wave, sampling_rate, seed)[0] != first[name]:
            yield f"on {name} another call with the same generator gives other samples"


def _global_state() -> bytes:
    """Of the generators that belong to the process."""
    return pickle.dumps((random.getstate(), np.random.get_state()))  # noqa: NPY002


def _heard(made: Perturbation, wave: np.ndarray, sampling_rate: int, seed: int) -> tuple[bytes | str, str]:
    """The bytes of a perturbed wave, or why there is none; and what is wrong with them."""
    try:
        out = made(wave, sampling_rate, generator(seed, "a", made.id))
    except ValueError as error:
        return str(error), "" if str(error) else "a ValueError without a reason"
    if not (isinstance(out, np.ndarray) and out.dtype == np.float32 and out.ndim == 1):
        return str(out), "no float32 (samples,)"
    if len(out) == 0:
        return b"", "a wave without samples"
    return out.tobytes(), "" if np.isfinite(out).all() else "samples that are not finite"
