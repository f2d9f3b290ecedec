"""Invented raters at the level of scores: truth, and predictions that differ between speakers as real ones.

A speaker's truth has a mean and a standard deviation; a rater hears it as

    prediction = .5 + bias + slope · (truth − .5) + noise · z,   clipped to [0, 1]

with bias, slope and noise of each speaker drawn once. :data:`TYPICAL` is a rater of CCC .6 whose speakers
differ in CCC by a standard deviation of .09 once every one has enough utterances.

    python -m ser_audit.benchmark.selftest.raters

prints that, by formula and over a million rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WITHIN, BETWEEN = 0.15, 0.05  # sd of truth within speakers, and of their means


@dataclass(frozen=True)
class Rater:
    """How well a rater hears, and how far that differs between speakers."""

    slope: float = 0.6  # of the prediction on the truth
    noise: float = 0.11  # sd of the prediction about that line
    bias_sd: float = 0.04  # between speakers
    slope_sd: float = 0.12  # between speakers, relative
    log_noise_sd: float = 0.2  # between speakers, of the logarithm
    reach: float = float("inf")  # sds from the mean at which bias, slope and noise end


TYPICAL = Rater()


@dataclass(frozen=True)
class Speakers:
    """Speakers as one rater hears them: float64 (speakers,) each. Replace a field to plant a defect."""

    mean: np.ndarray  # of truth
    spread: np.ndarray  # sd of truth
    bias: np.ndarray
    slope: np.ndarray
    noise: np.ndarray

    @property
    def ccc(self) -> np.ndarray:
        """Each speaker's own true CCC, where nothing is clipped: float64 (speakers,).

        2 k s² / (s² + k² s² + σ² + d²) with slope k, spread s, noise σ, and d the prediction's mean less the
        truth's (Lin 1989, eq. 3, with the moments of the line above).
        """
        k, s = self.slope, self.spread
        d = self.bias + (k - 1) * (self.mean - 0.5)
        return 2 * k * s**2 / (s**2 + (k * s) ** 2 + self.noise**2 + d**2)


def speakers(count: int, rng: np.random.Generator, rater: Rater = TYPICAL) -> Speakers:
    """Draw ``count`` speakers, and what the rater makes of each."""
    mean, *effects = rng.standard_normal((4, count))
    bias, slope, noise = np.clip(effects, -rater.reach, rater.reach)
    return Speakers(
        mean=0.5 + BETWEEN * mean,
        spread=np.full(count, WITHIN),
        bias=rater.bias_sd * bias,
        slope=rater.slope * (1 + rater.slope_sd * slope),
        noise=rater.noise * np.exp(rater.log_noise_sd * noise),
    )


def truths(people: Speakers, owners: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw the truth of utterances.

    Args:
        people: the speakers.
        owners: int64 (utterances,), index of each utterance's speaker.
        rng: draws it.

    Returns:
        float64 (utterances,) in [0, 1].
    """
    z = rng.standard_normal(len(owners))
    return np.clip(people.mean[owners] + people.spread[owners] * z, 0.0, 1.0)


def scores(people: Speakers, truth: np.ndarray, owners: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Let the rater predict.

    Args:
        people: the speakers, as this rater hears them.
        truth: float64 (utterances,), [0, 1].
        owners: int64 (utterances,), index of each utterance's speaker.
        rng: draws the noise.

    Returns:
        float64 (utterances,) in [0, 1].
    """
    heard = 0.5 + people.bias[owners] + people.slope[owners] * (truth - 0.5)
    return np.clip(heard + people.noise[owners] * rng.standard_normal(len(owners)), 0.0, 1.0)


def spread_between_speakers(
    rng: np.random.Generator, count: int = 2000, utterances: int = 500, rater: Rater = TYPICAL
) -> dict[str, float]:
    """Mean and sd over speakers of their true CCC: by formula, and measured on ``count`` × ``utterances``.

    What the sampling of rows adds to the measured sd is taken off it: halves of each speaker's rows tell it.
    """
    from ..metrics import CCC

    people = speakers(count, rng, rater)
    owners = np.repeat(np.arange(count), utterances)
    truth = truths(people, owners, rng)
    prediction = scores(people, truth, owners, rng)
    metric = CCC(0.5, 0.5)
    halves = metric.rows(truth, prediction).reshape(count, 2, utterances // 2, -1).sum(axis=2)
    own, (first, second) = metric.finish(halves.sum(axis=1)), metric.finish(halves).T
    return {
        "mean, by formula": float(people.ccc.mean()),
        "mean, measured": float(own.mean()),
        "sd, by formula": float(people.ccc.std()),
        "sd, measured": float(np.sqrt(own.var() - (first - second).var() / 4)),
        "pooled CCC, measured": float(metric.finish(halves.sum(axis=(0, 1)))),
    }


def main() -> None:
    """Print the spread between speakers over a million rows."""
    for name, value in spread_between_speakers(np.random.default_rng(0)).items():
        print(f"{name:24}{value:.4f}")


if __name__ == "__main__":
    main()
