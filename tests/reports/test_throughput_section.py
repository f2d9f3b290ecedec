"""The section on throughput: arrivals, the baseline and other arithmetics apart from times and sizes."""

import pytest
from ser_audit.benchmark.finding import Estimate, Finding, Limit, Subject
from ser_audit.reports.html import render
from ser_audit.reports.model import Table
from ser_audit.reports.view import view

LIMIT = Limit(high=1.1, source="a test")


def found(
    code, metric, value, group=None, low=None, high=None, limit=None, verdict="not_applicable", **details
):
    return Finding(
        code=code,
        audit="throughput",
        metric=metric,
        subject=Subject(checkpoint="classes", group=group),
        estimate=Estimate(value=value, low=low, high=high, confidence=low and 0.95, n=40),
        limit=limit,
        verdict=verdict,
        message=f"The {metric} of {group} is {value}.",
        details=details,
    )


@pytest.fixture
def run(changed):
    ends = {"low": 1.2, "high": 1.4, "limit": LIMIT, "verdict": "fail"}
    return changed(
        found("SER601", "load time [s]", 0.9),
        found("SER602", "latency p50 [ms]", 56.9, p90=71.8, p99=92.8),
        found("SER606", "server latency p50 [ms]", 88.0, p90=120.5, p99=140.0),
        found("SER607", "ratio to baseline", 1.3, "single stream: classes / dims", **ends),
        found("SER607", "ratio to baseline", 1.31, "offline: classes / dims", **ends),
        found("SER608", "peak memory [MiB]", 812.0),
        found("SER610", "ratio to float32", 0.52, "int8, offline", low=0.5, high=0.54),
        found("SER611", "changed labels", 0.02, "int8", low=0.0, high=0.1),
        Finding(
            code="SER610",
            audit="throughput",
            subject=Subject(checkpoint="classes"),
            verdict="not_applicable",
            message="classes as compiled could not be made: no compiler.",
        ),
    )


def parts(run):
    return next(s for s in view(run).sections if s.id == "audit-throughput").parts


def tables(part):
    return [b for b in part.blocks if isinstance(b, Table)]


def test_each_kind_has_a_table_of_its_own(run):
    first, baseline, variants, *rest = parts(run)
    codes = [{f.code for f in t.findings} for t in tables(first)]
    assert codes == [{"SER601", "SER602", "SER608"}, {"SER606"}]
    assert (baseline.title, variants.title) == ("Against the baseline", "In other arithmetics")
    groups = dict.fromkeys(f.subject.group for f in tables(baseline)[0].findings)
    assert list(groups) == ["single stream: classes / dims", "offline: classes / dims"]
    assert {f.code for f in tables(variants)[0].findings} == {"SER610", "SER611"}
    assert any("no compiler" in f.message for p in rest for t in tables(p) for f in t.findings)


def test_percentiles_have_columns(run):
    _, arriving = tables(parts(run)[0])
    assert [c.label for c in arriving.columns] == ["Checkpoint", "Server latency p50 [ms]", "p90", "p99"]
    assert [cell.text for cell in arriving.rows[0]] == ["classes", "88", "120.5", "140"]


def test_the_baseline_is_a_verdict_with_its_interval_and_limit(run):
    (table,) = tables(parts(run)[1])
    row = dict(zip([c.label for c in table.columns], [c.text for c in table.rows[0]], strict=True))
    assert (row["Value"], row["Interval"], row["Limit"]) == ("1.30", "1.20 to 1.40", "below 1.1")
    assert row["Verdict"] == "fail"
    assert row["Finding"] == "The ratio to baseline of single stream: classes / dims is 1.3."
    assert "Against the baseline" in render(run)
