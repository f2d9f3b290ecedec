"""Skill: a checkpoint that is not above chance can be neither robust nor without gaps, only useless.

Skill is shown twice: pooled over speakers, and within them. A rater that gives each speaker that speaker's
mean follows the pooled truth as far as speakers differ, and hears nothing of what they say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .estimand import WeightedSum, single
from .finding import Finding, Limit
from .metrics import CCC, F1, UAR, UNIT
from .policy import Policy
from .predictions import CLEAN
from .question import Question, answer
from .resampling import Draws
from .scored import Scored
from .verdict import withhold
from .wording import number, states

ROUNDING = 1e-12  # what it leaves of a constant, as a share of the raw second moment
CODE = "SER201"
WITHIN = "SER209"
CODES = {
    CODE: "Is the checkpoint better than chance on this output?",
    WITHIN: "Does it tell the utterances of one speaker apart, or speakers only?",
}


@dataclass(frozen=True)
class WithinCCC:
    """CCC of truth and prediction about each speaker's own means: 2 Σ c_xy / (Σ c_xx + Σ c_yy), in [-1, 1].

    Sums over speakers of their centred second moments (c_yy, c_xx, c_xy). Undefined where all are constant.
    """

    name: ClassVar[str] = "CCC"
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    chance: ClassVar[float] = 0.0

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed statistics (…, 3) -> (…)."""
        cyy, cxx, cxy = np.moveaxis(sums, -1, 0)
        total = cyy + cxx
        defined = total.real > 0
        return np.where(defined, 2 * cxy / np.where(defined, total, 1), np.nan)


@dataclass(frozen=True)
class WithinUAR:
    """UAR beyond what each speaker's own shares of truth and prediction give by chance, plus 1/K, in [0, 1].

    Of a speaker with n rows, n_c of class c and m_c predicted as c, n_c m_c / n hits are expected by chance
    (as in Cohen 1960); what is beyond, summed over speakers and divided by the rows of the class, is averaged
    over classes. A rater that is constant within speakers has 1/K.
    """

    labels: tuple
    name: ClassVar[str] = "UAR"
    range: ClassVar[tuple[float, float]] = UNIT

    @property
    def chance(self) -> float:
        """1/K."""
        return 1 / len(self.labels)

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Value of summed truth and excess hits per label (…, 2 K) -> (…)."""
        truth, excess = np.split(sums, 2, axis=-1)
        present = truth.real > 0
        ratios = np.where(present, excess / np.where(present, truth, 1), 0)
        count = present.sum(axis=-1)
        return np.where(count > 0, ratios.sum(axis=-1) / np.maximum(count, 1), np.nan) + self.chance


def within(scored: Scored, output: str, metric: CCC | UAR, chosen: np.ndarray) -> WeightedSum | None:
    """Estimate the metric within speakers, over ``chosen`` rows, bool (utterances,).

    Speakers whose truth is constant tell nothing, and count as without rows; None where fewer than two vary.
    """
    inner: WithinCCC | WithinUAR
    if isinstance(metric, CCC):
        n, sy, sx, syy, sxx, sxy = scored.measured(metric, output, chosen)[1].sums(metric).T
        safe = np.maximum(n, 1)
        cyy, cxx, cxy = syy - sy * sy / safe, sxx - sx * sx / safe, sxy - sx * sy / safe
        varies = (n > 1) & (cyy > ROUNDING * syy)
        moving = cxx > ROUNDING * sxx
        centred = np.stack([cyy, np.where(moving, cxx, 0), np.where(moving, cxy, 0)], axis=-1)
        inner = WithinCCC()
    else:
        counts = F1(metric.labels)  # truth, hits and predictions per label
        sums = scored.measured(counts, output, chosen)[1].sums(counts)
        truth, hits, predictions = np.split(sums, 3, axis=-1)
        n = np.maximum(truth.sum(axis=-1, keepdims=True), 1)
        centred = np.concatenate([truth, hits - truth * predictions / n], axis=-1)
        varies = np.count_nonzero(truth, axis=-1) > 1
        inner = WithinUAR(metric.labels)
    if np.count_nonzero(varies) < 2:
        return None
    return single(inner, np.where(varies[:, None], centred, 0.0))


def ask(
    scored: Scored, output: str, metric: CCC | UAR, chosen: np.ndarray, policy: Policy
) -> Iterator[Question]:
    """Ask for the skill on one output, pooled over ``chosen`` rows and within their speakers.

    Both intervals must lie above chance plus a margin, the policy's share of the way from chance to 1.
    """
    chance = metric.chance or 0.0
    margin = getattr(policy.skill, metric.name)
    counted = scored.counted(chosen)
    inner = within(scored, output, metric, chosen)
    asked = [(CODE, "Skill", single(*scored.measured(metric, output, chosen)))]
    asked += [(WITHIN, "Skill within speakers", inner)] if inner else []
    for code, title, estimand in asked:
        yield Question(
            code=code,
            audit="correctness",
            metric=metric.name,
            subject=scored.subject(condition=CLEAN, output=output),
            estimand=estimand,
            words=states(
                f"{title}: where chance is {number(chance)}, {metric.name} of {output} on {scored.place}",
                counted.speakers,
            ),
            limit=Limit(low=chance + margin.margin * (1 - chance), source=margin.source),
            family="skill",
            scope=code,
            details={
                "chance": chance,
                "margin": margin.margin,
                "training_data": "known" if scored.cohort.known else "unknown",
                **({"classes": len(metric.labels)} if isinstance(metric, UAR) else {}),
            },
            note=scored.cohort.note,
            counted=counted,
        )


def skill(scored: Scored, policy: Policy, draws: Draws) -> dict[str, list[Finding]]:
    """Judge the skill on each scored output: clean speech, pooled over groups.

    Args:
        scored: a cohort that verdicts may rest on.
        policy: holds the margins.
        draws: of the cohort's speakers.

    Returns:
        One or two findings per scored output: pooled, and within speakers where truth varies there.
    """
    questions: list[Question] = []
    for output in scored.outputs:
        chosen = scored.ok(CLEAN) & scored.known(output)
        questions += ask(scored, output, scored.main(output, chosen), chosen, policy)
    found: dict[str, list[Finding]] = {}
    for finding in answer(questions, policy, draws):
        found.setdefault(finding.subject.output or "", []).append(finding)
    return {output: _both(findings) for output, findings in found.items()}


def _both(findings: list[Finding]) -> list[Finding]:
    """Take back the pass of one kind of skill where the other is not shown: either alone is none."""
    reason = lack(findings)
    return [withhold(f, reason) if reason and f.verdict == "pass" else f for f in findings]


def lack(findings: Sequence[Finding]) -> str | None:
    """Say why skill findings of one output grant no verdict elsewhere, to end a sentence; None with skill."""
    lacking = [f for f in findings if f.verdict != "pass"]
    if not lacking:
        return None
    finding = next((f for f in lacking if f.verdict in ("fail", "inconclusive")), lacking[0])
    where = "within speakers " if finding.code == WITHIN else ""
    what = f"no skill {where}is shown on {finding.subject.output}"
    low = finding.estimate.low if finding.estimate else None
    if low is None or finding.limit is None or finding.limit.low is None:
        return f"{what} without an interval"
    return (
        f"{what}: the lower bound of its {finding.metric}, {number(low, 3)}, is not above "
        f"{number(finding.limit.low, 3)}"
    )


def lacking(scored: Scored, policy: Policy, draws: Draws) -> dict[str, str | None]:
    """Say of each scored output why it gets no verdict; None with skill."""
    return {output: lack(found) for output, found in skill(scored, policy, draws).items()}
