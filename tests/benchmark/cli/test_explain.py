"""Every finding code has a page, whole and true, on the terminal and in the docs."""

import os
import pty
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner
from ser_audit.benchmark import plugins
from ser_audit.benchmark.cli import commands, main
from ser_audit.benchmark.codes import SECTIONS, codes
from ser_audit.benchmark.document import document
from ser_audit.benchmark.policy import load
from ser_audit.benchmark.verdict import allowed

DOCS = Path(__file__).parents[3] / "docs" / "findings.md"
KNOWN = codes()
LIMIT = re.compile(  # of the default policy, and of ser-tests where a page tells it
    r"`\[([\w.]+)\] ([\w -]+)` of the policy; by default ((?:above|below|between|none).*?)(?=\. |[,;])"
    r"(?:, so it is measured only; the policy `ser-tests` has (.*?)(?=\. |[,;]))?"
)


def test_every_code_of_every_registered_audit_is_known():
    asked = {code for audit in plugins.names("audits") for code in plugins.load("audits", audit).CODES}
    assert set(KNOWN) == asked
    assert list(KNOWN) == sorted(asked)


@pytest.mark.parametrize("code", KNOWN)
def test_a_page_has_every_section_with_a_text_and_at_most_40_lines(code):
    page = KNOWN[code].page
    assert page is not None, f"write codes/{code}.md beside the audit {KNOWN[code].audit}"
    assert tuple(re.findall(r"^## (.*)$", page, re.MULTILINE)) == SECTIONS
    assert all(len(text.split()) > 1 for text in re.split(r"^## .*$", page, flags=re.MULTILINE)[1:])
    assert len(page.splitlines()) <= 40
    assert max(map(len, page.splitlines())) <= 110


def test_no_page_is_without_a_code():
    packages = {sys.modules[point.module].__package__ for point in plugins.found("audits").values()}
    folders = [resources.files(package).joinpath("codes") for package in packages]
    paths = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    pages = [path.name for path in paths if path.name.endswith(".md")]
    assert sorted(pages) == [f"{code}.md" for code in KNOWN]


@pytest.mark.parametrize("code", KNOWN)
def test_codes_that_a_page_names_exist(code):
    assert set(re.findall(r"SER\d+", KNOWN[code].page)) <= set(KNOWN)


def test_limits_on_pages_are_those_of_the_policies():
    found = [(code.name, *named) for code in KNOWN.values() for named in LIMIT.findall(_flat(code.page))]
    assert {name for name, *_ in found} >= {"SER202", "SER208", "SER301", "SER401", "SER603"}
    assert sum(bool(theirs) for *_, theirs in found) > 5
    for name, table, metric, ours, theirs in found:
        for policy, told in (("default", ours), ("ser-tests", theirs)):
            limit = limit_of(load(policy), table, metric)
            assert told in (allowed(limit) if limit else "none", ""), f"{name}: {policy} {table} {metric}"


def limit_of(policy, table, metric):
    kind, _, column = table.partition(".")
    return {
        "correctness": lambda: policy.correctness_limit(metric),
        "robustness": lambda: policy.robustness_limit(metric, "noise.white@snr_db=20"),
        "fairness": lambda: policy.fairness_limit(column, metric),
        "throughput": lambda: policy.throughput_limit(metric),
    }[kind]()


def _flat(text):
    return " ".join(text.split())


def test_the_docs_are_made_from_the_pages():
    again = "make it again: python -m ser_audit.benchmark.document > docs/findings.md"
    assert DOCS.read_text(encoding="utf-8") == document(), again


def test_the_docs_hold_every_page_word_for_word():
    text = _flat(DOCS.read_text(encoding="utf-8"))
    for code in KNOWN.values():
        assert f"### {code.name}: {code.question}" in text
        assert all(_flat(part) in text for part in re.split(r"^## .*$", code.page, flags=re.MULTILINE))


@pytest.mark.parametrize("given", ["SER401", "ser401"])
def test_into_a_pipe_goes_the_page_as_it_is(given):
    result = CliRunner().invoke(commands, ["explain", given])
    assert result.exit_code == 0
    assert result.output == KNOWN["SER401"].text
    assert result.output.startswith(f"# SER401: {KNOWN['SER401'].question}\n")
    assert KNOWN["SER401"].page in result.output


def test_on_a_terminal_the_page_is_set_without_its_marks():
    ours, theirs = pty.openpty()
    block = "from ser_audit.benchmark.cli import main; main(['explain', 'SER202'])"
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "90"}
    subprocess.run([sys.executable, "-c", block], stdout=theirs, check=True, env=env)
    os.close(theirs)
    text = b""
    while chunk := _rest(ours):
        text += chunk
    shown = re.sub(r"\x1b\[[\d;]*m", "", text.decode())
    assert "\x1b[" in text.decode()
    assert all(section in shown for section in SECTIONS)
    assert "#" not in shown
    assert "`" not in shown
    assert "CCC = 2 s_xy / (s_x² + s_y² + (x̄ − ȳ)²)" in _flat(shown)
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= 90


def _rest(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # its other end is closed
        return b""


def test_without_a_code_all_are_listed_with_their_questions():
    result = CliRunner().invoke(commands, ["explain"])
    lines = [line.split(maxsplit=1) for line in result.output.splitlines() if line.startswith(" ")]
    assert [tuple(line) for line in lines] == [(code.name, code.question) for code in KNOWN.values()]


@pytest.mark.parametrize(("given", "hint"), [("SER-401", "SER401"), ("401", "SER401"), ("serr301", "SER301")])
def test_an_unknown_code_is_one_line_with_the_nearest_and_exit_2(given, hint, capfd):
    with pytest.raises(SystemExit) as stopped:
        main(["explain", given])
    out, err = capfd.readouterr()
    assert (stopped.value.code, out) == (2, "")
    assert err == f"error: {given!r} is no finding code: did you mean {hint!r}?\n"


def test_the_page_of_a_plug_in_lies_beside_its_audit(tmp_path, monkeypatch):
    package = tmp_path / "ser_audit_layers"
    (package / "codes").mkdir(parents=True)
    (package / "__init__.py").write_text("CODES = {'LAY101': 'Which layer?', 'LAY102': 'Why?'}\n")
    (package / "codes" / "LAY101.md").write_text("## What is asked\n\nWhich layer.\n")
    info = tmp_path / "ser_audit_layers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ser-audit-layers\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ser_audit.audits]\nlayers = ser_audit_layers\n")
    monkeypatch.syspath_prepend(tmp_path)
    plugins.found.cache_clear()
    try:
        with_page, without = (
            CliRunner().invoke(commands, ["explain", c]).output for c in ("lay101", "LAY102")
        )
        assert "LAY101" not in document()
    finally:
        monkeypatch.undo()
        plugins.found.cache_clear()
    assert (
        with_page
        == "# LAY101: Which layer?\n\n*A finding of the audit layers.*\n\n## What is asked\n\nWhich layer.\n"
    )
    assert "has no page" in without
    assert "Why?" in without
