"""Transfer: the main metric of every checkpoint on every corpus, on clean speech.

Measurements: what may be lost between corpora is no question of limits but of what the checkpoint is for.
"""

from __future__ import annotations

from ser_audit.benchmark.audit import Needs
from ser_audit.benchmark.estimand import single
from ser_audit.benchmark.finding import Finding
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Question, answer
from ser_audit.benchmark.run import Run
from ser_audit.benchmark.scored import Scored, tables, unjudged
from ser_audit.benchmark.wording import states

NAME = "transfer"
CODES = {"SER501": "How well does a checkpoint do on each corpus?"}


def plan() -> Needs:
    """Need clean predictions only."""
    return Needs()


def judge(run: Run, policy: Policy) -> list[Finding]:
    """Findings on every checkpoint × corpus × output, on speakers that may be judged."""
    languages = {corpus.name: corpus.languages for corpus in run.manifest.corpora}
    found: list[Finding] = []
    for scored, *_ in tables(run):
        found += unjudged("SER501", NAME, scored)
        if scored.cohort.judged:
            spoken = "+".join(languages[scored.predictions.corpus]) or None
            questions = [_question(scored, output, spoken) for output in scored.outputs]
            found += answer(questions, policy, scored.draws(policy.draws, policy.seed))
    return found


def _question(scored: Scored, output: str, language: str | None) -> Question:
    """Ask for one cell of the matrix."""
    rows = scored.ok(CLEAN) & scored.known(output)
    metric = scored.main(output, rows)
    counted = scored.counted(rows)
    trained = scored.checkpoint.trained_on
    inside = None if trained is None else any(t.corpus == scored.predictions.corpus for t in trained)
    known = {True: "a corpus it was trained on", False: "a corpus it was not trained on"}
    what = f"On {known[inside]}, {metric.name}" if inside is not None else metric.name
    return Question(
        code="SER501",
        audit=NAME,
        metric=metric.name,
        subject=scored.subject(condition=CLEAN, output=output),
        estimand=single(*scored.measured(metric, output, rows)),
        words=states(f"{what} of {output} on {scored.place}", counted.speakers),
        details={"in_domain": inside, "chance": metric.chance, "language": language},
        note=scored.cohort.note,
        counted=counted,
    )
