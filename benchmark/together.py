"""All of a family together: "every gap lies inside its limit", as one claim.

The claim may rest on the interval of each value alone at 90 %, two one-sided tests at 5 % each: all of them
must reject for the claim, so it errs in 5 % at most (intersection–union; Berger & Hsu 1996, theorem 1). It is
about all at once and never speaks against the verdict of one: where one fails, the claim fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .finding import Estimate, Finding, Subject, Verdict
from .resampling import Interval
from .verdict import verdict


def together(findings: Iterable[Finding], code: str, audit: str) -> list[Finding]:
    """Make one finding of each family of two or more judged findings.

    Args:
        findings: of one audit; those whose verdict was withheld do not count.
        code: of the new findings.
        audit: its name.
    """
    families: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.family is not None and finding.verdict != "not_applicable":
            families.setdefault(finding.family, []).append(finding)
    return [_claim(members, code, audit) for members in families.values() if len(members) > 1]


def _claim(members: Sequence[Finding], code: str, audit: str) -> Finding:
    """Claim that all members lie inside their limits."""
    failed = sum(f.verdict == "fail" for f in members)
    inside = sum(_inside(f) == "pass" for f in members)
    given: Verdict = "fail" if failed else "pass" if inside == len(members) else "inconclusive"
    told = {
        "fail": f"{failed} of {len(members)} lie outside their limits, so they do not all hold",
        "pass": f"all {len(members)} lie inside their limits, each at 90 % (two one-sided tests at 5 %)",
        "inconclusive": f"{inside} of {len(members)} lie inside their limits at 90 %, the others are open",
    }
    subject = _shared([f.subject for f in members])
    where = " of ".join(str(part) for part in (subject.cohort, subject.corpus) if part)
    by = f" by {subject.group}" if subject.group else ""
    what = (members[0].family or audit).partition(" · ")[0].replace("_", " ").capitalize()
    n = max((f.estimate.n for f in members if f.estimate), default=0)
    speakers = max((f.estimate.speakers for f in members if f.estimate), default=0)
    return Finding(
        code=code,
        audit=audit,
        metric="all together",
        subject=subject,
        estimate=Estimate(value=inside / len(members), n=n, speakers=speakers),
        verdict=given,
        message=f"{what}{by} on {where}, all together: {told[given]}.",
        details={"members": len(members), "inside": inside, "failed": failed},
    )


def _inside(finding: Finding) -> Verdict:
    """Hold the 90 % interval of one value alone against its limit; a pass stands as it is."""
    if finding.verdict == "pass" or finding.estimate is None:
        return finding.verdict
    ends = finding.estimate.equivalence_low, finding.estimate.equivalence_high
    return verdict(Interval(finding.estimate.value, *ends), finding.limit)


def _shared(subjects: Sequence[Subject]) -> Subject:
    """The subject that all have in common; of groups, the column that they share."""
    first = subjects[0].model_dump()
    same = {k: v for k, v in first.items() if all(getattr(s, k) == v for s in subjects)}
    columns = {(s.group or "").partition(":")[0] for s in subjects}
    if "group" not in same and len(columns) == 1:
        same["group"] = columns.pop() or None
    return Subject(**{"checkpoint": first["checkpoint"], **same})
