"""Verdicts on raters whose true values are known: how often each is right, over 500 seeds a row.

`tox -e verdicts` runs it (40 minutes on two cores) and writes `verdicts.csv` and `verdicts.svg` beside this
file, and the tables of `docs/validation.md`. Every seed invents speakers, their truth and a rater's scores,
and puts the table to the audits as they are, by the default policy. It fails where a bound does not hold for
the observed share. What was finished when it is stopped lies in `verdicts.csv.part`: it goes on from there.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from zlib import crc32

import numpy as np
from corpora import Held, People
from rated import COSTS, FAR, GAPS, MOVES, NEAR, facts, noisier, rated, spread, trivial, varied
from results import HERE, PAGE, clopper_pearson, collect, insert, table
from ser_audit.benchmark import plugins
from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.policy import load
from ser_audit.benchmark.selftest.raters import TYPICAL

SEEDS = 500
POLICY = load("default")
DELTA = POLICY.speakers.deficit
ALL = ("correctness", "robustness", "fairness")


@dataclass(frozen=True)
class Bound:
    """What share of seeds an event may happen in."""

    event: str
    least: float = 0.0
    most: float = 1.0

    def holds(self, share: float) -> bool:
        """Whether an observed share lies within the bound."""
        return self.least <= share <= self.most

    @property
    def words(self) -> str:
        """What must be, such as "≥ 95 %"."""
        if self.most == 0:
            return "never"
        if (self.least, self.most) == (0, 1):
            return "no bound"
        return f"≥ {100 * self.least:g} %" if self.least else f"≤ {100 * self.most:g} %"


@dataclass(frozen=True)
class Row:
    """One kind of rater and corpus, and what must be said of it."""

    name: str
    run: Callable[[np.random.Generator], Held]
    happened: Callable[[list[Finding]], Mapping[str, bool]]
    bounds: tuple[Bound, ...]
    audits: tuple[str, ...] = ("fairness",)

    def events(self, seed: int) -> Mapping[str, bool]:
        """Find what happened in one seed."""
        run = self.run(np.random.default_rng([crc32(self.name.encode()), seed]))
        return self.happened([f for a in self.audits for f in plugins.load("audits", a).judge(run, POLICY)])


def gaps(findings: list[Finding]) -> dict[str, bool]:
    """Say what was found of the gaps of CCC between the sexes, in all three dimensions."""
    found = [f for f in findings if f.code == "SER401" and f.metric == "gap of CCC"]
    assert len(found) == 3, [f.message for f in findings if f.code == "SER401"]
    open_ = [f for f in found if f.verdict == "inconclusive"]
    more = [f.details.get("more_utterances_decide") for f in open_]
    return {
        "all fail": all(f.verdict == "fail" for f in found),
        "any fail": any(f.verdict == "fail" for f in found),
        "all pass": all(f.verdict == "pass" for f in found),
        "any pass": any(f.verdict == "pass" for f in found),
        "arousal passes": found[0].verdict == "pass",
        "all together pass": any(f.code == "SER490" and f.verdict == "pass" for f in findings),
        "all inconclusive": len(open_) == 3,
        "more speakers asked for": bool(open_) and all(_asks(f) for f in open_),
        "more utterances called enough": any(more),
    }


def _asks(finding: Finding) -> bool:
    """Whether an undecided gap asks for more speakers than there are, were there no gap."""
    asked = finding.details.get("speakers_to_decide_at_0")
    return isinstance(asked, int) and finding.estimate is not None and asked > finding.estimate.speakers


def named(broken: int, findings: list[Finding]) -> dict[str, bool]:
    """Say whose names were given, of speakers of whom the first few are broken in all dimensions."""
    found = {
        (f.subject.group, f.subject.output) for f in findings if f.code == "SER406" and f.verdict == "fail"
    }
    names, ours = {name for name, _ in found}, {f"speaker: s{i:03d}" for i in range(broken)}
    return {
        "all broken ones named": ours <= names,
        "all named by arousal alone": all((name, "arousal") in found for name in ours),
        "any other named": bool(names - ours),
    }


def passes(findings: list[Finding]) -> dict[str, bool]:
    """Say whether anything passes."""
    return {"any pass": any(f.verdict == "pass" for f in findings)}


def fails(findings: list[Finding]) -> dict[str, bool]:
    """Say whether anything fails, a speaker's name included."""
    return {"any fail": any(f.verdict == "fail" for f in findings)}


def widened(findings: list[Finding]) -> dict[str, bool]:
    """Say whether noise is found to change the gap of CCC, in all three dimensions."""
    return {"all fail": sum(f.code == "SER407" and f.verdict == "fail" for f in findings) == 3}


