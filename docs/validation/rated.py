"""Raters whose true values are known, on invented speakers: what `verdicts.py` puts to the audits.

Scores are those of the selftest's raters (`ser_audit.benchmark.selftest.raters`), with one thing planted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache

import numpy as np
from corpora import DIMENSIONS, NOISE, Held, People
from ser_audit.benchmark.metrics import CCC, MAE, PUP
from ser_audit.benchmark.predictions import CLEAN, EMOTION
from ser_audit.benchmark.selftest.raters import (
    TYPICAL,
    WITHIN,
    Rater,
    Speakers,
    scores,
    speakers,
    spread_between_speakers,
    truths,
)

Plant = Callable[[Speakers, People, np.random.Generator], Speakers]
NEAR = Rater(slope=0.9, noise=0.0575)  # whose MAE is .0666 with the gap below
FAR = Rater(slope=1.0, noise=0.04)
COSTS = (0.2, 0.02)  # sd that noise adds to the scores of women and of men: the gap of CCC changes by .27
MOVES = {FAR: 0.02, NEAR: 0.0234}  # sd that noise adds to the scores: a PUP of .988 and of .968
GAPS = {  # (rater, gap of CCC): by how much the noise must grow for it, solved in `population`
    (TYPICAL, 0.075): 1.2345,
    (TYPICAL, 0.3): 2.2034,
    (NEAR, 0.05): 1.3592,
}


def as_drawn(voices: Speakers, people: People, rng: np.random.Generator) -> Speakers:
    """Plant nothing."""
    return voices


def noisier(factor: float) -> Plant:
    """Multiply the noise that the rater adds to women."""
    return lambda voices, people, rng: replace(
        voices, noise=voices.noise * np.where(people.female, factor, 1.0)
    )


def spread(female: float, male: float) -> Plant:
    """Let the truths of women and of men have other standard deviations."""
    return lambda voices, people, rng: replace(voices, spread=np.where(people.female, female, male))


def varied(voices: Speakers, people: People, rng: np.random.Generator) -> Speakers:
    """Let the truth's standard deviation vary between speakers by 25 %."""
    return replace(voices, spread=voices.spread * np.exp(0.25 * rng.standard_normal(people.speakers)))


def deficits(voices: Speakers) -> np.ndarray:
    """How far each speaker's true CCC at the truth of all speakers lies below the median: (speakers,).

    By the formula of :attr:`Speakers.ccc` with the pooled mean and variance of truth in place of one's own.
    """
    pooled = np.sqrt(np.mean(voices.spread**2) + np.var(voices.mean))
    centre = np.full(len(voices.mean), voices.mean.mean())
    own = replace(voices, mean=centre, spread=np.full(len(centre), pooled)).ccc
    return np.median(own) - own


def drawn(
    people: People, rng: np.random.Generator, plant: Plant, rater: Rater, most: float = np.inf
) -> Speakers:
    """Draw speakers; those whose deficit exceeds ``most`` are drawn again."""
    voices = plant(speakers(people.speakers, rng, rater), people, rng)
    while (over := deficits(voices) > most).any():
        others = plant(speakers(people.speakers, rng, rater), people, rng)
        voices = Speakers(
            **{
                f.name: np.where(over, getattr(others, f.name), getattr(voices, f.name))
                for f in fields(voices)
            }
        )
    return voices


def rated(
    people: People,
    rng: np.random.Generator,
    plant: Plant = as_drawn,
    rater: Rater = TYPICAL,
    unrelated: int = 0,
    most: float = np.inf,
    moved: float | tuple[float, float] | None = None,
    labels: bool = False,
) -> Held:
    """Simulate a rater of three dimensions.

    Args:
        people: who speaks.
        rng: of everything.
        plant: what is changed about speakers.
        rater: how well it hears.
        unrelated: of how many speakers its scores are shuffled among their utterances.
        most: the largest true deficit of a speaker, see :func:`drawn`.
        moved: standard deviation of what noise adds to the scores, or two, of women's and of men's.
        labels: whether it tells classes too; see :func:`_labels`.
    """
    truth: dict[str, np.ndarray] = {}
    clean: dict[str, np.ndarray] = {}
    noisy: dict[str, np.ndarray] = {}
    owners = people.owners
    for name in DIMENSIONS:
        voices = drawn(people, rng, plant, rater, most)
        truth[name] = truths(voices, owners, rng)
        clean[name] = scores(voices, truth[name], owners, rng)
        for i in range(unrelated):
            clean[name][owners == i] = rng.permutation(clean[name][owners == i])
        if moved is not None:
            away = np.where(people.female, *np.broadcast_to(moved, 2))[owners]
            noisy[name] = np.clip(clean[name] + away * rng.standard_normal(len(away)), 0, 1)
    if labels:
        truth[EMOTION], clean[EMOTION], noisy[EMOTION] = _labels(people, rng)
    return Held(people, truth, {CLEAN: clean} | ({NOISE: noisy} if noisy else {}))


