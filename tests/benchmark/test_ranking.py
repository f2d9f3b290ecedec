from ser_audit.benchmark.finding import Estimate, Finding, Limit, Subject
from ser_audit.benchmark.ranking import excess, worst


def finding(audit, value, verdict="fail", low=None, high=None):
    return Finding(
        code="SER000",
        audit=audit,
        subject=Subject(checkpoint="m"),
        estimate=Estimate(value=value),
        limit=Limit(low=low, high=high, source="test"),
        verdict=verdict,
        message=f"{audit} {value}",
    )


def test_excess_is_the_distance_beyond_either_end_of_the_limit():
    assert excess(finding("a", -0.3, low=-0.05)) == 0.25
    assert excess(finding("a", 0.2, high=0.075)) == 0.125
    assert excess(finding("a", 0.01, low=-0.05, high=0.05)) == 0


def test_the_worst_of_each_audit_comes_before_the_second_of_any():
    small, large, larger = (finding("robustness", v, low=0) for v in (-0.1, -0.5, -0.6))
    other, passed = finding("fairness", -0.2, low=0), finding("correctness", -9, "pass", low=0)
    assert worst([small, large, other, larger, passed], 3) == [larger, other, large]
    assert worst([passed], 3) == []
