"""Listing, recognising and describing checkpoints, and hashing their files, loads no large library."""

import subprocess
import sys

HEAVY = ("torch", "transformers", "onnxruntime", "pandas", "scipy", "matplotlib")


def loaded_by(code):
    shown = f"import sys\n{code}\nprint(*[m for m in {HEAVY} if m in sys.modules])"
    return subprocess.run(
        [sys.executable, "-c", shown], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()


def test_all_formats_can_be_listed():
    code = (
        "from ser_audit.benchmark import plugins\n"
        "for name in plugins.names('checkpoints'):\n"
        "    assert plugins.summary('checkpoints', name)"
    )
    assert loaded_by(code) == []


def test_a_folder_can_be_described(group_folder):
    code = f"from ser_audit.benchmark.checkpoints import describe\ndescribe({str(group_folder)!r})"
    assert loaded_by(code) == []


def test_a_revision_needs_no_model(group_folder):
    code = (
        "from ser_audit.benchmark.checkpoints import revision_of\n"
        f"assert revision_of({str(group_folder)!r}, 'huggingface').startswith('sha256:')"
    )
    assert loaded_by(code) == []


def test_no_format_needs_a_library_to_say_that_a_file_is_not_its_own(group_folder, tmp_path):
    for name in ("graph.onnx", "archive.pt2", "archive.pt", "table.csv", "object.py", "notes.txt"):
        (tmp_path / name).write_bytes(b"0")
    (tmp_path / "empty").mkdir()
    references = [str(group_folder), f"{tmp_path / 'object.py'}:model", *map(str, sorted(tmp_path.iterdir()))]
    code = (
        "from ser_audit.benchmark import plugins\n"
        "for name in plugins.names('checkpoints'):\n"
        f"    for reference in {references!r}:\n"
        "        assert plugins.load('checkpoints', name).recognises(reference) in (True, False)"
    )
    assert loaded_by(code) == []


def test_the_inspection_is_imported_without_a_model():
    assert loaded_by("from ser_audit.benchmark.checkpoints import inspection") == []
