"""A policy: limits with their sources, margins of skill, and the families of simultaneous intervals."""

from __future__ import annotations

from importlib import resources
from math import ceil
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from .errors import InputError
from .finding import Limit, Record
from .plugins import nearest
from .tomlfile import read_toml, validate

Varying = Literal["output", "condition", "group"]
Correctness = Literal[
    "CCC",
    "PCC",
    "MAE",
    "UAR",
    "UAP",
    "recall",
    "precision",
    "JSD",
    "share difference",
    "speaker mean MAE",
    "speaker ranking",
    "consistency",
    "ECE",
    "Brier",
]
Robustness = Literal["change of CCC", "change of UAR", "PUP"]
Throughput = Literal["real-time factor", "ratio to baseline", "drift", "changed labels"]
Gap = Literal[
    "gap of CCC",
    "gap of UAR",
    "gap of recall",
    "gap of precision",
    "gap of mean",
    "gap of share",
    "gap to all of CCC",
    "gap to all of UAR",
    "gap to all of recall",
    "gap to all of precision",
    "gap to all of mean",
    "gap to all of share",
    "change of gap of CCC",
    "change of gap of UAR",
]


class Margin(Record):
    """How far above chance the interval of a skilled checkpoint must lie: a share of chance to 1."""

    margin: float = Field(ge=0, lt=1)
    source: str = Field(min_length=1)


class Skill(Record):
    """The margin of each main metric."""

    CCC: Margin
    UAR: Margin


class Family(Record):
    """Findings whose intervals hold all at once: what varies among them beside the metric, and the error."""

    varying: tuple[Varying, ...]  # parts of the subject
    error: float = Field(gt=0, lt=0.5)  # probability that any of the intervals misses its true value


class Families(Record):
    """The families of simultaneous intervals, by what they judge."""

    skill: Family
    correctness: Family
    robustness: Family
    fairness: Family
    perturbed_fairness: Family


class Speakers(Record):
    """When a speaker is called broken, and how seldom a sound one may be."""

    deficit: float = Field(gt=0)  # δ, below the median speaker, in units of the metric
    error: float = Field(gt=0, lt=0.5)  # probability of naming anybody whose true deficit is at most δ
    source: str = Field(min_length=1)


class Groups(Record):
    """How speakers are grouped beside the corpus's own columns."""

    bands: dict[str, tuple[float, ...]] = Field(default_factory=dict)  # numeric column -> bounds of its bands
    intersections: tuple[tuple[str, str], ...] = ()  # pairs of columns


class Rule(Record):
    """A limit: the true value must lie above ``above`` and below ``below``."""

    above: float | None = None
    below: float | None = None
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _bounded(self) -> Rule:
        if self.above is None and self.below is None:
            raise ValueError("a limit needs 'above' or 'below'")
        if self.above is not None and self.below is not None and self.above >= self.below:
            raise ValueError("'above' must be less than 'below'")
        return self

    @property
    def limit(self) -> Limit:
        """The limit as findings hold it."""
        return Limit(low=self.above, high=self.below, source=self.source)


class ConditionRule(Rule):
    """A limit that may differ by condition."""

    conditions: dict[str, Rule] = Field(default_factory=dict)

    def of(self, condition: str) -> Limit:
        """Limit of a condition: that of the longest name which is its id, or which its family begins with."""
        family = condition.partition("@")[0]
        names = [n for n in self.conditions if n in (condition, family) or family.startswith(f"{n}.")]
        return (self.conditions[max(names, key=len)] if names else self).limit


class Policy(Record):
    """Everything that turns estimates into verdicts, fixed before prediction."""

    name: str
    confidence: float = Field(gt=0.5, lt=1)  # of an interval of one value alone
    draws: int = Field(ge=200, le=100_000)
    seed: int = Field(ge=0)
    families: Families
    skill: Skill
    correctness: dict[Correctness, Rule]
    robustness: dict[Robustness, ConditionRule]
    fairness: dict[str, dict[Gap, Rule]]  # by column, or by two of them: "sex × age"
    speakers: Speakers
    groups: Groups = Groups()
    throughput: dict[Throughput, Rule] = Field(default_factory=dict)

    def draws_for(self, error: float) -> int:
        """How many draws an interval of a small error needs: five lie beyond it."""
        return max(self.draws, ceil(5 / error))

    def correctness_limit(self, metric: str) -> Limit | None:
        """Limit of a metric itself; None where there is none."""
        return next((rule.limit for name, rule in self.correctness.items() if name == metric), None)

    def robustness_limit(self, metric: str, condition: str) -> Limit | None:
        """Limit of a change or of the PUP in a condition; None where there is none."""
        return next((rule.of(condition) for name, rule in self.robustness.items() if name == metric), None)

    def fairness_limit(self, column: str, metric: str) -> Limit | None:
        """Limit of a gap between groups of a column; None where there is none."""
        rules = self.fairness.get(column, {})
        return next((rule.limit for name, rule in rules.items() if name == metric), None)

    def throughput_limit(self, metric: str) -> Limit | None:
        """Limit of a measure of speed; None where there is none."""
        return next((rule.limit for name, rule in self.throughput.items() if name == metric), None)


def names() -> list[str]:
    """Names of the policies that come with the package, sorted."""
    folder = resources.files("ser_audit.benchmark.policies")
    return sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))


def load(name_or_path: str | Path) -> Policy:
    """Load a policy by its name or from a TOML file.

    Raises:
        InputError: no such policy or file, the file is no TOML, a key is unknown or missing, or a
            value is out of range.
    """
    name = str(name_or_path)
    if name in names():
        with resources.as_file(resources.files("ser_audit.benchmark.policies") / f"{name}.toml") as path:
            return validate(Policy, read_toml(path), f"policy {name!r}")
    if not Path(name).is_file():
        raise InputError(f"no policy {name!r}: {nearest(name, names())} Or give the path of a TOML file.")
    return validate(Policy, read_toml(name), f"policy {name!r}")
