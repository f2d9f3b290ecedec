"""A corpus is opened by whichever registered format recognises it; other paths are refused."""

import subprocess
import sys

import pytest
from ser_audit.benchmark import plugins
from ser_audit.benchmark.corpora import audformat, open_corpus, table
from ser_audit.benchmark.corpus import CorpusOptions
from ser_audit.benchmark.errors import InputError

TABLE = "file,speaker,emotion\n1.wav,x,sad\n"


def test_a_table_is_opened_by_its_suffix_in_any_case(tmp_path):
    for file in ("t.csv", "T.CSV"):
        (tmp_path / file).write_text(TABLE)
        corpus = open_corpus("mine", str(tmp_path / file), CorpusOptions())
        assert (corpus.name, corpus.format, corpus.source) == ("mine", "table", file)


def test_a_missing_path_is_named(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path / "none"):
        with pytest.raises(InputError, match=f"corpus mine: no such file or folder: {path}$"):
            open_corpus("mine", str(path), CorpusOptions())


def test_an_unknown_format_is_refused_with_what_is_accepted(tmp_path):
    (tmp_path / "t.xlsx").touch()
    for path in (tmp_path / "t.xlsx", tmp_path):
        with pytest.raises(InputError) as caught:
            open_corpus("mine", str(path), CorpusOptions())
        message = str(caught.value)
        assert all(f"{name}: " in message for name in plugins.names("corpora"))
        assert "CSV, TSV, Parquet or JSON Lines" in message
        assert "\n" not in message


def test_formats_do_not_recognise_each_other(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "db.yaml").touch()
    assert table.recognises(str(tmp_path / "t.csv"))
    assert not audformat.recognises(str(tmp_path / "t.csv"))
    assert audformat.recognises(str(tmp_path / "db"))
    assert not table.recognises(str(tmp_path / "db"))


def test_formats_import_nothing_heavy():
    heavy = "pandas pyarrow soundfile soxr audformat torch scipy yaml"
    code = (
        "import sys, ser_audit.benchmark.corpora.table, ser_audit.benchmark.corpora.audformat\n"
        f"print([m for m in '{heavy}'.split() if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
