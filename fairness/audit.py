"""The fairness audit: gaps between groups and languages, and individual speakers, on clean speech.

A finding is about one gap. None says that a checkpoint as a whole is fair, and a checkpoint without skill
passes nothing: a random rater treats everybody alike.
"""

from __future__ import annotations

from ser_audit.benchmark.audit import Needs
from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.question import answer
from ser_audit.benchmark.resampling import Draws
from ser_audit.benchmark.run import Run
from ser_audit.benchmark.scored import Scored, tables, unjudged
from ser_audit.benchmark.skill import lack, skill
from ser_audit.benchmark.verdict import withhold

from .gaps import gaps, table, ungrouped
from .groups import Groups, strata
from .languages import between_corpora
from .speakers import speakers

NAME = "fairness"
CODES = {
    "SER401": "How far apart is the metric of two groups of speakers?",
    "SER402": "What is the metric of each group?",
    "SER403": "What is the metric of each speaker?",
    "SER404": "How far do speakers differ, beside what sampling alone gives?",
    "SER405": "How far apart is the metric on corpora of different languages?",
}


def plan() -> Needs:
    """Need clean predictions only."""
    return Needs()


def judge(run: Run, policy: Policy) -> list[Finding]:
    """Findings on every checkpoint × corpus × column × output, then between corpora by language."""
    languages = {corpus.name: corpus.languages for corpus in run.manifest.corpora}
    judged: dict[str, list[tuple[Scored, str]]] = {}
    found: list[Finding] = []
    for scored, *_ in tables(run):
        found += unjudged("SER401", NAME, scored)
        if scored.cohort.judged:
            found += _cohort(scored, policy)
            spoken = languages[scored.predictions.corpus]
            if len(spoken) == 1:
                judged.setdefault(scored.predictions.checkpoint, []).append((scored, spoken[0]))
    for cohorts in judged.values():
        found += between_corpora(cohorts, policy)
    return found


def _cohort(scored: Scored, policy: Policy) -> list[Finding]:
    """Findings on one judged cohort; without skill none of them is a pass."""
    pooled = scored.draws(policy.draws, policy.seed)
    lacking = {output: lack(finding) for output, finding in skill(scored, policy, pooled).items()}
    found: list[Finding] = []
    for column in policy.fairness:
        single = ungrouped(scored, column)
        if single:
            found.append(single)
            continue
        grouped = [Groups.of(scored, column, output) for output in scored.outputs]
        questions = [q for groups in grouped for q in (*table(groups), *gaps(groups, policy))]
        draws = Draws.of(strata(scored, column), policy.draws, policy.seed)
        for finding in answer(questions, policy, draws):
            reason = lacking[finding.subject.output or ""]
            found.append(withhold(finding, reason) if reason else finding)
    for output in scored.outputs:
        found += speakers(scored, output)
    return found
