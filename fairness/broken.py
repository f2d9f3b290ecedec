"""Is a speaker broken? One whose metric, at the truth of all, lies far below the median speaker's.

"Differs from the others beyond sampling" names somebody in nearly every sound corpus, as speakers do differ;
"is an outlier among the others" misses two who are broken alike. So a speaker is held against the median
speaker, with a deficit δ that the policy allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from ser_audit.benchmark.estimand import Rows
from ser_audit.benchmark.finding import Detail, Estimate, Finding, Limit, Verdict
from ser_audit.benchmark.metrics import CCC, UAR
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.scored import Scored
from ser_audit.benchmark.verdict import clause
from ser_audit.benchmark.wording import number

from .concordance import Concordance
from .deficits import Deficits, Standing, deficits, rounded
from .recalls import Recalls

CODE = "SER406"


def broken(
    scored: Scored,
    measured: Mapping[str, tuple[CCC | UAR, Rows]],
    policy: Policy,
    reasons: Mapping[str, str | None],
) -> Iterator[Finding]:
    """Name the broken speakers of each output, or say in one finding that nobody is named.

    Args:
        scored: a judged cohort.
        measured: the main metric and the rows of each output.
        policy: holds the deficit that is allowed, and the error.
        reasons: why an output gets no pass; None with skill. A name stands without: one broken speaker among
            twenty can itself make the skill of all uncertain.
    """
    standings: dict[str, Standing] = {
        output: Recalls.of(metric, rows) if isinstance(metric, UAR) else Concordance.of(rows)
        for output, (metric, rows) in measured.items()
    }
    rule = policy.speakers
    found, tests = deficits(standings, rule.deficit, rule.error)
    for output, standing in standings.items():
        asked = _Asked(scored, policy, output, measured[output][0].name, standing, tests)
        one = found.get(output)
        if one is not None and one.named.any():
            yield from (asked.named(one, int(index)) for index in np.flatnonzero(one.named))
        else:
            yield asked.nobody(one, reasons[output])


@dataclass(frozen=True)
class _Asked:
    """The question on one output, and how its answers are put in findings."""

    scored: Scored
    policy: Policy
    output: str
    metric: str
    standing: Standing
    tests: int  # speakers × outputs that are held together

    def named(self, one: Deficits, index: int) -> Finding:
        """Name one speaker."""
        name, limit = self.scored.cohort.speakers[index], self._limit(one)
        value, low, high = (float(a[index]) for a in (self.standing.values, one.low, one.high))
        n = int(self.standing.n[index])
        message = (
            f"{self.metric} of {self.output} for speaker {name} of {self.scored.predictions.corpus}, "
            f"at the truth of all, is {number(value, 2)} and at most {number(high, 2)} ({n} rows): "
            f"{number(one.median - value, 2)} below the median of {self._count(one)} speakers, "
            f"{number(one.median, 2)}, and at least {number(one.median - high, 2)}"
            f"{clause('fail', limit, self.metric)}."
        )
        return self._finding(
            "fail",
            message,
            limit,
            f"speaker: {name}",
            self._estimate(value, low, high, n, 1),
            {"deficit": one.median - value, "least_deficit": one.median - high, **self._details(one)},
        )

    def nobody(self, one: Deficits | None, reason: str | None) -> Finding:
        """Say that nobody is named, or why nobody could be."""
        asked = f"Not judged whether anybody among {self.scored.place} is broken on {self.output}"
        if one is None:
            few = int(np.count_nonzero(np.isfinite(self.standing.values)))
            why = f"{few} speakers have rows enough to be measured, and a median needs three"
            return self._finding("not_applicable", f"{asked}: {why}.")
        ends = float(np.nanmin(one.low)), float(np.nanmin(one.high))
        lowest, n = float(np.nanmin(self.standing.values)), int(self.standing.n.sum())
        estimate = self._estimate(lowest, *ends, n, self._count(one))
        limit, details = self._limit(one), self._details(one)
        unknown = int(np.count_nonzero(~one.measured & (self.standing.n > 0)))
        clear = ends[0] > one.limit and not unknown
        enough = self.standing.enough(one.limit, self.policy.speakers.error / self.tests)
        details["rows_to_name"] = enough
        lacking = None if clear else self._lacking(one, enough)
        if reason or lacking:
            message = f"{asked}, as {reason}." if reason else f"{asked}: {lacking}."
            return self._finding("not_applicable", message, limit, None, estimate, details)
        given: Verdict = "pass" if clear else "inconclusive"
        parts = [
            f"Nobody among {self.scored.place} is named as broken on {self.output}: at the truth of all, "
            f"the lowest {self.metric} of {self._count(one)} speakers is {number(lowest, 2)} "
            f"({number(ends[0], 2)} to {number(ends[1], 2)}) and the median {number(one.median, 2)}"
            f"{clause(given, limit, self.metric)}"
        ]
        if not clear:
            needed = details["rows_to_decide"] = one.rows_to_decide()
            parts.append(
                f"about {rounded(needed)} rows per speaker would decide it"
                if needed
                else "a speaker lies too near the limit to say how many rows would decide it"
            )
        if unknown:
            parts.append(f"speakers whose rows are too few or of one truth: {unknown}")
        return self._finding(given, f"{'; '.join(parts)}.", limit, None, estimate, details)

    def _lacking(self, one: Deficits, enough: int | None) -> str | None:
        """Say why not even predictions unrelated to truth would be named; None where they would."""
        most = int(self.standing.n[one.measured].max())
        if enough is None:
            return (
                f"the median speaker's {self.metric}, {number(one.median, 2)}, is so low that predictions "
                f"unrelated to truth lie within {number(self.policy.speakers.deficit)} of it"
            )
        if most < enough:
            return (
                f"about {rounded(enough)} rows of a speaker are needed to name it where its predictions are "
                f"unrelated to truth, and none has more than {most}"
            )
        return None

    def _limit(self, one: Deficits) -> Limit:
        """The limit as a value of the metric: δ below the median speaker."""
        return Limit(low=one.limit, source=self.policy.speakers.source)

    def _count(self, one: Deficits) -> int:
        return int(one.measured.sum())

    def _details(self, one: Deficits) -> dict[str, Detail]:
        return {"median": one.median, "allowed_deficit": self.policy.speakers.deficit, "tests": self.tests}

    def _estimate(self, value: float, low: float, high: float, n: int, speakers: int) -> Estimate:
        """Two one-sided bounds."""
        return Estimate(
            value=value,
            low=low,
            high=high,
            confidence=1 - 2 * self.policy.speakers.error,
            method=f"rows within speakers, Holm over {self.tests}",
            n=n,
            speakers=speakers,
        )

    def _finding(
        self,
        given: Verdict,
        message: str,
        limit: Limit | None = None,
        group: str | None = None,
        estimate: Estimate | None = None,
        details: dict[str, Detail] | None = None,
    ) -> Finding:
        return Finding(
            code=CODE,
            audit="fairness",
            metric=self.metric,
            subject=self.scored.subject(condition=CLEAN, output=self.output, group=group),
            estimate=estimate,
            limit=limit,
            verdict=given,
            message=message,
            details=details or {},
        )
