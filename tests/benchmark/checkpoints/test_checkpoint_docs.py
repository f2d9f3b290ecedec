"""docs/checkpoints.md covers every format and key, and its example works as it stands."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
from ser_audit.benchmark import plugins
from ser_audit.benchmark.checkpoints import ACCEPTED, open_checkpoint
from ser_audit.benchmark.checkpoints.info import Facts
from ser_audit.benchmark.checkpoints.inspection import inspect_checkpoint
from ser_audit.benchmark.cli.inspect import POLICIES

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "checkpoints.md").read_text()
SECTIONS = dict(re.findall(r"^## [^\n]*\(`(\w+)`\)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
FORMATS = plugins.names("checkpoints")


def test_every_format_has_a_section_and_every_section_a_format():
    assert sorted(SECTIONS) == sorted(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_section_says_files_facts_batches_and_refusals(name):
    for head in (r"\*\*Files\*\*", r"\*\*Read from (them|it)\*\*", r"\*\*Asked for\*\*", r"\*\*Batches\*\*"):
        assert re.search(head, SECTIONS[name]), head
    assert "**Refused**" in SECTIONS[name]


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_keeps_the_contract_that_the_page_states(name):
    module = plugins.load("checkpoints", name)
    for function in ("recognises", "facts", "files"):
        assert list(inspect.signature(getattr(module, function)).parameters) == ["reference"]
        assert f"| `{function}(reference)" in PAGE
    parameters = inspect.signature(module.open_checkpoint).parameters
    assert list(parameters) == ["reference", "info", "name", "device", "threads"]
    assert f"| `open_checkpoint({', '.join(parameters)}=2)`" in PAGE
    assert hasattr(module, "TRUST") == ("--trust" in SECTIONS[name])
    assert hasattr(module, "complete") == (name == "python")


def test_every_key_of_a_sidecar_is_explained():
    table = PAGE.partition("| key | what |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE)))) == set(
        Facts.model_fields
    )


def test_every_policy_is_explained():
    table = PAGE.partition("| policy |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| ([a-z ]+) \|", table, re.MULTILINE) == list(POLICIES)


def test_what_a_checkpoint_may_be_is_said_where_one_is_refused_and_in_the_readme():
    readme = (ROOT / "README.md").read_text().partition("### Checkpoints")[2].partition("###")[0]
    for word in ("Hugging Face", "audEERING", "Odyssey", "SpeechBrain", "emotion2vec", "audonnx", "ONNX"):
        assert word in ACCEPTED
        assert word in readme
    for word in ("torch.export", "TorchScript", "table of predictions", "Python object", "bundled"):
        assert word in ACCEPTED
        assert word in readme


def test_the_worked_example_works(tmp_path):
    from safetensors.numpy import save_file

    (code,) = re.findall(r"```python\n(.*?)```", SECTIONS["python"], re.DOTALL)
    (tmp_path / "mine.py").write_text(code)
    (tmp_path / "network.py").write_text(
        "import torch\n\n\nclass Network(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.scale = torch.nn.Parameter(torch.ones(4))\n\n"
        "    def forward(self, wave):\n"
        "        return self.scale * wave.square().mean()\n"
    )
    weights = np.array([1, 2, 3, 4], dtype=np.float32)
    save_file({"scale": weights}, tmp_path / "weights.safetensors")
    found = inspect_checkpoint(f"{tmp_path / 'mine.py'}:Mine", threads=1)
    assert [output.name for output in found.outputs] == ["neutral", "happy", "sad", "angry"]
    assert [file.name for file in found.files] == ["mine.py", "network.py", "weights.safetensors"]
    assert found.revision_is_complete
    assert found.trained_on[0].corpus == "iemocap"
    wave = np.full(16000, 0.5, dtype=np.float32)
    expected = np.exp(weights / 4) / np.exp(weights / 4).sum()
    scores = open_checkpoint(f"{tmp_path / 'mine.py'}:Mine", threads=1).predict([wave])
    np.testing.assert_allclose(scores[0], expected, rtol=1e-6)
