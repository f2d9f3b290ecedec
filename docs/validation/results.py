"""What the validations share: CSVs that grow part by part, and their tables in `docs/validation.md`."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "validation.md"


def clopper_pearson(count: int, n: int) -> tuple[float, float]:
    """The exact 95 % interval of a share (Clopper & Pearson 1934)."""
    from scipy.stats import beta

    low = beta.ppf(0.025, count, n - count + 1) if count else 0.0
    high = beta.ppf(0.975, count + 1, n - count) if count < n else 1.0
    return float(low), float(high)


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file; none where there is no such file."""
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def collect(
    name: str, parts: Mapping[str, Callable[[], Sequence[Mapping]]], key: Callable[[Mapping], str]
) -> list[dict[str, str]]:
    """Make the rows of every part and write them to ``<name>.csv``.

    A part that is made is written to ``<name>.csv.part`` at once: stopped, it goes on from there.

    Args:
        name: of the file.
        parts: how the rows of each are made.
        key: tells which part a row belongs to.
    """
    growing = HERE / f"{name}.csv.part"
    for label, make in parts.items():
        if any(key(row) == label for row in read(growing)):
            continue
        _write(growing, made := make(), "a")
        print(*(" ".join(f"{k} {v}" for k, v in row.items()) for row in made), sep="\n", flush=True)
    done = read(growing)
    rows = [row for label in parts for row in done if key(row) == label]
    _write(HERE / f"{name}.csv", rows, "w")
    growing.unlink()
    return rows


def _write(path: Path, rows: Sequence[Mapping], mode: str) -> None:
    with path.open(mode, newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        if file.tell() == 0:
            writer.writeheader()
        writer.writerows(rows)


def table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """Make a Markdown table."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def insert(name: str, text: str, page: str) -> str:
    """Put text between the page's marks of ``name``, in place of what stands there."""
    first, last = f"<!-- {name}: made by docs/validation -->", f"<!-- end of {name} -->"
    before, _, rest = page.partition(first)
    _, found, after = rest.partition(last)
    if not found:
        raise ValueError(f"the page has no marks of {name!r}")
    return f"{before}{first}\n{text}\n{last}{after}"
