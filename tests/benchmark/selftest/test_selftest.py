"""The selftest as a command: right where the audit is right, 1 where it is not."""

import pytest
from click.testing import CliRunner
from ser_audit.benchmark import question
from ser_audit.benchmark.cli import commands
from ser_audit.benchmark.errors import InputError
from ser_audit.benchmark.selftest import heard, trial
from ser_audit.benchmark.selftest.checkpoints import hiss, level
from ser_audit.benchmark.selftest.expected import read
from ser_audit.benchmark.selftest.matrix import Matrix

CHEAP = ("random rater", "sex-biased", "NaN on silence")


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    monkeypatch.setattr("ser_audit.benchmark.spec.cores", lambda: 1)


def run(*arguments: str):
    return CliRunner().invoke(
        commands, ["selftest", *arguments], standalone_mode=False, catch_exceptions=False
    )


def test_the_command_prints_the_matrix_and_returns_0_where_all_is_right():
    result = run(*CHEAP)
    assert result.return_value == 0
    lines = result.output.splitlines()
    assert "3 of 3 mutants are right." in lines
    head = next(line for line in lines if line.startswith("mutant")).split()
    row = next(line for line in lines if line.startswith("sex-biased")).split()
    assert row[1:][head[1:].index("401")] == "●"
    assert row[1:][head[1:].index("201")] == "·"


def test_a_judge_that_never_fails_is_found_out(monkeypatch):
    monkeypatch.setattr(question, "verdict", lambda interval, limit: "pass" if limit else "not_applicable")
    result = run("sex-biased")
    assert result.return_value == 1
    assert "✗ sex-biased: SER401 speech clean arousal sex: female − male must fail" in result.output


def test_a_judge_that_does_not_ask_for_skill_is_found_out(monkeypatch):
    """Without the gate a constant rater passes every gap."""
    from ser_audit.benchmark import skill

    monkeypatch.setattr(skill, "lack", lambda found: None)
    for module in ("ser_audit.fairness.skilled", "ser_audit.benchmark.audits.correctness"):
        monkeypatch.setattr(f"{module}.lack", lambda found: None, raising=False)
    result = run("constant rater")
    assert result.return_value == 1
    assert "· passed ·" in result.output


def test_a_judge_that_fails_whom_it_should_not_is_found_out(monkeypatch):
    monkeypatch.setattr(question, "verdict", lambda interval, limit: "fail" if limit else "not_applicable")
    result = run("clean")
    assert result.return_value == 1
    assert "· found ·" in result.output


def test_over_repeats_one_seed_in_twenty_may_be_wrong():
    policy = trial.limits()
    right = trial.trial(("NaN on silence",), 0, policy, workers=1)
    silenced = {"NaN on silence": []}
    for wrong, verdict in ((1, True), (2, False)):
        matrix = Matrix(("NaN on silence",), read())
        for number in range(20):
            matrix.add(silenced if number < wrong else right)
        assert matrix.right is verdict
        assert f"in {wrong} of 20 trials" in matrix.text()


def test_a_name_that_no_mutant_has_is_refused():
    with pytest.raises(InputError, match="did you mean 'random rater'"):
        trial.chosen(["random ratr"])


def test_what_mutants_listen_for_is_there_and_is_not():
    """White noise at 30 dB hisses, clean speech does not; 2 dB of gain are 2 dB of level."""
    import numpy as np
    from ser_audit.benchmark.corpora import open_corpus
    from ser_audit.benchmark.corpus import CorpusOptions
    from ser_audit.benchmark.selftest.checkpoints import HISS
    from ser_audit.perturbations.make import make

    gain, noise = (make(condition) for condition in heard.CONDITIONS)
    for name in ("aru", "beno"):
        for utterance in open_corpus(
            name, f"synthetic:{name}?speakers=8&utterances=2", CorpusOptions()
        ).utterances:
            wave = utterance.load()[0]
            rng = np.random.default_rng(0)
            assert hiss(wave) < HISS - 4
            assert hiss(noise(wave, 16000, rng)) > HISS + 4
            assert level(gain(wave, 16000, rng)) - level(wave) == pytest.approx(2, abs=0.01)


def test_the_re_initialised_head_is_another_head_on_the_same_body(tmp_path):
    import numpy as np
    from safetensors.numpy import load_file
    from ser_audit.benchmark.checkpoints import resolve
    from ser_audit.benchmark.selftest.checkpoints import reinitialised

    own = load_file(f"{resolve('bundled')}/model.safetensors")
    new = load_file(reinitialised(tmp_path / "head") / "model.safetensors")
    assert own.keys() == new.keys()
    changed = {key for key in own if not np.array_equal(own[key], new[key])}
    assert changed == {key for key in own if key.startswith("classifier.")}
    assert new["classifier.dense.weight"].std() == pytest.approx(0.02, rel=0.05)