def _labels(people: People, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Four classes alike: truth, and labels clean and in noise, which takes one in 100 away.

    The logit of a speaker's recall is normal about 1.3 (sd .2): .78 on average, with a sd of .035.
    """
    owners, n = people.owners, people.speakers * people.each
    truth = rng.integers(0, 4, n)
    recall = 1 / (1 + np.exp(-(1.3 + 0.2 * rng.standard_normal(people.speakers))))
    clean = np.where(rng.random(n) < recall[owners], truth, (truth + rng.integers(1, 4, n)) % 4)
    return truth, clean, np.where(rng.random(n) < 0.01, rng.integers(0, 4, n), clean)


def trivial(people: People, rng: np.random.Generator, kind: str) -> Held:
    """Simulate a rater that hears nothing, of three dimensions and four classes; noise changes nothing.

    "random": scores and labels by chance, "constant": the same ones everywhere, "group mean": each speaker's
    mean of truth, and most frequent class. Speakers differ in the shares of their classes (Dirichlet, 1.25
    each), so that a label per speaker is right more often than by chance.
    """
    owners, n = people.owners, people.speakers * people.each
    truth = {name: truths(speakers(people.speakers, rng), owners, rng) for name in DIMENSIONS}
    shares = rng.dirichlet(np.full(4, 1.25), people.speakers)
    emotion = (rng.random(n)[:, None] > shares.cumsum(axis=1)[owners, :3]).sum(axis=1)
    heard: dict[str, np.ndarray] = {}
    if kind == "random":
        heard = {name: np.clip(rng.normal(0.5, 1 / 6, n), 0, 1) for name in DIMENSIONS}
        heard[EMOTION] = rng.integers(0, 4, n)
    elif kind == "constant":
        heard = {name: np.full(n, 0.5) for name in DIMENSIONS}
        heard[EMOTION] = np.full(n, 2)
    else:
        for name, values in truth.items():
            heard[name] = (np.bincount(owners, weights=values) / people.each)[owners]
        heard[EMOTION] = shares.argmax(axis=1)[owners]
    return Held(people, {**truth, EMOTION: emotion}, {CLEAN: heard, NOISE: heard})


@cache
def population(
    factor: float = 1.0, rater: Rater = TYPICAL, within: float = WITHIN, moved: float = 0.0
) -> dict[str, float]:
    """True values over 4 · 10⁶ rows of 10⁶ speakers, from the same random numbers whatever is asked.

    Args:
        factor: of the noise.
        rater: how well it hears.
        within: standard deviation of truth within speakers.
        moved: standard deviation of what noise adds to the scores.
    """
    rng = np.random.default_rng(1)
    ccc, mae, pup = CCC(0.5, 0.5), MAE(), PUP()
    sums = [np.zeros(6), np.zeros(2), np.zeros(6), np.zeros(2)]
    owners = np.repeat(np.arange(100_000), 4)
    for _ in range(10):
        voices = speakers(100_000, rng, rater)
        voices = replace(voices, noise=factor * voices.noise, spread=voices.spread * within / WITHIN)
        truth = truths(voices, owners, rng)
        clean = scores(voices, truth, owners, rng)
        noisy = np.clip(clean + moved * rng.standard_normal(len(clean)), 0, 1)
        for i, (metric, pair) in enumerate(
            ((ccc, (truth, clean)), (mae, (truth, clean)), (ccc, (truth, noisy)), (pup, (clean, noisy)))
        ):
            sums[i] += metric.rows(*pair).sum(axis=0)
    names = ("CCC", "MAE", "CCC in noise", "PUP")
    metrics = (ccc, mae, ccc, pup)
    return {n: float(m.finish(s)) for n, m, s in zip(names, metrics, sums, strict=True)}


def facts() -> list[tuple[str, float]]:
    """Say what is true of the raters, over 4 · 10⁶ rows."""
    own = spread_between_speakers(np.random.default_rng(0))
    found = [
        ("typical rater: CCC", population()["CCC"]),
        ("typical rater: mean of its speakers' true CCC", own["mean, measured"]),
        ("typical rater: standard deviation of its speakers' true CCC", own["sd, measured"]),
    ]
    for (rater, gap), factor in GAPS.items():
        level, other = population(rater=rater)["CCC"], population(factor, rater)["CCC"]
        name = "typical" if rater == TYPICAL else "clean"
        found.append(
            (f"{name} rater: gap of CCC at {factor} times the noise, meant to be {gap}", level - other)
        )
    women, men = (population(moved=moved)["CCC in noise"] for moved in COSTS)
    found.append(("noise that costs women more: change of the gap", women - men))
    for name, rater, factor in (("far", FAR, 1.0), ("near", NEAR, GAPS[NEAR, 0.05])):
        sexes = population(factor, rater, moved=MOVES[rater]), population(rater=rater, moved=MOVES[rater])
        for metric in sexes[0]:
            found.append((f"clean rater, {name}: {metric}", (sexes[0][metric] + sexes[1][metric]) / 2))
    return found


def main() -> None:
    """Print what is true of the raters."""
    for name, value in facts():
        print(f"{value:8.4f}  {name}")


if __name__ == "__main__":
    main()
