"""The fairness audit: gaps between groups and languages, what conditions do to them, and individual speakers.

A finding is about one gap. None says that a checkpoint as a whole is fair, and a checkpoint without skill
passes nothing: a random rater treats everybody alike.
"""

from __future__ import annotations

from collections.abc import Mapping

from ser_audit.benchmark.audit import Needs
from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.manifest import ConditionRecord
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.question import answer
from ser_audit.benchmark.resampling import Draws
from ser_audit.benchmark.run import Run
from ser_audit.benchmark.scored import Scored, tables, unjudged
from ser_audit.benchmark.together import together

from .across_corpora import across_corpora
from .by_class import by_class
from .columns import Column, columns
from .extremes import extremes
from .gaps import gaps
from .groups import PAIRED, TABLED, Groups
from .languages import between_corpora
from .perturbed import Changes
from .remarks import remarks
from .shifts import shifts
from .skilled import Grounds, Skills
from .speakers import individual
from .tables import disaggregated, table
from .tally import Tally
from .to_all import to_all
from .under_perturbation import FAMILY, changes_of_gaps

NAME = "fairness"
CODES = {
    "SER401": "How far apart is the metric of two groups of speakers, at equal truth?",
    "SER402": "What is the metric of each group?",
    "SER403": "What is the metric of each speaker?",
    "SER404": "How far do speakers differ, beside what sampling alone gives?",
    "SER405": "How far apart is the metric on corpora of different languages?",
    "SER406": "Is a speaker far worse off than the median speaker?",
    "SER407": "Does a condition cost one group more than another?",
    "SER408": "How far apart are two groups in the recall and precision of a class or bin?",
    "SER409": "Are two groups given other values or classes where the truth is the same?",
    "SER410": "How far is the metric of a group from that of all?",
    "SER411": "Which group is worst off, and is the range between groups larger than chance gives?",
    "SER412": "Does a gap differ between two corpora?",
    "SER490": "Does every gap keep within its limit, all of them together?",
}


def plan() -> Needs:
    """Need the perturbed conditions beside clean, and how high each speaker speaks."""
    return Needs(conditions=True, pitch=True)


def judge(run: Run, policy: Policy) -> list[Finding]:
    """Findings on every checkpoint × corpus × column × output, then between corpora."""
    languages = {corpus.name: corpus.languages for corpus in run.manifest.corpora}
    records = {record.id: record for record in run.manifest.conditions}
    spoken: dict[str, list[tuple[Scored, str]]] = {}
    judged: dict[str, list[list[Groups]]] = {}
    found: list[Finding] = []
    for scored, *_ in tables(run):
        found += unjudged("SER401", NAME, scored)
        if not scored.cohort.judged:
            continue
        of_cohort, groups = _cohort(scored, records, policy)
        found += of_cohort
        checkpoint, own = scored.predictions.checkpoint, languages[scored.predictions.corpus]
        judged.setdefault(checkpoint, []).append(groups)
        if len(own) == 1:
            spoken.setdefault(checkpoint, []).append((scored, own[0]))
    for checkpoint, corpora in judged.items():
        found += between_corpora(spoken.get(checkpoint, []), policy)
        found += across_corpora(corpora, policy)
    return found


def _cohort(
    scored: Scored, records: Mapping[str, ConditionRecord], policy: Policy
) -> tuple[list[Finding], list[Groups]]:
    """Findings on one judged cohort, and the groups of its judged columns."""
    skills = Skills(scored, policy)
    tallies = {output: Tally.of(scored, output) for output in scored.outputs}
    changes = {output: Changes(tally) for output, tally in tallies.items()}
    every = columns(scored, policy)
    usable = [column for column in every if 1 < len(column.values) <= TABLED]
    judged = [
        c for c in usable if len(c.values) <= PAIRED and _limits(policy, c, ("gap of", "gap to all of"))
    ]
    perturbed = [c for c in usable if len(c.values) <= PAIRED and _limits(policy, c, ("change of gap of",))]
    found = remarks(scored, every, policy)
    kept: list[Groups] = []
    for column in usable:
        grouped = [Groups(column, tally) for tally in tallies.values()]
        grouped = [groups for groups in grouped if len(groups.values) > 1]
        share = 1 / len(judged) if column in judged else 1.0
        draws = _draws(column, policy, policy.families.fairness.error * share)
        grounds = {groups.output: skills.grounds(groups, draws) for groups in grouped}
        for groups in grouped:
            frame = disaggregated(groups)
            found += table(groups, frame, policy, draws)
            found += extremes(groups, frame, policy.seed)
        asked = []
        for groups in grouped:
            of_class, skipped = by_class(groups, policy)
            asked += [*gaps(groups, policy), *of_class, *shifts(groups, policy), *to_all(groups, policy)]
            found += skipped
        found += _held(answer(asked, policy, draws, share), grounds)
        if column in perturbed:
            share = 1 / len(perturbed)
            draws = _draws(column, policy, getattr(policy.families, FAMILY).error * share)
            asked = [
                q
                for groups in grouped
                for q in changes_of_gaps(groups, changes[groups.output], records, policy)
            ]
            found += _held(answer(asked, policy, draws, share), grounds)
        if column in judged:
            kept += grouped
    found += individual(scored, policy, skills.reasons)
    return [*found, *together(found, "SER490", NAME)], kept


def _limits(policy: Policy, column: Column, kinds: tuple[str, ...]) -> bool:
    """Whether the policy limits a kind of gap by a column."""
    return any(name.startswith(kinds) for name in policy.fairness.get(column.name, {}))


def _draws(column: Column, policy: Policy, error: float) -> Draws:
    """Draw speakers within their groups, as often as an error asks for."""
    return Draws.of(column.strata, policy.draws_for(error), policy.seed)


def _held(findings: list[Finding], grounds: Mapping[str, Grounds]) -> list[Finding]:
    """Withhold what the skill on the finding's output does not carry."""
    return [grounds[finding.subject.output or ""].held(finding) for finding in findings]
