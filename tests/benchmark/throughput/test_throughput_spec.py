"""What a spec and the command line ask throughput for."""

import pytest
from click.testing import CliRunner
from ser_audit.benchmark import InputError, Spec, read_spec
from ser_audit.benchmark.cli import commands

COMMAND = ["run", "bundled", "--corpus", "aru=synthetic:aru", "-o", "run", "--dry-run"]


def test_variants_cost_time_and_are_not_the_default():
    spec = Spec(checkpoints="bundled", corpora={"a": "x.csv"})
    assert (spec.variants, spec.baseline, spec.server_rate) == ((), None, None)


def test_they_are_asked_for_in_a_file(tmp_path):
    path = tmp_path / "audit.toml"
    path.write_text(
        'checkpoints = ["bundled"]\ncorpora = { a = "x.csv" }\n'
        'variants = ["int8", "compiled"]\nbaseline = "bundled"\nserver_rate = 12.5\n'
    )
    spec = read_spec(path)
    assert (spec.variants, spec.baseline, spec.server_rate) == (("int8", "compiled"), "bundled", 12.5)


@pytest.mark.parametrize("line", ['variants = ["int4"]', "server_rate = 0"])
def test_what_there_is_not_is_refused(tmp_path, line):
    path = tmp_path / "audit.toml"
    path.write_text(f'checkpoints = ["bundled"]\ncorpora = {{ a = "x.csv" }}\n{line}\n')
    with pytest.raises(InputError, match=line.split()[0]):
        read_spec(path)


def test_flags_name_variants_and_the_baseline(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "ser_audit.benchmark.engine.estimate.estimate", lambda spec: asked.append(spec) or "estimated"
    )
    flags = ["--variant", "int8", "--variant", "bfloat16", "--baseline", "bundled"]
    assert CliRunner().invoke(commands, [*COMMAND, *flags]).exit_code == 0
    assert CliRunner().invoke(commands, COMMAND).exit_code == 0
    assert (asked[0].variants, asked[0].baseline) == (("int8", "bfloat16"), "bundled")
    assert (asked[1].variants, asked[1].baseline) == ((), None)
