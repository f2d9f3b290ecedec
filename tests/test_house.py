"""The house's own rules: what the wheel holds, and who imports whom."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("benchmark", "fairness", "perturbations", "reports")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SOURCES = [p for f in FOLDERS for p in sorted((ROOT / f).rglob("*.py"))]


def test_every_folder_with_code_is_listed_as_a_package():
    found = {"ser_audit." + ".".join(p.parent.relative_to(ROOT).parts) for p in SOURCES}
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == found


def test_every_kind_of_file_in_the_folders_is_shipped():
    patterns = {Path(p).suffix for p in PROJECT["tool"]["setuptools"]["package-data"]["*"]} | {".py"}
    files = [p for f in FOLDERS for p in (ROOT / f).rglob("*") if p.is_file()]
    found = {p.suffix for p in files if "__pycache__" not in p.parts}
    assert found - {"", ".typed"} <= patterns


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_module_imports_the_folders_from_the_root(path):
    wrong = re.findall(rf"^\s*(?:from|import) (?:{'|'.join(FOLDERS)})\b.*", path.read_text(), re.MULTILINE)
    assert not wrong


def test_only_constraints_pin_and_never_to_a_local_build():
    ranges = PROJECT["project"]["dependencies"]
    assert not [r for r in ranges if "==" in r]
    pins = [x for x in (ROOT / "constraints.txt").read_text().splitlines() if x and not x.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9A-Za-z.]+", p) for p in pins)
    names = {re.split("==", p)[0].lower().replace("_", "-") for p in pins}
    assert {re.split("[<>=]", r)[0].lower().replace("_", "-") for r in ranges} <= names


def test_the_version_is_the_same_everywhere():
    version = PROJECT["project"]["version"]
    assert f"version: {version}" in (ROOT / "CITATION.cff").read_text()
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()
