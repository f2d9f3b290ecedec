"""Skill and fairness: a checkpoint without skill treats everybody alike, and passes nothing.

Skill is shown pooled over speakers, or by any of the compared groups: a checkpoint that works for one of them
must answer for the others. A gap passes only where the metric lies far above chance, as weak checkpoints have
small gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.metrics import UAR
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Question, answer
from ser_audit.benchmark.resampling import Draws
from ser_audit.benchmark.scored import EMOTION, Scored
from ser_audit.benchmark.skill import CODE, ask, lack
from ser_audit.benchmark.verdict import withhold
from ser_audit.benchmark.wording import number

from .groups import Groups

TIMES = 4  # as far above chance as this many limits: true CCCs of .15 and .10 would pass in .46 of corpora
MAIN = (" of CCC", " of UAR")  # gaps whose limit is in units of the main metric


@dataclass(frozen=True)
class Grounds:
    """What verdicts on the gaps of one output between the groups of one column rest on."""

    reason: str | None  # why there is no verdict, to end a sentence; None with skill
    above: float | None  # lower bound of the pooled metric, as a share of the way from chance to 1
    metric: str  # CCC or UAR

    def held(self, finding: Finding) -> Finding:
        """Withhold a verdict that the skill does not carry; a fail stands."""
        if self.reason:
            return withhold(finding, self.reason)
        if finding.verdict != "pass" or finding.limit is None or not (finding.metric or "").endswith(MAIN):
            return finding
        ends = finding.limit.low, finding.limit.high
        needed = TIMES * max(abs(end) for end in ends if end is not None)
        if self.above is not None and self.above >= needed:
            return finding
        low = "no known part" if self.above is None else number(self.above, 3)
        return withhold(
            finding,
            f"weak checkpoints have small gaps: the lower bound of its pooled {self.metric} lies {low} of "
            f"the way from chance to 1, less than {TIMES} times the limit ({number(needed)})",
        )


@dataclass(frozen=True)
class Skills:
    """The skill of one cohort's outputs: what is pooled is asked once for all columns."""

    scored: Scored
    policy: Policy

    @cached_property
    def reasons(self) -> dict[str, str | None]:
        """Why an output gets no verdict, pooled over all speakers; None with skill."""
        outputs = self.scored.outputs
        labels = {output: self.scored.classes if output == EMOTION else () for output in outputs}
        return {output: lack(self._pooled(output, labels[output])) for output in outputs}

    def grounds(self, groups: Groups, draws: Draws) -> Grounds:
        """Judge the skill on the output of some groups, over the classes that all of them show.

        Args:
            groups: of one column on one output.
            draws: of the cohort's speakers, for that column.
        """
        labels = groups.shared(*groups.values)
        if not groups.comparable(labels):
            why = (
                f"the groups by {groups.column.name} share fewer than two classes, over which skill is shown"
            )
            return Grounds(why, None, UAR.name)
        pooled = self._pooled(groups.output, labels)
        reason = lack(pooled)
        if reason and self._any(groups, labels, draws):
            reason = None
        return Grounds(reason, _above(pooled), groups.tally.main.name)

    @cached_property
    def _found(self) -> dict[tuple[str, tuple[int, ...]], list[Finding]]:
        return {}

    def _pooled(self, output: str, labels: tuple[int, ...]) -> list[Finding]:
        """The skill pooled over speakers, of emotion over some classes."""
        if (output, labels) not in self._found:
            draws = self.scored.draws(self.policy.draws, self.policy.seed)
            asked = self._asked(output, labels, self.scored.usable(output, CLEAN))
            self._found[output, labels] = answer(asked, self.policy, draws)
        return self._found[output, labels]

    def _asked(self, output: str, labels: tuple[int, ...], rows: np.ndarray) -> list[Question]:
        """Ask for the skill on some rows, bool (utterances,), of some classes."""
        metric = self.scored.main(output, rows)
        if isinstance(metric, UAR) and labels != self.scored.classes:
            metric, rows = UAR(labels), rows & np.isin(self.scored.truth(output), labels)
        return list(ask(self.scored, output, metric, rows, self.policy))

    def _any(self, groups: Groups, labels: tuple[int, ...], draws: Draws) -> bool:
        """Whether any group shows skill; their intervals hold all at once, as any of them suffices."""
        asked = [self._asked(groups.output, labels, tally.chosen) for tally in groups.tallies.values()]
        answers = iter(answer([question for one in asked for question in one], self.policy, draws))
        found = [[next(answers) for _ in one] for one in asked]
        return any(lack(one) is None for one in found)


def _above(findings: Sequence[Finding]) -> float | None:
    """How far the lower bound of the pooled metric lies on the way from chance to 1."""
    finding = next(f for f in findings if f.code == CODE)
    low, chance = finding.estimate.low if finding.estimate else None, finding.details["chance"]
    if low is None or not isinstance(chance, int | float):
        return None
    return (low - chance) / (1 - chance)
