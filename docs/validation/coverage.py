"""Coverage of 95 % intervals: how often they hold the true value, over thousands of simulated corpora.

`tox -e coverage` runs it (30 minutes on one core) and writes `coverage.csv` and `coverage.svg` beside this
file, and the table of `docs/validation.md`. Every corpus draws new speakers; the true value is that of the
population they come from. It fails where the studentised interval covers less or more than it must. What was
finished when it is stopped lies in `coverage.csv.part`, and the next run goes on from there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from functools import cache
from itertools import product
from zlib import crc32

import numpy as np
from results import HERE, PAGE, clopper_pearson, collect, insert, table
from scipy.stats import norm
from ser_audit.benchmark.estimand import Rows, WeightedSum, contrast, single
from ser_audit.benchmark.metrics import CCC, PUP, UAR, Metric
from ser_audit.benchmark.resampling import Draws, intervals
from ser_audit.benchmark.selftest.raters import TYPICAL, scores, speakers, truths

CORPORA, DRAWS = 4000, 1000
EACH, LOG_SD = 40, 0.8  # utterances per speaker on average, and the sd of their logarithm where unequal
METRICS = ("CCC", "UAR", "PUP")
KINDS = ("value", "change", "gap")
SPEAKERS = (10, 24, 60)
SIZES = ("equal", "lognormal")
NAMES = {"studentised": "studentised", "percentile": "percentile", "bca": "BCa"}
METHODS = tuple(NAMES)


@dataclass(frozen=True)
class Cell:
    """What is covered: the metric itself, its change in a condition, or its gap between two groups."""

    metric: str
    kind: str
    speakers: int
    sizes: str

    def __str__(self) -> str:
        """Name it, as its random numbers are."""
        return " ".join(map(str, astuple(self)))

    @property
    def bounds(self) -> tuple[float, float]:
        """What the coverage must lie within."""
        return (0.92, 0.98) if self.speakers == 10 else (0.93, 0.97)


CELLS = tuple(Cell(*parts) for parts in product(METRICS, KINDS, SPEAKERS, SIZES))


@dataclass(frozen=True)
class Sample:
    """Rows of some speakers: truth, and predictions clean and perturbed; (utterances,) each."""

    truth: np.ndarray
    clean: np.ndarray
    perturbed: np.ndarray


def _dimension(second: np.ndarray, owners: np.ndarray, rng: np.random.Generator) -> Sample:
    """Scores of the selftest's typical rater; the second group has 1.3 times the noise.

    The condition shrinks predictions by a factor of .85 (sd .05 between speakers), shifts them (sd .02) and
    adds noise of half the rater's.
    """
    people = speakers(len(second), rng)
    people = replace(people, noise=people.noise * np.where(second, 1.3, 1.0))
    truth = truths(people, owners, rng)
    clean = scores(people, truth, owners, rng)
    factor = 0.85 + 0.05 * rng.standard_normal(len(second))
    shift = 0.02 * rng.standard_normal(len(second))
    noise = people.noise[owners] * rng.standard_normal(len(owners)) / 2
    return Sample(truth, clean, 0.5 + factor[owners] * (clean - 0.5) + shift[owners] + noise)


def _labels(second: np.ndarray, owners: np.ndarray, rng: np.random.Generator) -> Sample:
    """Four classes of shares .4, .3, .2 and .1, recognised in .6 of cases; speakers differ by about .09.

    The logit of a recall is that of its class, plus the speaker's (sd .35) and the speaker's for the class
    (sd .3), less .3 in the second group. The condition replaces labels by chance ones in .1 of rows, speakers
    differing by a log sd of .5.
    """
    logits = np.array([0.9, 0.5, 0.3, 0.1]) - 0.3 * second[:, None]
    logits = (
        logits + 0.35 * rng.standard_normal((len(second), 1)) + 0.3 * rng.standard_normal((len(second), 4))
    )
    truth = rng.choice(4, len(owners), p=(0.4, 0.3, 0.2, 0.1))
    hit = rng.random(len(owners)) < 1 / (1 + np.exp(-logits[owners, truth]))
    clean = np.where(hit, truth, (truth + rng.integers(1, 4, len(owners))) % 4)
    lost = 0.1 * np.exp(0.5 * rng.standard_normal(len(second)))
    replaced = rng.random(len(owners)) < lost[owners]
    return Sample(truth, clean, np.where(replaced, rng.integers(0, 4, len(owners)), clean))


def _unchanged(second: np.ndarray, owners: np.ndarray, rng: np.random.Generator) -> Sample:
    """How far a condition moves predictions: normal, with the typical rater's spread of noise (log sd .2).

    The PUP is near .95 in the first condition, and near .9 in the second and in the second group.
    """
    spread = np.exp(TYPICAL.log_noise_sd * rng.standard_normal(len(second))) * np.where(second, 1.2, 1.0)
    moves = 0.0245 * spread[owners] * rng.standard_normal((2, len(owners)))
    return Sample(np.zeros(len(owners)), moves[0], 1.2 * moves[1])


POPULATIONS: dict[str, tuple[Metric, Callable[..., Sample]]] = {
    "CCC": (CCC(0.5, 0.5), _dimension),
    "UAR": (UAR((0, 1, 2, 3)), _labels),
    "PUP": (PUP(0.05), _unchanged),
}


@cache
def truth(metric: str, kind: str) -> float:
    """The true value of the population, from 10⁶ speakers of four utterances each and group."""
    measure, population = POPULATIONS[metric]
    rng = np.random.default_rng(1)
    sums = np.zeros((3, measure.rows(np.zeros(1), np.zeros(1)).shape[1]))
    owners = np.repeat(np.arange(50_000), 4)
    for _ in range(20):
        one = population(np.zeros(50_000, dtype=bool), owners, rng)
        other = population(np.ones(50_000, dtype=bool), owners, rng)
        for i, (of, predicted) in enumerate(((one, one.clean), (one, one.perturbed), (other, other.clean))):
            sums[i] += measure.rows(of.truth, predicted).sum(axis=0)
    value, perturbed, second = (float(measure.finish(total)) for total in sums)
    return {"value": value, "change": perturbed - value, "gap": value - second}[kind]


def corpus(cell: Cell, rng: np.random.Generator) -> tuple[WeightedSum, np.ndarray]:
    """Draw a corpus: what is estimated on it, and the stratum of each speaker."""
    measure, population = POPULATIONS[cell.metric]
    count = cell.speakers
    if cell.sizes == "equal":
        sizes = np.full(count, EACH)
    else:
        drawn = np.exp(LOG_SD * rng.standard_normal(count) - LOG_SD**2 / 2)
        sizes = np.maximum(np.round(EACH * drawn), 2).astype(int)
    second = (np.arange(count) >= count // 2) & (cell.kind == "gap")
    owners = np.repeat(np.arange(count), sizes)
    sample = population(second, owners, rng)

    def rows(predicted: np.ndarray, chosen: np.ndarray) -> tuple[Metric, Rows]:
        return measure, Rows(sample.truth, predicted, chosen, owners, count)

    everywhere = np.ones(len(owners), dtype=bool)
    if cell.kind == "value":
        estimand = single(*rows(sample.clean, everywhere))
    elif cell.kind == "change":
        estimand = contrast(rows(sample.perturbed, everywhere), rows(sample.clean, everywhere))
    else:
        theirs = second[owners]
        estimand = contrast(rows(sample.clean, ~theirs), rows(sample.clean, theirs))
    return estimand, second.astype(np.int64)


def resampled(estimand: WeightedSum, draws: Draws) -> Iterator[tuple[float, float]]:
    """Percentile and BCa intervals in the same draws (Efron & Tibshirani 1993, sections 13.3, 14.3).

    BCa is accelerated by the delete-one jackknife over speakers, about each stratum's own mean.
    """
    values = np.sort(_values(estimand, draws.weights))
    values = values[np.isfinite(values)]
    yield tuple(np.quantile(values, (0.025, 0.975)))
    left = _values(estimand, 1 - np.eye(len(draws.strata)))
    for stratum in np.unique(draws.strata):
        inside = draws.strata == stratum
        left[inside] = left[inside].mean() - left[inside]
    squares = np.sum(left**2)
    acceleration = np.sum(left**3) / (6 * squares**1.5) if squares > 0 else 0.0
    below = np.mean(values < estimand.value) + np.mean(values == estimand.value) / 2
    bias = norm.ppf(np.clip(below, 1 / (len(values) + 1), len(values) / (len(values) + 1)))
    ends = bias + norm.ppf((0.025, 0.975))
    yield tuple(np.quantile(values, norm.cdf(bias + ends / (1 - acceleration * ends))))


def _values(estimand: WeightedSum, weights: np.ndarray) -> np.ndarray:
    """Values under weights, without the influences of speakers: float64 (draws,)."""
    return np.sum([float(p.weight) * p.metric.finish(weights @ p.sums) for p in estimand.parts], axis=0)


def measure(cell: Cell, corpora: int, true: float) -> dict[str, object]:
    """Count how often the three intervals hold the true value of a cell."""
    held = dict.fromkeys(METHODS, 0)
    widths: dict[str, list[float]] = {method: [] for method in METHODS}
    exact = absent = 0
    for i in range(corpora):
        rng = np.random.default_rng([crc32(repr(astuple(cell)).encode()), i])
        estimand, strata = corpus(cell, rng)
        draws = Draws.of(strata, DRAWS, int(rng.integers(2**32)))
        interval = intervals([estimand], draws)[0]
        exact += (interval.method or "").startswith("exact")
        absent += interval.low is None
        whole = (-np.inf, np.inf) if interval.low is None else (interval.low, interval.high)
        for method, (low, high) in zip(METHODS, (whole, *resampled(estimand, draws)), strict=True):
            held[method] += low <= true <= high
            widths[method].append(high - low)
    row: dict[str, object] = dict(zip(("metric", "kind", "speakers", "sizes"), astuple(cell), strict=True))
    row |= {"true": f"{true:.4f}", "corpora": corpora, "exact": exact, "absent": absent}
    for method in METHODS:
        low, high = clopper_pearson(held[method], corpora)
        row |= {method: f"{held[method] / corpora:.4f}", f"{method}_low": f"{low:.4f}"}
        row |= {f"{method}_high": f"{high:.4f}", f"{method}_width": f"{np.median(widths[method]):.4f}"}
    return row


def of(row: Mapping) -> Cell:
    """The cell that a row of the table is about."""
    return Cell(row["metric"], row["kind"], int(row["speakers"]), row["sizes"])


def wrong(rows: list[dict]) -> list[str]:
    """Say where the studentised interval covers less or more than it must."""
    found = []
    for row in rows:
        low, high = of(row).bounds
        if not low <= float(row["studentised"]) <= high:
            span = f"{row['studentised_low']} to {row['studentised_high']}"
            found.append(f"{of(row)} covers {row['studentised']} ({span})")
    return found


def plot(rows: list[dict]) -> None:
    """One panel per metric and kind, and the three methods beside each other."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "coverage"
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        len(METRICS), len(KINDS), figsize=(11, 9), sharex=True, sharey=True, layout="constrained"
    )
    for axis, (metric, kind) in zip(axes.flat, product(METRICS, KINDS), strict=True):
        cells = [r for r in rows if (r["metric"], r["kind"]) == (metric, kind)]
        for place, count in enumerate(SPEAKERS):
            low, high = Cell(metric, kind, count, "equal").bounds
            axis.bar(place, 100 * (high - low), 0.9, 100 * low, color="black", alpha=0.08)
        axis.axhline(95, color="black", linewidth=0.7)
        for method, colour in zip(METHODS, ("C0", "C1", "C2"), strict=True):
            for sizes, marker in zip(SIZES, ("o", "s"), strict=True):
                points = [r for r in cells if r["sizes"] == sizes]
                held, low, high = (
                    np.array([100 * float(r[method + end]) for r in points]) for end in ("", "_low", "_high")
                )
                beside = 0.12 * (METHODS.index(method) - 1) + 0.04 * (SIZES.index(sizes) - 0.5)
                axis.errorbar(
                    np.arange(len(points)) + beside,
                    held,
                    (held - low, high - held),
                    color=colour,
                    fmt=marker,
                    markersize=4,
                    label=f"{NAMES[method]}, {sizes} sizes",
                )
        axis.set_xticks(range(len(SPEAKERS)), [str(count) for count in SPEAKERS])
        axis.set_title(f"{kind} of {metric}" if kind != "value" else metric, fontsize=10)
    figure.supxlabel("speakers")
    figure.supylabel("coverage of 95 % intervals [%]")
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    figure.savefig(HERE / "coverage.svg", metadata={"Date": None})


def told(rows: list[dict]) -> str:
    """Make the page's table: the coverage of the three methods in percent."""
    body = []
    for row in rows:
        held = []
        for method in METHODS:
            share, low, high = (f"{100 * float(row[method + end]):.1f}" for end in ("", "_low", "_high"))
            held.append(f"{share} ({low} to {high})")
        what = row["metric"] if row["kind"] == "value" else f"{row['kind']} of {row['metric']}"
        low, high = of(row).bounds
        must = f"{100 * low:.0f} to {100 * high:.0f}"
        true = row["true"].replace("-", "−")
        body.append([what, row["speakers"], row["sizes"], true, must, *held])
    return table(["what", "speakers", "sizes", "true", "must be", *NAMES.values()], body)


def main() -> int:
    """Simulate, write, and say what is wrong."""
    parts = {
        str(cell): lambda cell=cell: [measure(cell, CORPORA, truth(cell.metric, cell.kind))] for cell in CELLS
    }
    rows = collect("coverage", parts, lambda row: str(of(row)))
    plot(rows)
    PAGE.write_text(insert("coverage", told(rows), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    found = wrong(rows)
    print("\n".join(found) or f"all {len(rows)} studentised cells cover what they must")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