FORTY, TWENTY = People(80, 25), People(20, 200)
HEALTHY = partial(rated, TWENTY, most=DELTA)
CLEAN = partial(rated, FORTY, most=2 / 3 * DELTA, labels=True)
TOGETHER = "all together pass"
NEVER, FEW = Bound("any pass", most=0), Bound("any fail", most=0.05)
NOBODY = Bound("any other named", most=0.05)
ROWS = (
    Row(
        "gap .3, 40 × 25 per sex",
        partial(rated, FORTY, plant=noisier(GAPS[TYPICAL, 0.3])),
        gaps,
        (Bound("all fail", least=0.95), NEVER, Bound(TOGETHER, most=0)),
    ),
    Row(
        "gap .075, 40 × 25 per sex",
        partial(rated, FORTY, plant=noisier(GAPS[TYPICAL, 0.075])),
        gaps,
        (Bound("any pass", most=0.05), Bound(TOGETHER, most=0.05), FEW),
    ),
    Row("no gap, 40 × 25 per sex", partial(rated, FORTY), gaps, (FEW,)),
    Row(
        "no gap, 200 × 20 per sex",
        partial(rated, People(400, 20)),
        gaps,
        (Bound("arousal passes", least=0.8), Bound(TOGETHER, least=0.8), Bound("all pass"), FEW),
    ),
    Row(
        "no gap, 20 × 100 per sex",
        partial(rated, People(40, 100)),
        gaps,
        (
            Bound("all inconclusive", least=0.5),
            Bound("more speakers asked for", least=0.95),
            Bound("more utterances called enough", most=0.05),
            FEW,
        ),
    ),
    Row(
        "truth sd .18 against .12, 40 × 25 per sex",
        partial(rated, FORTY, plant=spread(0.18, 0.12)),
        gaps,
        (FEW,),
    ),
    Row(
        "noise costs women .27 more, 40 × 25 per sex",
        partial(rated, FORTY, moved=COSTS),
        widened,
        (Bound("all fail", least=0.95),),
    ),
    Row("no broken speaker of 20", HEALTHY, partial(named, 0), (NOBODY,)),
    Row(
        "no broken speaker of 20, truth sds vary",
        partial(HEALTHY, plant=varied),
        partial(named, 0),
        (NOBODY,),
    ),
    Row(
        "1 broken speaker of 20",
        partial(HEALTHY, unrelated=1),
        partial(named, 1),
        (
            Bound("all broken ones named", least=0.95),
            Bound("all named by arousal alone", least=0.95),
            NOBODY,
        ),
    ),
    Row(
        "2 broken speakers of 20",
        partial(HEALTHY, unrelated=2),
        partial(named, 2),
        (
            Bound("all broken ones named", least=0.9),
            Bound("all named by arousal alone", least=0.9),
            NOBODY,
        ),
    ),
    *(
        Row(f"{kind} rater, {n} × 25", partial(trivial, People(n, 25), kind=kind), passes, (NEVER,), ALL)
        for kind, n in (("random", 40), ("constant", 40), ("group mean", 40), ("group mean", 80))
    ),
    Row("clean, far inside every limit", partial(CLEAN, rater=FAR, moved=MOVES[FAR]), fails, (FEW,), ALL),
    Row(
        "clean, a third inside its limits",
        partial(CLEAN, rater=NEAR, plant=noisier(GAPS[NEAR, 0.05]), moved=MOVES[NEAR]),
        fails,
        (FEW,),
        ALL,
    ),
)


def events(name: str, seed: int) -> list[str]:
    """Name what happened in one seed of a row."""
    row = next(row for row in ROWS if row.name == name)
    return [event for event, happened in row.events(seed).items() if happened]


def observed(
    row: Row, seeds: int, apply: Callable[..., Iterable[list[str]]] = map
) -> list[dict[str, object]]:
    """Count events over seeds: one line per bound. ``apply`` is the ``map`` of a pool of processes."""
    counts = Counter(chain.from_iterable(apply(partial(events, row.name), range(seeds))))
    lines = []
    for bound in row.bounds:
        count = counts[bound.event]
        low, high = clopper_pearson(count, seeds)
        lines.append(
            {
                "row": row.name,
                "event": bound.event,
                "bound": bound.words,
                "seeds": seeds,
                "count": count,
                "share": f"{count / seeds:.4f}",
                "low": f"{low:.4f}",
                "high": f"{high:.4f}",
                "holds": "yes" if bound.holds(count / seeds) else "no",
            }
        )
    return lines


def told(lines: list[dict]) -> str:
    """Make the page's table."""
    body = []
    for name, of in groupby(lines, key=lambda line: line["row"]):
        for i, line in enumerate(of):
            share, low, high = (f"{100 * float(line[k]):.1f}" for k in ("share", "low", "high"))
            mark = "" if line["holds"] == "yes" else " **missed**"
            body.append(
                ["" if i else name, line["event"], line["bound"] + mark, f"{share} ({low} to {high})"]
            )
    return table(["rater and corpus", "what happened", "must", "% of 500 seeds"], body)


def plot(lines: list[dict]) -> None:
    """Show the share of each event with its interval, and its bound."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "verdicts"
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(9, 0.3 * len(lines) + 1), layout="constrained")
    bounds = {(row.name, b.event): b for row in ROWS for b in row.bounds}
    for place, line in enumerate(lines):
        share, low, high = (100 * float(line[k]) for k in ("share", "low", "high"))
        bound = bounds[line["row"], line["event"]]
        axis.barh(place, 100 * (bound.most - bound.least), left=100 * bound.least, color="C2", alpha=0.25)
        axis.errorbar(
            share, place, xerr=[[share - low], [high - share]], marker="o", markersize=4, color="C0"
        )
    axis.set_yticks(range(len(lines)), [f"{line['row']}: {line['event']}" for line in lines], fontsize=8)
    axis.invert_yaxis()
    axis.set_xlabel("% of 500 seeds with their Clopper–Pearson interval; shaded: where it must lie")
    figure.savefig(HERE / "verdicts.svg", metadata={"Date": None})


def main() -> int:
    """Simulate, write, and say what is wrong."""
    with ProcessPoolExecutor() as pool:
        parts = {row.name: partial(observed, row, SEEDS, partial(pool.map, chunksize=5)) for row in ROWS}
        lines = collect("verdicts", parts, lambda line: line["row"])
    plot(lines)
    page = insert("verdicts", told(lines), PAGE.read_text(encoding="utf-8"))
    true = [[name, f"{value:.4f}".replace("-", "−")] for name, value in facts()]
    PAGE.write_text(insert("true values", table(["what", "true value"], true), page), encoding="utf-8")
    missed = [f"{line['row']}: {line['event']} in {line['share']}" for line in lines if line["holds"] == "no"]
    print("\n".join(missed) or f"all {len(lines)} bounds hold")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
