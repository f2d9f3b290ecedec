"""Listing and describing checkpoints loads no deep-learning library."""

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
