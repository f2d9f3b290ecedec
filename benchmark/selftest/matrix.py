"""The matrix of mutants by finding codes, over one trial or several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ..finding import Finding
from .expected import Expected, Wrong, compare

FOUND, MISSED = 0.95, 0.05  # shares of the trials: at least, at most
LEGEND = "● must be found, and is   ○ may be found, and is   · not to be found, and is not   ✗ wrong"


class Matrix:
    """What was found of each mutant, beside what must be."""

    def __init__(self, mutants: Sequence[str], expected: Sequence[Expected]) -> None:
        self.mutants = mutants
        self.expected = [row for row in expected if row.mutant in mutants]
        self.trials = 0
        self._found: Counter[tuple[str, str]] = Counter()  # (mutant, code) -> trials in which it failed
        self._wrong: dict[tuple[str, str, str, str], list[Wrong]] = {}  # one a trial at most

    def add(self, findings: Mapping[str, Sequence[Finding]]) -> None:
        """Take in a trial: the findings on each mutant."""
        self.trials += 1
        for mutant in self.mutants:
            self._found.update({(mutant, f.code) for f in findings[mutant] if f.verdict == "fail"})
            wrongs: dict[tuple[str, str, str, str], Wrong] = {}
            for wrong in compare(mutant, findings[mutant], self.expected):
                subject = wrong.what if wrong.kind == "not found" else ""
                wrongs.setdefault((wrong.mutant, wrong.code, wrong.kind, subject), wrong)
            for key, wrong in wrongs.items():
                self._wrong.setdefault(key, []).append(wrong)

    @property
    def wrong(self) -> list[list[Wrong]]:
        """What went wrong in more than 5 % of the trials, a list of its occurrences each."""
        return [seen for seen in self._wrong.values() if len(seen) > MISSED * self.trials]

    @property
    def right(self) -> bool:
        """Whether everything is found that must be, and nothing else."""
        return self.trials > 0 and not self.wrong

    @property
    def codes(self) -> list[str]:
        """Codes that are expected of a mutant, or were found, sorted."""
        wanted = {row.about.code for row in self.expected}
        return sorted(wanted | {code for _, code in self._found} | {key[1] for key in self._wrong})

    def text(self) -> str:
        """The matrix, and below it what is wrong."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        width = max(map(len, self.mutants))
        codes = self.codes
        yield f"\n{'mutant':{width}}  {' '.join(code.removeprefix('SER') for code in codes)}"
        for mutant in self.mutants:
            yield f"{mutant:{width}}  {' '.join(f' {self._mark(mutant, code)} ' for code in codes)}".rstrip()
        times = "" if self.trials == 1 else f", over {self.trials} trials"
        yield f"\n{LEGEND}{times}\n"
        for seen in self._wrong.values():
            first, often = seen[0], f" in {len(seen)} of {self.trials} trials" if self.trials > 1 else ""
            bad = "✗" if seen in self.wrong else "tolerated:"
            yield f"{bad} {first.mutant}: {first.what} · {first.kind}{often} · {first.told}"
        count = len({seen[0].mutant for seen in self.wrong})
        yield f"{len(self.mutants) - count} of {len(self.mutants)} mutants are right."

    def _mark(self, mutant: str, code: str) -> str:
        if any(seen[0].mutant == mutant and seen[0].code == code for seen in self.wrong):
            return "✗"
        must = {row.must for row in self.expected if row.mutant == mutant and row.about.code == code}
        if "fail" in must:
            return "●"
        return "○" if self._found[mutant, code] else "·"
