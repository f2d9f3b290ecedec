"""From a run to the model of its report: a pure function of manifest and findings."""

from __future__ import annotations

from collections.abc import Sequence

from ser_audit.benchmark import plugins
from ser_audit.benchmark.errors import InputError
from ser_audit.benchmark.finding import VERDICTS, Finding
from ser_audit.benchmark.manifest import Manifest
from ser_audit.benchmark.run import Run

from .model import Part, Report, Section, Table, identifier
from .overview import overview
from .sections import correctness, fairness, integrity, provenance, robustness, throughput, transfer
from .tables import listing

SECTIONS = {
    "integrity": integrity,
    "correctness": correctness,
    "robustness": robustness,
    "fairness": fairness,
    "transfer": transfer,
    "throughput": throughput,
}
LEAD = "An audit that this report has no section of its own for: all its findings."


def view(run: Run) -> Report:
    """Build the report's model.

    Raises:
        InputError: the run has no findings yet.
    """
    manifest, judged = run.manifest, run.findings
    audits = list(dict.fromkeys([*manifest.audits, *(f.audit for f in judged.findings)]))
    sections = [section(a, [f for f in judged.findings if f.audit == a], manifest) for a in audits]
    return Report(
        overview(manifest, judged.policy, judged.findings, sections),
        (*sections, provenance.section(manifest, judged.policy, questions(judged.findings))),
    )


def section(audit: str, findings: Sequence[Finding], manifest: Manifest) -> Section:
    """Build the section of one audit; findings that its parts do not show are listed at its end."""
    module = SECTIONS.get(audit)
    parts = module.parts(findings, manifest) if module else []
    shown = {
        id(f) for part in parts for block in part.blocks if isinstance(block, Table) for f in block.findings
    }
    rest = [f for f in findings if id(f) not in shown]
    if rest:
        parts = [
            *parts,
            Part("Further findings" if parts else "", (listing("Findings", rest, messages=True),)),
        ]
    return Section(
        id=identifier(audit),
        title=audit[:1].upper() + audit[1:],
        lead=module.LEAD if module else LEAD,
        counts={v: sum(f.counted and f.verdict == v for f in findings) for v in VERDICTS},
        measured=sum(not f.counted for f in findings),
        parts=tuple(parts),
    )


def questions(findings: Sequence[Finding]) -> dict[str, str]:
    """The question of each code that was found, where the audit that asks it is installed."""
    asked: dict[str, str] = {}
    for audit in dict.fromkeys(f.audit for f in findings):
        try:
            asked |= getattr(plugins.load("audits", audit), "CODES", {})
        except InputError:
            continue  # made elsewhere, with a plug-in that is not installed here
    return {code: asked[code] for code in sorted({f.code for f in findings}) if code in asked}
