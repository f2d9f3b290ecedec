"""Gaps between corpora of different languages: measured, as a language cannot be told from its corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from ser_audit.benchmark.estimand import Counted, contrast
from ser_audit.benchmark.finding import Finding, Subject
from ser_audit.benchmark.metrics import UAR
from ser_audit.benchmark.policy import Policy
from ser_audit.benchmark.predictions import CLEAN
from ser_audit.benchmark.question import Question, answer
from ser_audit.benchmark.resampling import Draws
from ser_audit.benchmark.scored import EMOTION, Scored
from ser_audit.benchmark.wording import gap


def between_corpora(cohorts: Sequence[tuple[Scored, str]], policy: Policy) -> list[Finding]:
    """Measure the gap of each pair of one checkpoint's corpora whose languages differ.

    Args:
        cohorts: judged cohorts of one checkpoint, each with the language of its corpus.
        policy: holds the confidence and the draws.
    """
    found: list[Finding] = []
    for (one, spoken), (other, heard) in combinations(sorted(cohorts, key=lambda pair: pair[1]), 2):
        if spoken != heard:
            sizes = [len(one.cohort.speakers), len(other.cohort.speakers)]
            draws = Draws.of(np.repeat([0, 1], sizes), policy.draws, policy.seed)
            found += answer(list(_questions(one, other, f"{spoken} − {heard}")), policy, draws)
    return found


def _questions(one: Scored, other: Scored, pair: str) -> Iterator[Question]:
    """Ask for the gap in every output that both corpora have truth for; UAR over shared classes."""
    place = f"{one.place} and {other.place}"
    for output in (o for o in one.outputs if o in other.outputs):
        sides, n, speakers = [], 0, 0
        shared = tuple(c for c in one.classes if c in other.classes)
        if output == EMOTION and len(shared) < 2:
            continue
        for scored in (one, other):
            rows = scored.ok(CLEAN) & scored.known(output)
            metric = scored.main(output, rows)
            if isinstance(metric, UAR):
                metric = replace(metric, labels=shared)
                rows &= np.isin(scored.truth(output), shared)
            sides.append((metric, scored.measured(metric, output, rows)[1].sums(metric)))
            counted = scored.counted(rows)
            n, speakers = n + counted.n, speakers + counted.speakers
        (metric, a), (second, b) = sides
        first_language, _, second_language = pair.partition(" − ")
        estimand = contrast(
            (metric, np.vstack([a, np.zeros_like(b)])), (second, np.vstack([np.zeros_like(a), b]))
        )
        yield Question(
            code="SER405",
            audit="fairness",
            metric=f"gap of {metric.name}",
            subject=Subject(
                checkpoint=one.predictions.checkpoint,
                condition=CLEAN,
                output=output,
                group=f"language: {pair}",
            ),
            estimand=estimand,
            counted=Counted(n, speakers),
            words=gap(f"{metric.name} of {output}", first_language, second_language, place, speakers),
            details={
                "first": one.predictions.corpus,
                "second": other.predictions.corpus,
                "value_first": estimand.parts[0].value,
                "value_second": estimand.parts[1].value,
                **({"classes": len(shared)} if output == EMOTION else {}),
            },
            note="the corpora differ in more than their language",
        )
