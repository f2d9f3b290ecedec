"""The built wheel, in an empty environment, as a user has it."""

import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = ("benchmark", "fairness", "perturbations", "reports", "pyproject.toml", "README.md", "LICENSE")


def test_the_built_wheel_runs_the_demo_in_an_empty_environment(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name in FILES:  # a copy: a build folder of an older tree must not leak into the wheel
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(path, source / name)
    subprocess.run([sys.executable, "-m", "build", "--wheel", "-o", tmp_path / "dist", source], check=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    venv.create(tmp_path / "env", with_pip=True)
    scripts = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    pip = [scripts / "python", "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel]
    subprocess.run(pip, check=True)
    start = time.perf_counter()
    demo = subprocess.run(
        [scripts / "ser-audit", "demo", "-o", tmp_path / "run"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    print(f"demo: {time.perf_counter() - start:.1f} s\n{demo.stdout}")
    assert demo.returncode == 0, demo.stderr
    assert "Report:" in demo.stdout
    assert (tmp_path / "run" / "report.html").stat().st_size > 50_000
    assert len(list((tmp_path / "run" / "predictions").glob("*.parquet"))) == 2 * 14
