"""The same simulated runs as for the audits of the harness."""

import runpy
from pathlib import Path

_runs = runpy.run_path(str(Path(__file__).parents[1] / "benchmark/audits/conftest.py"))
simulate, make_run, pick, training = (_runs[name] for name in ("simulate", "make_run", "pick", "training"))
