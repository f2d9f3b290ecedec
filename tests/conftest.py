"""Fixtures that all tests share."""

import os
import tempfile
from pathlib import Path

import pytest

CHROMIUM = os.environ.get("SER_AUDIT_CHROMIUM", "/usr/bin/chromium")


os.environ["SER_AUDIT_CACHE"] = tempfile.mkdtemp(prefix="ser-audit-")  # of fixtures that tests share


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch) -> Path:
    """No test is answered from what another one, or its user, computed."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("SER_AUDIT_CACHE", str(folder))
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real corpora and checkpoints; in CI its absence is a failure, elsewhere a skip."""
    path = Path(os.environ.get("SER_AUDIT_SHARED", Path(__file__).parents[1] / ".." / "shared")).resolve()
    if not (path / "corpora").is_dir():
        reason = f"the shared corpora are absent: no {path.name}/corpora; set SER_AUDIT_SHARED"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium; in CI its absence is a failure, elsewhere a skip."""
    if not Path(CHROMIUM).is_file():
        reason = f"no Chromium at {CHROMIUM}: install Debian's chromium, or set SER_AUDIT_CHROMIUM"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests begin first, so that none is left to one worker at the end."""
    longest = ("test_wheel.py", "test_real_audit.py")
    items.sort(key=lambda item: item.path.name not in longest)
