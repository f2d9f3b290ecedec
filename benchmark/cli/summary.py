"""The summary that a person reads on the terminal, and the exit code that a script reads."""

from __future__ import annotations

from pathlib import Path

import click

from ..finding import VERDICTS, Finding
from ..run import Run

TRAINING = ("SER104", "SER105")  # what is known of the training data
MAIN = ("SER202", "SER205")  # the metric per dimension, and of emotion


def say(run: Run) -> None:
    """Print verdict counts by audit, the main results, the worst findings, and where the report lies."""
    from ..ranking import worst

    manifest, findings = run.manifest, run.findings.findings
    names = (
        f"{', '.join(c.name for c in manifest.checkpoints)} × {', '.join(c.name for c in manifest.corpora)}"
    )
    click.echo(f"\n{names} · {len(manifest.conditions)} conditions · {manifest.device}\n")
    heads = "".join(f"{v.replace('_', ' '):>16}" for v in VERDICTS)
    click.echo(f"{'audit':14}{heads}{'measured':>16}")
    for audit in manifest.audits:
        own = [f for f in findings if f.audit == audit]
        judged = [f.verdict for f in own if f.counted]
        counts = "".join(f"{judged.count(v):>16}" for v in VERDICTS)
        click.echo(f"{audit:14}{counts}{len(own) - len(judged):>16}")
    _lines("Beware", [f for f in findings if f.code in TRAINING and f.verdict not in ("pass", "error")])
    _lines("Clean speech", [f for f in findings if f.code in MAIN])
    _lines("Worst findings", worst(findings, 3))
    failed = failed_rows(run)
    if failed:
        click.echo(f"\n{failed} rows have no prediction; see SER106 in the report.")
    click.echo(f"\nReport: {run.path / 'report.html'}")


def _lines(title: str, findings: list[Finding]) -> None:
    if findings:
        click.echo(f"\n{title}")
    for finding in findings:
        names = (finding.subject.checkpoint, finding.subject.corpus)
        click.echo(f"  {finding.code} {' × '.join(filter(None, names))}: {finding.message}")


def failed_rows(run: Run) -> int:
    """Rows without a prediction, over all tables of the run."""
    import pyarrow.parquet as pq

    tables = sorted((Path(run.path) / "predictions").glob("*.parquet"))
    return sum(s != "ok" for t in tables for s in pq.read_table(t, columns=["status"])["status"].to_pylist())


def exit_code(run: Run, *, gate: bool) -> int:
    """0 complete, 3 rows without a prediction.

    As a gate also 1 for a fail, and 3 for an undecided verdict or where nothing beside integrity was judged.
    """
    verdicts = {f.verdict for f in run.findings.findings}
    if gate and "fail" in verdicts:
        return 1
    judged = [f for f in run.findings.findings if f.counted and f.audit != "integrity"]
    if gate and (verdicts & {"inconclusive", "error"} or all(f.verdict == "not_applicable" for f in judged)):
        return 3
    return 3 if run.missing() or failed_rows(run) else 0
