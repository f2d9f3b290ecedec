"""What a report consists of, whatever it is rendered to: sections of tables and plots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ser_audit.benchmark.finding import Finding, Verdict


def identifier(audit: str) -> str:
    """Name the section of an audit, as an address may hold it."""
    return f"audit-{re.sub(r'[^A-Za-z0-9_-]+', '-', audit)}"


@dataclass(frozen=True)
class Cell:
    """A cell of a table: plain text, never markup."""

    text: str
    title: str = ""  # what lies behind it, shown on hover
    below: tuple[str, ...] = ()  # smaller lines, such as the interval
    verdict: Verdict | None = None
    tint: int = 0  # −5 (a loss) to 5 (a gain or a high level); 0 has no colour
    finding: Finding | None = None  # which it shows
    href: str = ""  # id of the section that it leads to


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    label: str
    numeric: bool = False
    title: str = ""
    sentences: bool = False  # whole sentences, which need room


@dataclass(frozen=True)
class Table:
    """A table; the first cell of each row is its header."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    context: str = ""  # what holds for all rows
    notes: tuple[str, ...] = ()  # why numbers are missing
    fold: str = ""  # words that stand for a folded table; empty: it is open
    shows: tuple[Finding, ...] = ()  # findings that no single cell shows, such as those of a whole row

    @property
    def findings(self) -> Iterator[Finding]:
        """Findings that can be read in it."""
        yield from self.shows
        yield from (cell.finding for row in self.rows for cell in row if cell.finding is not None)


@dataclass(frozen=True)
class Point:
    """A value with its bar, on a row of a plot."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    verdict: Verdict | None = None
    series: str = ""  # neighbours of one series are joined by a line
    note: str = ""  # to the right, such as n
    title: str = ""
    second: float | None = None  # another value beside it, such as a shrunken one


@dataclass(frozen=True)
class Plot:
    """Points in rows from top to bottom; or their distribution, where there are too many for rows."""

    title: str
    description: str  # in words, for those who do not see it
    axis: str
    points: tuple[Point, ...]
    lines: dict[str, float] = field(default_factory=dict)  # "chance", "clean", "limit", "median" -> value
    head: str = ""  # of the notes
    band: tuple[float, float] | None = None  # of values, shaded
    distribution: bool = False


@dataclass(frozen=True)
class Plots:
    """Plots beside each other, with one caption."""

    caption: str
    plots: tuple[Plot, ...]


@dataclass(frozen=True)
class Curve:
    """A small plot of a value against severity: a point per step, from left to right."""

    title: str
    unit: str  # of the steps
    description: str  # in words, for those who do not see it
    points: tuple[Point, ...]  # labelled by their step
    lines: dict[str, float]  # "clean", "chance" -> value


@dataclass(frozen=True)
class Curves:
    """Small plots with one scale and one caption."""

    caption: str
    curves: tuple[Curve, ...]
    range: tuple[float, float]  # of the values


@dataclass(frozen=True)
class Part:
    """A part of a section; its title may be empty."""

    title: str
    blocks: tuple[Table | Plots | Curves, ...]
    text: str = ""


@dataclass(frozen=True)
class Section:
    """A section of the report, one per audit and one for provenance."""

    id: str
    title: str
    lead: str
    counts: dict[Verdict, int]
    measured: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Item:
    """A checkpoint or a corpus on the first screen."""

    name: str
    facts: tuple[str, ...]
    training: str = ""  # what is known of its training data
    unknown: bool = False  # whether that is nothing


@dataclass(frozen=True)
class Reason:
    """Why some findings could not be judged."""

    text: str
    count: int
    codes: tuple[str, ...]
    about: tuple[str, ...]
    decides: str = ""  # what would decide them


@dataclass(frozen=True)
class Worst:
    """A failed finding as the first screen tells it."""

    finding: Finding
    about: str
    section: str


@dataclass(frozen=True)
class Overview:
    """The first screen."""

    title: str
    setting: tuple[str, ...]
    warnings: tuple[tuple[str, str], ...]  # (heading, sentence)
    checkpoints: tuple[Item, ...]
    corpora: tuple[Item, ...]
    counts: Table
    main: tuple[Worst, ...]  # how good it is on clean speech
    worst: tuple[Worst, ...]
    reasons: tuple[Reason, ...]
    failed: str


@dataclass(frozen=True)
class Report:
    """The whole report."""

    overview: Overview
    sections: tuple[Section, ...]
