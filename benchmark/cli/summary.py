"""The summary that a person reads on the terminal, and the exit code that a script reads."""

from __future__ import annotations

from pathlib import Path

import click

from ..finding import VERDICTS, Finding
from ..run import Run

MAIN = ("SER202", "SER205")  # the metric per dimension, and of emotion


def say(run: Run) -> None:
    """Print verdict counts by audit, the main results, the worst findings, and where the report lies."""
    from ..ranking import worst

    manifest, findings = run.manifest, run.findings.findings
    names = (
        f"{', '.join(c.name for c in manifest.checkpoints)} × {', '.join(c.name for c in manifest.corpora)}"
    )
    click.echo(f"\n{names} · {len(manifest.conditions)} conditions · {manifest.device}\n")
    click.echo(f"{'audit':14}" + "".join(f"{v.replace('_', ' '):>16}" for v in VERDICTS))
    for audit in manifest.audits:
        judged = [f.verdict for f in findings if f.audit == audit and f.counted]
        click.echo(f"{audit:14}" + "".join(f"{judged.count(v):>16}" for v in VERDICTS))
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
    """0 complete, 3 rows without a prediction; as a gate also 1 for a fail and 3 for an undecided verdict."""
    verdicts = {f.verdict for f in run.findings.findings}
    if gate and "fail" in verdicts:
        return 1
    if gate and verdicts & {"inconclusive", "error"}:
        return 3
    return 3 if run.missing() or failed_rows(run) else 0
